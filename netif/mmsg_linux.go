// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// batchLen is how many packets one system call takes.
	batchLen = 64

	// dataLen is the size of the buffer for a packet received: more than any advertisement of 1500 octets and
	// its header.
	dataLen = 2048

	// controlLen has room for the ancillary data of a packet: timestamp, packet info, hop limit.
	controlLen = 128
)

// A message is one packet with its address and its ancillary data.
type message struct {
	name       unix.RawSockaddrInet6 // the largest of the kinds of address that go in here
	nameLen    uint32
	_          [0]uint64 // the kernel wants control aligned
	control    [controlLen]byte
	controlLen int
	data       []byte
}

// mmsghdr is struct mmsghdr of sendmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// A batch is what recvmmsg(2) and sendmmsg(2) work on. All of it is allocated once: it must not move while the
// kernel has it.
type batch struct {
	headers  [batchLen]mmsghdr
	vectors  [batchLen]unix.Iovec
	messages [batchLen]message
	next     int  // first message that is not sent
	n        int  // messages in use
	named    bool // the kernel is asked who sent what is received
}

// newBatch returns an empty batch.
func newBatch() *batch {
	b := new(batch)
	for i := range b.messages {
		h := &b.headers[i].hdr
		h.Iov = &b.vectors[i]
		h.SetIovlen(1)
	}
	return b
}

// newInbox returns a batch that has buffers to receive in.
func newInbox() *batch {
	b := newBatch()
	data := make([]byte, batchLen*dataLen)
	for i := range b.messages {
		m := &b.messages[i]
		m.data, data = data[:dataLen:dataLen], data[dataLen:]
		b.vectors[i].Base = &m.data[0]
		b.vectors[i].SetLen(dataLen)
		b.headers[i].hdr.Control = &m.control[0]
	}
	b.n = batchLen
	return b
}

// ask says whether the kernel is to be asked who sent what is received, which costs a tenth of the receipt: in IPv4 and in
// frames the header says it.
func (b *batch) ask(named bool) {
	if b.named == named {
		return
	}
	b.named = named
	for i := range b.messages {
		b.headers[i].hdr.Name, b.headers[i].hdr.Namelen = nil, 0
		if named {
			b.headers[i].hdr.Name, b.headers[i].hdr.Namelen = (*byte)(unsafe.Pointer(&b.messages[i].name)), unix.SizeofSockaddrInet6
		}
	}
}

// receive fills the batch from a socket and returns how many messages there are; the error is EAGAIN if there
// are none. The messages are valid until the next call.
func (b *batch) receive(fd int) (int, error) {
	for i := range b.n { // the kernel wrote into these
		h := &b.headers[i].hdr
		if b.named {
			h.Namelen = unix.SizeofSockaddrInet6
		}
		h.SetControllen(controlLen)
	}
	b.n = 0
	got, err := mmsg(unix.SYS_RECVMMSG, fd, b.headers[:])
	if err != nil {
		return 0, err
	}
	b.n = got
	for i := range b.n {
		m := &b.messages[i]
		m.data = m.data[:b.headers[i].len]
		m.controlLen = int(b.headers[i].hdr.Controllen)
	}
	return b.n, nil
}

// full reports whether there is no room for another message to send.
func (b *batch) full() bool { return b.n == batchLen }

// compose returns the message to fill in for sending; commit adds it to the batch, which must not be full.
func (b *batch) compose() *message {
	m := &b.messages[b.n]
	m.data, m.nameLen, m.controlLen = m.data[:0], 0, 0
	return m
}

// commit adds the message that compose returned.
func (b *batch) commit() {
	m, h := &b.messages[b.n], &b.headers[b.n].hdr
	b.vectors[b.n].Base = unsafe.SliceData(m.data)
	b.vectors[b.n].SetLen(len(m.data))
	h.Name, h.Namelen = nil, m.nameLen
	if m.nameLen > 0 {
		h.Name = (*byte)(unsafe.Pointer(&m.name))
	}
	h.Control = nil
	h.SetControllen(m.controlLen)
	if m.controlLen > 0 {
		h.Control = &m.control[0]
	}
	b.n++
}

// pending reports whether a message is still to be sent. If none is, the batch is empty again.
func (b *batch) pending() bool {
	if b.next < b.n {
		return true
	}
	b.next, b.n = 0, 0
	return false
}

// send sends pending messages, not necessarily all, in one system call. An error is about the first of them,
// message number b.next, and none was sent then: skip goes on after it.
func (b *batch) send(fd int) error {
	sent, err := mmsg(unix.SYS_SENDMMSG, fd, b.headers[b.next:b.n])
	b.next += sent
	return err
}

// skip gives up the first pending message.
func (b *batch) skip() { b.next++ }

// mmsg is recvmmsg(2) or sendmmsg(2) that neither blocks nor is interrupted.
func mmsg(trap uintptr, fd int, headers []mmsghdr) (int, error) {
	first, length := unsafe.SliceData(headers), uintptr(len(headers))
	for {
		n, _, errno := unix.Syscall6(trap, uintptr(fd), uintptr(unsafe.Pointer(first)), length, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
