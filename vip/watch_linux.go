// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// A watch is a socket that the kernel tells of changes of links and addresses.
type watch struct {
	conn *conn
	file *os.File // the same socket, for the poller of the runtime to wait on
	raw  syscall.RawConn

	mu   sync.Mutex
	rung bool // wait is to return
}

// watchBuffer has room for what is told of a thousand addresses at once. Where that does not do, all are listed.
const watchBuffer = 1 << 20

// only has the kernel tell, of addresses, of those on one device alone, and nothing of what requests changed by the socket
// of that number that are no plain ones, see package rtseq. What it told before is still there to be drained. Where the
// filter is refused, more is told, to no harm.
func (w *watch) only(index int32, socket uint32) {
	code := watchFilter(index, socket)
	_ = unix.SetsockoptSockFprog(w.conn.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
}

// watchFilter looks at the header of struct nlmsghdr and, behind it, struct ifaddrmsg. Loads are in network byte order,
// the fields in that of the host.
func watchFilter(index int32, socket uint32) []unix.SockFilter {
	const (
		typ, seq, pid, device = 4, 8, 12, unix.SizeofNlMsghdr + 4

		half = unix.BPF_LD | unix.BPF_H | unix.BPF_ABS
		word = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		and  = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
		is   = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		ret  = unix.BPF_RET | unix.BPF_K
		all  = 1 << 30
	)
	plain := swapped(rtseq.Number(rtseq.Addition&rtseq.Renewal, 0))
	return []unix.SockFilter{
		{Code: half, K: typ},
		{Code: is, K: swapped16(unix.RTM_NEWADDR), Jt: 1},
		{Code: is, K: swapped16(unix.RTM_DELADDR), Jf: 7},
		{Code: word, K: device},
		{Code: is, K: swapped(uint32(index)), Jf: 6},
		{Code: word, K: pid},
		{Code: is, K: swapped(socket), Jf: 3},
		{Code: word, K: seq},
		{Code: and, K: plain},
		{Code: is, K: plain, Jt: 1},
		{Code: ret, K: all},
		{Code: ret, K: 0},
	}
}

// swapped and swapped16 return what a load gives of a number in host byte order.
func swapped(v uint32) uint32 {
	return binary.BigEndian.Uint32(binary.NativeEndian.AppendUint32(nil, v))
}

func swapped16(v uint16) uint32 {
	return uint32(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, v)))
}

// newWatch returns a watch on the network namespace of this thread.
func newWatch() (*watch, error) {
	c, err := dial(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR)
	if err != nil {
		return nil, err
	}
	// Beyond the system's limit, or up to it.
	if unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, watchBuffer) != nil {
		_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, watchBuffer)
	}
	w := &watch{conn: c, file: os.NewFile(uintptr(c.fd), "rtnetlink")}
	w.raw, err = w.file.SyscallConn()
	if err == nil {
		err = w.file.SetReadDeadline(time.Time{}) // which the runtime can't with what it can't poll
	}
	if err != nil {
		w.file.Close()
		return nil, err
	}
	return w, nil
}

// drain calls f for each message there is, which is valid until f returns. lost reports that there were others.
func (w *watch) drain(ctx context.Context, f func(syscall.NetlinkMessage)) (lost bool, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return lost, err
		}
		datagram, err := w.conn.read()
		switch {
		case errors.Is(err, unix.EAGAIN):
			return lost, nil
		case errors.Is(err, unix.ENOBUFS):
			lost = true
		case err != nil:
			return lost, err
		}
		if !eachMessage(datagram, f) {
			lost = true // cut short
		}
	}
}

// eachMessage calls f for each message in a datagram, and reports whether all is messages; the last need not be padded, as
// with the kernel's NLMSG_OK. It makes no list of them: of a thousand addresses that are removed the kernel tells in as
// many datagrams.
func eachMessage(b []byte, f func(syscall.NetlinkMessage)) bool {
	for len(b) >= unix.SizeofNlMsghdr {
		h := syscall.NlMsghdr{Len: binary.NativeEndian.Uint32(b), Type: binary.NativeEndian.Uint16(b[4:]), Flags: binary.NativeEndian.Uint16(b[6:]),
			Seq: binary.NativeEndian.Uint32(b[8:]), Pid: binary.NativeEndian.Uint32(b[12:])}
		if h.Len < unix.SizeofNlMsghdr || uint64(h.Len) > uint64(len(b)) {
			return false
		}
		f(syscall.NetlinkMessage{Header: h, Data: b[unix.SizeofNlMsghdr:h.Len]})
		b = b[min(align(int(h.Len)), len(b)):]
	}
	return len(b) == 0
}

// wait returns when there is something to be drained, unless it is to be deaf to that, at the time given, which is
// never if it is zero, or after ring was called. It may return early.
func (w *watch) wait(until time.Time, deaf bool) {
	w.mu.Lock()
	if !w.rung {
		_ = w.file.SetReadDeadline(until)
	}
	w.mu.Unlock()
	_ = w.raw.Read(func(fd uintptr) bool { return !deaf && readable(int32(fd)) }) // the error is that of the deadline
	w.mu.Lock()
	w.rung = false
	w.mu.Unlock()
}

// readable reports whether there is a message or an error to be read.
func readable(fd int32) bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: fd, Events: unix.POLLIN}}, 0)
	return n > 0 || err != nil
}

// ring ends a wait, or the next one.
func (w *watch) ring() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rung = true
	_ = w.file.SetReadDeadline(time.Unix(1, 0))
}

// close ends the watch; no other method is called any more.
func (w *watch) close() { w.file.Close() }
