// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
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

// drain calls f for each message there is. lost reports that there were others.
func (w *watch) drain(ctx context.Context, f func(syscall.NetlinkMessage)) (lost bool, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return lost, err
		}
		messages, err := w.conn.read()
		switch {
		case errors.Is(err, unix.EAGAIN):
			return lost, nil
		case errors.Is(err, unix.ENOBUFS):
			lost = true
		case err != nil:
			return lost, err
		}
		for _, m := range messages {
			f(m)
		}
	}
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
