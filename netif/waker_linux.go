// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A waker ends a poll from another goroutine.
type waker struct {
	ready   bool        // for the loop: fd has to be drained
	pending atomic.Bool // fd is written to and not yet drained
	mu      sync.Mutex  // guards closed
	closed  bool
	fd      int
	one     [8]byte // what is written
	count   [8]byte // what is read
}

// newWaker returns a waker on an eventfd.
func newWaker() (*waker, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("netif: %w", os.NewSyscallError("eventfd", err))
	}
	w := &waker{fd: fd}
	binary.NativeEndian.PutUint64(w.one[:], 1)
	return w, nil
}

// wake makes fd readable, unless it is already.
func (n *network) wake() {
	w := n.waker
	if w.pending.Swap(true) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		_, _ = unix.Write(w.fd, w.one[:])
	}
}

// drain makes fd unreadable. It must come before pending is taken back: else a wake in between is lost with its
// write, and none is written again.
func (w *waker) drain() {
	_, _ = unix.Read(w.fd, w.count[:])
	w.pending.Store(false)
	w.ready = false
}

// close makes wake do nothing.
func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	unix.Close(w.fd)
}
