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

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// A request is a message to the kernel and what came back.
type request struct {
	*nl.NetlinkRequest
	answers   []syscall.NetlinkMessage
	disturbed bool // the answers are of different moments
	err       error
}

func newRequest(typ, flags int) *request {
	return &request{NetlinkRequest: nl.NewNetlinkRequest(typ, flags)}
}

// A conn is a socket of rtnetlink(7).
type conn struct {
	fd     int
	buffer []byte
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
	return &conn{fd: fd, buffer: make([]byte, bufferSize)}, nil
}

func (c *conn) close() error { return os.NewSyscallError("close", unix.Close(c.fd)) }

// exchange sends all requests in one datagram and waits until each has its answer or its error. The kernel does them in
// order, and goes on after one that failed. It tells of failures in any case, so that only the last request asks for an
// answer: before that come the errors of the others. Nothing is sent when ctx has ended.
func (c *conn) exchange(ctx context.Context, requests []*request) {
	pending := make(map[uint32]*request, len(requests))
	last := requests[len(requests)-1].Seq
	var datagram []byte
	for _, r := range requests {
		pending[r.Seq] = r
		if r.Seq != last {
			r.Flags &^= unix.NLM_F_ACK
		}
		datagram = append(datagram, r.Serialize()...)
	}
	err := ctx.Err()
	if err == nil {
		err = c.send(datagram)
	}
	for err == nil && pending[last] != nil {
		var messages []syscall.NetlinkMessage
		messages, err = c.receive(ctx)
		for _, m := range messages {
			// An unknown number is that of a request that was given up.
			if r := pending[m.Header.Seq]; r != nil && r.take(m) {
				delete(pending, m.Header.Seq)
			}
		}
	}
	for _, r := range pending {
		r.err = err
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
		messages, err := c.read()
		if !errors.Is(err, unix.EAGAIN) {
			return messages, err
		}
		if err := c.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// read returns the messages of the next datagram, EAGAIN where there is none.
func (c *conn) read() ([]syscall.NetlinkMessage, error) {
	for {
		n, from, err := unix.Recvfrom(c.fd, c.buffer, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("recvfrom", err)
		}
		if a, ok := from.(*unix.SockaddrNetlink); !ok || a.Pid != 0 {
			continue // not from the kernel
		}
		// A copy: the messages refer to it.
		return syscall.ParseNetlinkMessage(append([]byte(nil), c.buffer[:n]...))
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
