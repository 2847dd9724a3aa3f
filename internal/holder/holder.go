// SPDX-License-Identifier: Apache-2.0

// Package holder does the address work of a virtual router off the path of its
// advertisements: it makes a backend hold what the election wants held, and
// announces it. What is wished for while a slow backend works is not queued up
// but merged, so that work is bounded and ends with the last wish.
package holder

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Backend configures addresses; see the protocols' interfaces of that name.
type Backend interface {
	Add(ctx context.Context, addrs []netip.Prefix) error
	Remove(ctx context.Context, addrs []netip.Prefix) error
}

// Announcer tells neighbours; see the protocols' interfaces of that name.
type Announcer interface {
	Announce(ctx context.Context, link string, addrs []netip.Addr) error
}

// Leaser is a backend whose addresses can be made to go by themselves unless they
// are leased again; see the protocols' interfaces of that name.
type Leaser interface {
	Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error
}

// Config is what a holder works with. Backend, Leaser and Announcer may be nil.
type Config struct {
	Pool      *Pool
	Backend   Backend
	Leaser    Leaser // adds the addresses, in the place of Backend
	Announcer Announcer
	Link      string
	Timeout   time.Duration // of one call to the backend or announcer

	// Added, Removed and Announced get the outcome, on the goroutine that did
	// the work.
	Added, Removed, Announced func(error)
	// Idle is called when all work is done.
	Idle func()
}

// chunk is how many addresses are added before they are announced: each is
// announced soon after it is usable, and the backend can still batch.
const chunk = 64

// Holder holds the addresses of one virtual router. It is safe for concurrent
// use.
type Holder struct {
	cfg Config
	op  sync.Mutex // held while addresses are added, removed or leased again

	mu     sync.Mutex
	add    []netip.Prefix        // wished for and not yet asked of the backend
	remove []netip.Prefix        // held and no longer wished for
	have   map[netip.Prefix]bool // what the backend has, true if it is still wished for
	rounds []announcement
	quiet  context.CancelFunc // ends the announcements under way
	lease  time.Duration      // how long addresses are leased for
	busy   bool               // in the pool, or worked for
}

type announcement struct {
	addrs []netip.Prefix
	count int
}

// New returns a holder that holds nothing.
func New(cfg Config) *Holder {
	return &Holder{cfg: cfg, have: map[netip.Prefix]bool{}}
}

// Add wishes for addresses, those held already too: the backend is asked to make
// sure of them.
func (h *Holder) Add(addrs []netip.Prefix) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove = without(h.remove, addrs)
	h.add = append(without(h.add, addrs), addrs...)
	h.submit()
}

// Remove ends the wish for addresses.
func (h *Holder) Remove(addrs []netip.Prefix) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.add = without(h.add, addrs)
	h.remove = append(without(h.remove, addrs), addrs...)
	for _, p := range addrs {
		if h.have[p] {
			h.have[p] = false
		}
	}
	forgo(h.rounds, addrs)
	h.submit()
}

// Announce has addresses announced count times, after the work that waits.
func (h *Holder) Announce(addrs []netip.Prefix, count int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rounds = append(h.rounds, announcement{addrs, count})
	h.submit()
}

// Silence ends all announcements.
func (h *Holder) Silence() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rounds = nil
	if h.quiet != nil {
		h.quiet()
	}
}

// SetLease changes how long addresses are leased for from now on.
func (h *Holder) SetLease(lifetime time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease = lifetime
}

// Idle reports whether all work is done.
func (h *Holder) Idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.busy
}

// Held returns the addresses that the backend was asked to add and has not
// removed since.
func (h *Holder) Held() []netip.Prefix {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.SortedFunc(maps.Keys(h.have), netip.Prefix.Compare)
}

// submit asks the pool for a worker. The caller holds mu.
func (h *Holder) submit() {
	if !h.busy {
		h.busy = true
		h.cfg.Pool.submit(h)
	}
}

// job is the work that a worker takes at once.
type job struct {
	add, remove []netip.Prefix
	rounds      []announcement
	ctx         context.Context // of the announcements
}

// work does all that waits.
func (h *Holder) work(ctx context.Context) {
	for {
		j, ok := h.take(ctx)
		if !ok {
			h.cfg.Idle()
			return
		}
		h.addAll(ctx, &j)
		for _, round := range j.rounds {
			for range round.count {
				h.announce(j.ctx, round.addrs)
			}
		}
		h.removeAll(ctx, j.remove)
	}
}

// take returns the work that waits, and false if there is none.
func (h *Holder) take(ctx context.Context) (job, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.quiet != nil {
		h.quiet()
		h.quiet = nil
	}
	if len(h.add) == 0 && len(h.remove) == 0 && len(h.rounds) == 0 {
		h.busy = false
		return job{}, false
	}
	j := job{add: h.add, remove: h.remove, rounds: h.rounds}
	j.ctx, h.quiet = context.WithCancel(ctx)
	h.add, h.remove, h.rounds = nil, nil, nil
	for _, p := range j.add {
		h.have[p] = true
	}
	return j, true
}

// addAll adds the addresses. The first round of announcements, if it is for
// them, goes out piece by piece.
func (h *Holder) addAll(ctx context.Context, j *job) {
	if len(j.add) == 0 {
		return
	}
	merge := len(j.rounds) > 0 && slices.Equal(j.rounds[0].addrs, j.add)
	if merge {
		j.rounds[0].count--
	}
	var errs []error
	for part := range slices.Chunk(j.add, chunk) {
		part = h.wished(part)
		err := h.addNow(ctx, part)
		errs = append(errs, err)
		switch {
		case err != nil:
			forgo(j.rounds, part)
		case merge:
			h.announce(j.ctx, part)
		}
	}
	h.cfg.Added(errors.Join(errs...))
}

// removeAll removes addresses. What can't be removed counts as held.
func (h *Holder) removeAll(ctx context.Context, addrs []netip.Prefix) {
	if len(addrs) == 0 {
		return
	}
	h.op.Lock()
	err := h.call(ctx, addrs, Backend.Remove)
	var again []netip.Prefix
	if err == nil {
		again = h.forget(addrs)
	}
	h.op.Unlock()
	if len(again) > 0 {
		err = h.addNow(ctx, again)
	}
	h.cfg.Removed(err)
}

// forget forgets removed addresses, and returns those that are still wished for
// with another prefix length: of IPv6 the two were one address.
func (h *Holder) forget(removed []netip.Prefix) (again []netip.Prefix) {
	gone := make(map[netip.Addr]struct{}, len(removed))
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range removed {
		delete(h.have, p)
		gone[p.Addr()] = struct{}{}
	}
	for p, wished := range h.have {
		if _, ok := gone[p.Addr()]; ok && wished {
			again = append(again, p)
		}
	}
	return again
}

// wished returns those of the addresses that are still wished for.
func (h *Holder) wished(addrs []netip.Prefix) []netip.Prefix {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(addrs), func(p netip.Prefix) bool { return !h.have[p] })
}

// addNow adds addresses, on a lease if there is a leaser.
func (h *Holder) addNow(ctx context.Context, addrs []netip.Prefix) error {
	if len(addrs) == 0 {
		return nil
	}
	h.op.Lock()
	defer h.op.Unlock()
	if h.cfg.Leaser == nil {
		return h.call(ctx, addrs, Backend.Add)
	}
	h.mu.Lock()
	lifetime := h.lease
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
	defer cancel()
	return h.cfg.Leaser.Lease(ctx, addrs, lifetime)
}

// call calls the backend, if there is one, within the time-out.
func (h *Holder) call(ctx context.Context, addrs []netip.Prefix, f func(Backend, context.Context, []netip.Prefix) error) error {
	if h.cfg.Backend == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
	defer cancel()
	return f(h.cfg.Backend, ctx, addrs)
}

// announce announces addresses once, unless they have been silenced.
func (h *Holder) announce(ctx context.Context, addrs []netip.Prefix) {
	if h.cfg.Announcer == nil || len(addrs) == 0 || ctx.Err() != nil {
		return
	}
	bare := make([]netip.Addr, len(addrs))
	for i, p := range addrs {
		bare[i] = p.Addr()
	}
	timeout, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
	defer cancel()
	if err := h.cfg.Announcer.Announce(timeout, h.cfg.Link, bare); ctx.Err() == nil {
		h.cfg.Announced(err)
	}
}

// forgo takes addresses that aren't there out of what is to be announced.
func forgo(rounds []announcement, addrs []netip.Prefix) {
	for i := range rounds {
		rounds[i].addrs = without(rounds[i].addrs, addrs)
	}
}

// without returns what of a is not in b.
func without(a, b []netip.Prefix) []netip.Prefix {
	if len(a) == 0 {
		return nil
	}
	in := make(map[netip.Prefix]struct{}, len(b))
	for _, p := range b {
		in[p] = struct{}{}
	}
	return slices.DeleteFunc(slices.Clone(a), func(p netip.Prefix) bool { _, ok := in[p]; return ok })
}
