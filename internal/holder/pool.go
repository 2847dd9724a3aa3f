// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"slices"
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
	again   []worker // the same, who have had their turn: they come after the others
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

// serve does work until the pool is stopped, or has more goroutines than it should.
func (p *Pool) serve(ctx context.Context) {
	for {
		p.mu.Lock()
		for p.waiting() == 0 && !p.stopped && p.surplus == 0 {
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
		p.replaced(ctx, func() { w.work(ctx) })
	}
}

// Work does what waits on the caller's goroutine, if no others do it. What would
// have to wait for a call under way is left to whoever made that call.
func (p *Pool) Work(ctx context.Context) {
	left := 0
	for w, ready := p.idle(); w != nil; w, ready = p.idle() {
		if w.waits() {
			p.requeue(w, false)
			if left++; left >= ready { // fewer than there were, if some have come to be a crew
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
	if ready = p.waiting(); p.running > 0 || ready == 0 {
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

// waiting returns how many workers wait that may be worked on now. Who has had its turn
// waits for the loop to have sent all. The caller holds mu.
func (p *Pool) waiting() int {
	if p.held {
		return len(p.ready)
	}
	return len(p.ready) + len(p.again)
}

// reach is how many workers are looked at for a crew: the loop waits for the lock meanwhile.
const reach = 1024

// next takes the first worker, and with a holder those of the next ones that can be
// worked for together with it. The caller holds mu.
func (p *Pool) next() worker {
	queue, repeats := &p.ready, len(p.ready) == 0
	if repeats {
		queue = &p.again
	}
	first := (*queue)[0]
	(*queue)[0] = nil
	*queue = (*queue)[1:]
	h, ok := first.(*Holder)
	if !ok || !h.cfg.Together || h.waits() {
		return first
	}
	holders := []*Holder{h}
	near := (*queue)[:min(len(*queue), reach)]
	others := slices.DeleteFunc(near, func(w worker) bool {
		other, ok := w.(*Holder)
		fits := ok && len(holders) < together && h.goesWith(other) && !other.waits()
		if fits {
			holders = append(holders, other)
		}
		return fits
	})
	*queue = slices.Delete(*queue, len(others), len(near))
	if len(holders) == 1 {
		return first
	}
	return &crew{holders: holders, repeats: repeats}
}

// putBack puts holders before those that wait, as they were: with those that have had
// their turn if repeats is set, but for who has come to have more to do.
func (p *Pool) putBack(holders []*Holder, repeats bool) {
	var ready, again []worker
	for _, h := range holders {
		if repeats && !h.urgent() {
			again = append(again, h)
		} else {
			ready = append(ready, h)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready, p.again = slices.Insert(p.ready, 0, ready...), slices.Insert(p.again, 0, again...)
	for range min(len(holders), p.running) {
		p.cond.Signal()
	}
}

// yield puts w, on which the caller works, behind the others that wait, and reports
// whether there are any: the caller must leave it then. Who has only announcements to
// repeat is behind all others: each is announced once before any is again.
func (p *Pool) yield(w worker, urgent bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	waits := p.held && !urgent
	if p.stopped || p.waiting() == 0 && !waits {
		return false
	}
	p.queue(w, urgent)
	return true
}

// queue puts w behind the others. The caller holds mu.
func (p *Pool) queue(w worker, urgent bool) {
	if urgent {
		p.ready = append(p.ready, w)
	} else {
		p.again = append(p.again, w)
	}
	if urgent || !p.held {
		p.cond.Signal()
	}
}

// requeue does so in any case.
func (p *Pool) requeue(w worker, urgent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue(w, urgent)
}

// submit has w's work done.
func (p *Pool) submit(w worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take(w)
}

// hasten has a holder that waits to announce once more wait with those that have more to
// do, as it has come to have: others are not to overtake it for ever.
func (p *Pool) hasten(h *Holder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.again, func(w worker) bool {
		m, ok := w.(*member)
		return w == worker(h) || ok && m.Holder == h
	})
	if i < 0 {
		return
	}
	w := p.again[i]
	copy(p.again[1:], p.again[:i]) // as a rule many do, in their order
	p.again[0] = nil
	p.again = p.again[1:]
	p.take(w)
}

// take puts w behind the others, after Release if that is to come. The caller holds mu.
func (p *Pool) take(w worker) {
	if p.held {
		p.later = append(p.later, w)
		return
	}
	p.queue(w, true)
}

// Hold has what is submitted from now on wait for Release: what the loop sends in
// the same turn goes first.
func (p *Pool) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = true
}

// Pass lets be worked on what waits for Release, which is still to come: nobody has a
// second turn before.
func (p *Pool) Pass() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass()
}

// Release ends what Hold began. It is called in every turn of the loop and wakes
// nobody in most of them.
func (p *Pool) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
	p.pass()
}

// pass wakes those who are to work on what was submitted. The caller holds mu.
func (p *Pool) pass() {
	p.ready = append(p.ready, p.later...)
	for range min(p.waiting(), p.running) {
		p.cond.Signal()
	}
	clear(p.later)
	p.later = p.later[:0]
}
