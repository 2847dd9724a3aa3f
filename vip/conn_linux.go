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

// An answer is what became of a message to the kernel.
type answer struct {
	err       error
	disturbed bool // what came is of different moments
	ended     bool
}

// A conn is a socket of rtnetlink(7).
type conn struct {
	fd      int
	count   uint16   // lower half of the last sequence number
	buffer  []byte   // for the datagram received
	sending []byte   // the messages of the one to be sent
	last    int      // where the last of them begins
	answers []answer // to them
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

// request adds a message to what is sent next.
func (c *conn) request(r *nl.NetlinkRequest) { c.ask(append(c.sending, r.Serialize()...), rtseq.Plain) }

// ask adds a message to what is sent next: text is c.sending with the message appended. It gets its length and a sequence
// number with an upper half, see package rtseq. The kernel tells of failures in any case, so that only the last message
// keeps the wish for an answer: before that come the errors of the others.
func (c *conn) ask(text []byte, upper uint16) {
	if len(c.sending) > 0 {
		flags := text[c.last+6:]
		binary.NativeEndian.PutUint16(flags, binary.NativeEndian.Uint16(flags)&^unix.NLM_F_ACK)
	}
	c.count++
	c.last = len(c.sending)
	header := text[c.last:]
	binary.NativeEndian.PutUint32(header, uint32(len(header)))
	binary.NativeEndian.PutUint32(header[8:], rtseq.Number(upper, c.count))
	c.sending, c.answers = text, append(c.answers, answer{})
}

// exchange sends what was asked, one message at least, in one datagram and waits until each message has its answer or its
// error. The kernel does them in order, and goes on after one that failed. each is called for what comes before the end of
// an answer, with the number of the message that it answers; it is valid until each returns. Nothing is sent when ctx has
// ended. The answers are valid until ask is called again.
func (c *conn) exchange(ctx context.Context, each func(i int, m syscall.NetlinkMessage)) []answer {
	answers, first := c.answers, c.count-uint16(len(c.answers))+1
	err := ctx.Err()
	if err == nil {
		err = c.send(c.sending)
	}
	c.answers, c.sending = c.answers[:0], c.sending[:0]
	for last := &answers[len(answers)-1]; err == nil && !last.ended; {
		err = c.receive(ctx, func(m syscall.NetlinkMessage) {
			// An unknown number is that of a message whose answer was given up.
			i := int(uint16(m.Header.Seq) - first)
			if i < len(answers) && !answers[i].ended && !answers[i].take(m) {
				each(i, m)
			}
		})
	}
	for i := range answers {
		if !answers[i].ended {
			answers[i].err = err
		}
	}
	return answers
}

// noMore is for requests that are answered by their end alone.
func noMore(int, syscall.NetlinkMessage) {}

func (c *conn) send(datagram []byte) error {
	for {
		err := unix.Send(c.fd, datagram, 0) // to the kernel
		if err != unix.EINTR {
			return os.NewSyscallError("sendto", err)
		}
	}
}

// receive calls f for the messages of the next datagram. The kernel answers before the send returns, so that it hardly
// ever waits.
func (c *conn) receive(ctx context.Context, f func(syscall.NetlinkMessage)) error {
	for {
		datagram, err := c.read()
		switch {
		case err == nil && !eachMessage(datagram, f):
			return fmt.Errorf("an answer is cut short: %w", unix.EINVAL)
		case err == nil:
			return nil
		case !errors.Is(err, unix.EAGAIN):
			return err
		}
		if err := c.wait(ctx); err != nil {
			return err
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

// take notes a message and reports whether it is the end of the answer.
func (a *answer) take(m syscall.NetlinkMessage) bool {
	a.disturbed = a.disturbed || m.Header.Flags&unix.NLM_F_DUMP_INTR != 0
	a.ended = m.Header.Type == unix.NLMSG_ERROR || m.Header.Type == unix.NLMSG_DONE
	if a.ended {
		a.err = parseError(m)
	}
	return a.ended
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
