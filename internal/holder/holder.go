// SPDX-License-Identifier: Apache-2.0

// Package holder does the address work of a virtual router off the path of its
// advertisements: it makes a backend hold what the election wants held, and
// announces it. What is wished for while a slow backend works is not queued up
// but merged, so that work is bounded and ends with the last wish.
package holder

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// Backend configures addresses; see the protocols' interfaces of that name.
type Backend interface {
	Add(ctx context.Context, addrs []netip.Prefix) error
	Remove(ctx context.Context, addrs []netip.Prefix) error
}

// Announcer tells neighbours; see the protocols' interfaces of that name.
type Announcer interface {
	Announce(ctx context.Context, link string, mac [6]byte, addrs []netip.Addr) error
}

// Leaser is a backend whose addresses can be made to go by themselves unless they
// are leased again; see the protocols' interfaces of that name.
type Leaser interface {
	Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error
}

// Config is what a holder works with.
type Config struct {
	*Common
	*Place
	Outcomes Outcomes
	Together bool // a call may be for several holders that have the Backend, which can be compared, in common
}

// Place says where the addresses of one holder are, for as long as there is the holder.
// Backend and Hooks may be nil.
type Place struct {
	Backend Backend // a [Leaser] adds them on a lease after [Holder.SetLease]
	Link    string
	Hooks   *Hooks
	MAC     [6]byte // that is announced; zero is the link's own
}

// Common is what all holders of a pool work with, of which there may be thousands.
// Announcer may be nil.
type Common struct {
	Pool      *Pool
	Announcer Announcer
	Timeout   time.Duration // of one call to the backend or announcer
	Idle      func()        // is called when all work of a holder is done
}

// Outcomes gets what became of the work of a holder, on the goroutine that did it.
type Outcomes interface {
	// Added is told of adding, but not where the wish has overtaken it: that comes
	// with the outcome of what is wished for now.
	Added(error)
	Removed(error)
	Announced(error)
	Hooked(error) // what went wrong with a hook
}

// Holder holds the addresses of one virtual router. It is safe for concurrent
// use.
type Holder struct {
	cfg    Config
	hooked *hooked // nil without hooks

	mu       sync.Mutex
	have     set                // what may be there
	add      []netip.Prefix     // wished for and not yet asked of the backend
	remove   []netip.Prefix     // no longer wished for, and maybe there
	announce *announcements     // nil: nothing
	quiet    context.CancelFunc // ends the announcements under way
	hushed   bool               // that was called for since the job was taken
	lease    time.Duration      // how long addresses are leased for; 0: they are not
	wishes   int32              // changes of what is wished for
	serial   int32              // its number in the pool
	untold   bool               // a success that the wish has overtaken
	busy     bool               // in the pool, or worked for
	adding   bool               // the backend is being asked to add
	closed   bool               // addresses are added, removed or leased again; the pool's
}

// New returns a holder that holds nothing.
func New(cfg Config) *Holder {
	h := &Holder{cfg: cfg, serial: cfg.Pool.number()}
	if cfg.Hooks != nil {
		h.hooked = &hooked{turn: make(chan struct{}, 1)}
	}
	return h
}

// Add wishes for addresses, those held already too: the backend is asked to make
// sure of them. A list that is given to a holder is not written to any more, by anybody.
func (h *Holder) Add(addrs []netip.Prefix) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove = prefixes.Without(h.remove, addrs)
	h.add = prefixes.Append(h.add, addrs)
	h.have.mark(addrs, true)
	h.wishes++
	h.submit()
}

// Remove ends the wish for addresses.
func (h *Holder) Remove(addrs []netip.Prefix) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.add = prefixes.Without(h.add, addrs)
	h.remove = prefixes.Append(h.remove, addrs)
	h.have.mark(addrs, false)
	h.forgo(addrs)
	h.wishes++
	h.submit()
}

// Retry has the removal tried again of what could not be removed, and reports
// whether there is any.
func (h *Holder) Retry() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	var left []netip.Prefix
	for _, a := range h.have {
		if !a.wished {
			left = append(left, a.prefix)
		}
	}
	h.remove = slices.Concat(prefixes.Without(h.remove, left), left)
	slices.SortFunc(h.remove, netip.Prefix.Compare)
	if len(h.remove) == 0 {
		return false
	}
	h.submit()
	return true
}

// Announce has addresses announced count times, after the other work that waits.
func (h *Holder) Announce(addrs []netip.Prefix, count int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wantAnnounced(addrs, count)
	h.submit()
}

// Silence ends all announcements.
func (h *Holder) Silence() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.announce, h.hushed = nil, true
	if h.quiet != nil {
		h.quiet()
	}
}

// SetLease has addresses leased from now on, if Backend can do that, and says for how long.
func (h *Holder) SetLease(lifetime time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease = lifetime
}

// Adding reports whether addresses are still to be added: that they are there is
// not known yet, and its outcome is going to be told.
func (h *Holder) Adding() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.adding || len(h.add) > 0
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
	addrs := slices.Grow([]netip.Prefix(nil), len(h.have)) // nil if there are none
	for _, a := range h.have {
		addrs = append(addrs, a.prefix)
	}
	return addrs
}

// appendWished appends those of them that are wished for.
func (h *Holder) appendWished(addrs []netip.Prefix) []netip.Prefix {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.have {
		if a.wished {
			addrs = append(addrs, a.prefix)
		}
	}
	return addrs
}

// Settled reports whether nothing is there that isn't wished for.
func (h *Holder) Settled() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.have {
		if !a.wished {
			return false
		}
	}
	return len(h.remove) == 0
}

// submit asks the pool for a worker. The caller holds mu.
func (h *Holder) submit() {
	switch {
	case !h.busy:
		h.busy = true
		h.cfg.Pool.submit(h)
	case len(h.add) > 0 || len(h.remove) > 0:
		h.cfg.Pool.hasten(h)
	}
}
