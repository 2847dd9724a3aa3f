// SPDX-License-Identifier: Apache-2.0

package netif

import "sync"

// A closer closes packet sockets in the background, one after the other. To close one takes the kernel some 15 ms, in
// which it waits for each of its processors (synchronize_net), and with it would the loop: longer than the interval
// of advertisements may be.
type closer struct {
	group sync.WaitGroup

	mu      sync.Mutex // guards pending
	pending []func()   // the first is under way
}

// later has f called in the background.
func (c *closer) later(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending = append(c.pending, f); len(c.pending) == 1 {
		c.group.Go(c.run)
	}
}

// run calls what is pending, until nothing is.
func (c *closer) run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) > 0 {
		f := c.pending[0]
		c.mu.Unlock()
		f()
		c.mu.Lock()
		c.pending = c.pending[1:]
	}
}

// wait returns when everything has been called. It must not be called at the same time as later.
func (c *closer) wait() { c.group.Wait() }
