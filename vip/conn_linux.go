// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// A request is a message to the kernel and what came back.
type request struct {
	*nl.NetlinkRequest
	ready     []byte // the message, in the place of a NetlinkRequest
	kind      uint16 // upper half of its sequence number, see package rtseq
	answers   []syscall.NetlinkMessage
	disturbed bool // the answers are of different moments
	answered  bool // to its end
	err       error
}

func newRequest(typ, flags int) *request {
	return &request{NetlinkRequest: nl.NewNetlinkRequest(typ, flags)}
}

// appendTo appends the message with a sequence number and, unless it is the last of its datagram, without the wish for an
// answer.
func (r *request) appendTo(b []byte, seq uint32, last bool) []byte {
	start := len(b)
	if r.ready != nil {
		b = append(b, r.ready...)
	} else {
		b = append(b, r.Serialize()...)
	}
	header := b[start:]
	binary.NativeEndian.PutUint32(header, uint32(len(header)))
	binary.NativeEndian.PutUint32(header[8:], seq)
	if !last {
		flags := binary.NativeEndian.Uint16(header[6:])
		binary.NativeEndian.PutUint16(header[6:], flags&^unix.NLM_F_ACK)
	}
	return b
}

// A conn is a socket of rtnetlink(7).
type conn struct {
	fd      int
	count   uint16 // lower half of the last sequence number
	buffer  []byte // for the datagram received
	sending []byte // for the one sent
	from    unix.RawSockaddrNetlink
	fromLen uint32
}

// bufferSize holds what the kernel puts into one datagram: no more than 32 KiB.
const bufferSize = 1 << 15

// dial opens a socket in the network namespace of this thread. It gets the notices of the groups, bits of RTMGRP_* in
// linux/rtnetlink.h.
func dial(groups uint32) (*conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	// Reasons in words, no copies of our messages, no addresses of other devices. Kernels that lack one of these work
	// all the same.
	for _, option := range []int{unix.NETLINK_EXT_ACK, unix.NETLINK_CAP_ACK, unix.NETLINK_GET_STRICT_CHK} {
		_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, option, 1)
	}
	return &conn{fd: fd, count: 1 << 15, buffer: make([]byte, bufferSize)}, nil
}

// number returns the number of the socket, which the kernel's notices of what it has changed bear.
func (c *conn) number() uint32 {
	if a, err := unix.Getsockname(c.fd); err == nil {
		if a, ok := a.(*unix.SockaddrNetlink); ok {
			return a.Pid
		}
	}
	return 0
}

func (c *conn) close() error { return os.NewSyscallError("close", unix.Close(c.fd)) }

// exchange sends all requests in one datagram and waits until each has its answer or its error. The kernel does them in
// order, and goes on after one that failed. It tells of failures in any case, so that only the last request asks for an
// answer: before that come the errors of the others. Nothing is sent when ctx has ended.
func (c *conn) exchange(ctx context.Context, requests []*request) {
	first, left := c.count+1, len(requests)
	c.sending = c.sending[:0]
	for i, r := range requests {
		c.count++
		c.sending = r.appendTo(c.sending, rtseq.Number(r.kind, c.count), i == left-1)
	}
	err := ctx.Err()
	if err == nil {
		err = c.send(c.sending)
	}
	for last := requests[left-1]; err == nil && !last.answered; {
		var messages []syscall.NetlinkMessage
		messages, err = c.receive(ctx)
		for _, m := range messages {
			// An unknown number is that of a request that was given up.
			if i := int(uint16(m.Header.Seq) - first); i < left && !requests[i].answered {
				requests[i].answered = requests[i].take(m)
			}
		}
	}
	for _, r := range requests {
		if !r.answered {
			r.err = err
		}
	}
}

func (c *conn) send(datagram []byte) error {
	for {
		err := unix.Sendto(c.fd, datagram, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
		if err != unix.EINTR {
			return os.NewSyscallError("sendto", err)
		}
	}
}

// receive returns the messages of the next datagram. The kernel answers before the send returns, so that it hardly ever
// waits.
func (c *conn) receive(ctx context.Context) ([]syscall.NetlinkMessage, error) {
	for {
		datagram, err := c.read()
		switch {
		case err == nil:
			// A copy: the messages refer to it.
			return syscall.ParseNetlinkMessage(append([]byte(nil), datagram...))
		case !errors.Is(err, unix.EAGAIN):
			return nil, err
		}
		if err := c.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// read returns the next datagram, EAGAIN where there is none. It is valid until the next call.
func (c *conn) read() ([]byte, error) {
	for {
		c.fromLen = unix.SizeofSockaddrNetlink
		n, _, errno := unix.Syscall6(unix.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(&c.buffer[0])), uintptr(len(c.buffer)), 0,
			uintptr(unsafe.Pointer(&c.from)), uintptr(unsafe.Pointer(&c.fromLen)))
		switch {
		case errno == unix.EINTR:
		case errno == unix.EAGAIN:
			return nil, errno
		case errno != 0:
			return nil, os.NewSyscallError("recvfrom", errno)
		case c.from.Pid == 0: // from the kernel
			return c.buffer[:n], nil
		}
	}
}

// answerTimeout bounds the wait for an answer. One that takes that long was lost.
const answerTimeout = 5 * time.Second

// wait waits until there is something to receive.
func (c *conn) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	timeout := answerTimeout
	if end, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(end))
	}
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}, int(max(timeout.Milliseconds(), 1)))
	switch {
	case err != nil && err != unix.EINTR:
		return os.NewSyscallError("poll", err)
	case n == 0 && err == nil && timeout == answerTimeout:
		return fmt.Errorf("no answer from the kernel: %w", os.ErrDeadlineExceeded)
	}
	return nil
}

// take notes a message about the request and reports whether it is the last one.
func (r *request) take(m syscall.NetlinkMessage) bool {
	r.disturbed = r.disturbed || m.Header.Flags&unix.NLM_F_DUMP_INTR != 0
	switch m.Header.Type {
	case unix.NLMSG_ERROR, unix.NLMSG_DONE:
		r.err = parseError(m)
		return true
	}
	r.answers = append(r.answers, m)
	return false
}

// parseError returns the error in the last message: an errno, zero where there is none, and perhaps the kernel's reason
// in words.
func parseError(m syscall.NetlinkMessage) error {
	if len(m.Data) < 4 {
		return nil // the end of a listing has none in old kernels
	}
	errno := -int32(binary.NativeEndian.Uint32(m.Data))
	if errno == 0 {
		return nil
	}
	if reason := parseReason(m); reason != "" {
		return fmt.Errorf("%s: %w", reason, unix.Errno(errno))
	}
	return unix.Errno(errno)
}

// parseReason returns the kernel's reason. It comes after the header of the request or, in old kernels, the whole
// request.
func parseReason(m syscall.NetlinkMessage) string {
	if m.Header.Type != unix.NLMSG_ERROR || m.Header.Flags&unix.NLM_F_ACK_TLVS == 0 || len(m.Data) < 4+unix.NLMSG_HDRLEN {
		return ""
	}
	skip := unix.NLMSG_HDRLEN
	if m.Header.Flags&unix.NLM_F_CAPPED == 0 {
		skip = align(int(binary.NativeEndian.Uint32(m.Data[4:])))
	}
	if skip < 0 || len(m.Data)-4 < skip {
		return ""
	}
	return unix.ByteSliceToString(attribute(m.Data[4+skip:], unix.NLMSGERR_ATTR_MSG))
}
