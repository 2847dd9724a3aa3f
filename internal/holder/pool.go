// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"sync"
)

// worker is something with work to do, one goroutine at a time.
type worker interface {
	work(ctx context.Context)
	// waits reports whether it would have to wait for a call that another worker
	// has under way.
	waits() bool
}

// Pool is a fixed number of goroutines that do the address work of many holders,
// each holder's in order.
type Pool struct {
	mu      sync.Mutex
	cond    sync.Cond
	ready   []worker // with work to do and no goroutine on it
	running int
	surplus int // goroutines that are to end
	wg      sync.WaitGroup
	stopped bool
	held    bool     // between Hold and Release
	later   []worker // submitted meanwhile
	holders int32    // that were made for it
	gates   gates
}

// NewPool returns a pool without goroutines.
func NewPool() *Pool {
	p := &Pool{}
	p.cond.L = &p.mu
	p.gates.opened.L = &p.gates.mu
	return p
}

// Start starts n goroutines. The returned function ends them, and returns when
// they are gone; work still waiting is left to Work.
func (p *Pool) Start(ctx context.Context, n int) (stop func()) {
	p.mu.Lock()
	p.stopped, p.running, p.surplus = false, n, 0
	p.mu.Unlock()
	for range n {
		p.wg.Go(func() { p.serve(ctx) })
	}
	return func() {
		p.mu.Lock()
		p.stopped, p.running = true, 0
		p.cond.Broadcast()
		p.mu.Unlock()
		p.wg.Wait()
	}
}

// lend has another goroutine take the caller's place in the pool, until what is
// returned is called.
func (p *Pool) lend(ctx context.Context) (back func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == 0 {
		return func() {}
	}
	p.wg.Go(func() { p.serve(ctx) })
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.surplus++
		p.cond.Signal()
	}
}

// serve does work until the pool is stopped, or has more goroutines than it should.
func (p *Pool) serve(ctx context.Context) {
	for {
		p.mu.Lock()
		for len(p.ready) == 0 && !p.stopped && p.surplus == 0 {
			p.cond.Wait()
		}
		if p.surplus > 0 && !p.stopped {
			p.surplus--
			p.cond.Signal() // for who would have been woken
			p.mu.Unlock()
			return
		}
		if p.stopped {
			p.mu.Unlock()
			return
		}
		w := p.next()
		p.mu.Unlock()
		w.work(ctx)
	}
}

// Work does what waits on the caller's goroutine, if no others do it. What would
// have to wait for a call under way is left to whoever made that call.
func (p *Pool) Work(ctx context.Context) {
	left := 0
	for w, ready := p.idle(); w != nil; w, ready = p.idle() {
		if w.waits() {
			p.submit(w)
			if left++; left == ready {
				return
			}
			continue
		}
		left = 0
		w.work(ctx)
	}
}

// idle takes the first worker, if no goroutine does, and says how many there were.
func (p *Pool) idle() (w worker, ready int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ready = len(p.ready); p.running > 0 || ready == 0 {
		return nil, ready
	}
	return p.next(), ready
}

// number counts a holder. Whoever needs several holders at once takes them in the
// order of their numbers.
func (p *Pool) number() int32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holders++
	return p.holders
}

// next takes the first worker. The caller holds mu.
func (p *Pool) next() worker {
	w := p.ready[0]
	p.ready[0] = nil
	p.ready = p.ready[1:]
	return w
}

// yield puts w, on which the caller works, behind the others that wait, and reports
// whether there are any: the caller must leave it then.
func (p *Pool) yield(w worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ready) == 0 || p.stopped {
		return false
	}
	p.ready = append(p.ready, w)
	p.cond.Signal()
	return true
}

// submit has w's work done.
func (p *Pool) submit(w worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held {
		p.later = append(p.later, w)
		return
	}
	p.ready = append(p.ready, w)
	p.cond.Signal()
}

// Hold has what is submitted from now on wait for Release: what the loop sends in
// the same turn goes first.
func (p *Pool) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = true
}

// Release ends that. It is called in every turn of the loop and wakes nobody in
// most of them.
func (p *Pool) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
	p.ready = append(p.ready, p.later...)
	for range min(len(p.later), p.running) {
		p.cond.Signal()
	}
	clear(p.later)
	p.later = p.later[:0]
}

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
