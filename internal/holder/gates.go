// SPDX-License-Identifier: Apache-2.0

package holder

import "sync"

// gates let one goroutine at a time do something to the addresses of each holder.
// Unlike a mutex they may stay closed for as long as a backend takes; all have one
// condition, because there may be thousands of holders.
type gates struct {
	mu     sync.Mutex
	opened sync.Cond
}

// enter waits until nobody else does something to the addresses.
func (h *Holder) enter() {
	g := &h.cfg.Pool.gates
	g.mu.Lock()
	defer g.mu.Unlock()
	for h.closed {
		g.opened.Wait()
	}
	h.closed = true
}

// leave lets the next one in.
func (h *Holder) leave() {
	g := &h.cfg.Pool.gates
	g.mu.Lock()
	defer g.mu.Unlock()
	h.closed = false
	g.opened.Broadcast()
}

// waits reports whether somebody else does something to the addresses: leases them
// again.
func (h *Holder) waits() bool {
	g := &h.cfg.Pool.gates
	g.mu.Lock()
	defer g.mu.Unlock()
	return h.closed
}
