// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// forGood is the end of what has no lease.
var forGood = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// errBackend is what a backend fails with.
var errBackend = errors.New("no buffer space available")

// backendTimeout is how long a call to a backend may take.
const backendTimeout = 10 * time.Second

// book is the service addresses that the kernel of a node has, with the end of the
// lease of each. They outlive the program.
type book struct {
	prefixes []netip.Prefix
	until    []time.Time
}

// set adds an address, or changes its lease.
func (b *book) set(p netip.Prefix, until time.Time) {
	for i := range b.prefixes {
		if b.prefixes[i] == p {
			b.until[i] = until
			return
		}
	}
	b.prefixes, b.until = append(b.prefixes, p), append(b.until, until)
}

// has returns until when an address is there, the zero time if it isn't.
func (b *book) has(p netip.Prefix, now time.Time) time.Time {
	for i := range b.prefixes {
		if b.prefixes[i] == p && b.until[i].After(now) {
			return b.until[i]
		}
	}
	return time.Time{}
}

// postpone has all leases end later.
func (b *book) postpone(d time.Duration) {
	for i, until := range b.until {
		if until.Before(forGood) {
			b.until[i] = until.Add(d)
		}
	}
}

// backend is what the programs want of one.
type backend interface {
	Add(ctx context.Context, addrs []netip.Prefix) error
	Remove(ctx context.Context, addrs []netip.Prefix) error
}

// leaser is one that leases.
type leaser interface {
	backend
	Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error
}

// permanent is one that doesn't.
type permanent struct{ backend }

// backend returns the seat's, which leases unless it is asked not to.
func (s *seat) backend(l *life) backend {
	b := leaser(&hand{l, s})
	if l.tamper != nil {
		b = l.tamper(b)
	}
	if s.is.NoLease {
		return permanent{b}
	}
	return b
}

// hand is the backend that a program has for one of its seats.
type hand struct {
	life *life
	seat *seat
}

// Add adds addresses for good.
func (h *hand) Add(_ context.Context, addrs []netip.Prefix) error {
	return h.do("add", addrs, func(p netip.Prefix, _ time.Time) { h.seat.st.book.set(p, forGood) })
}

// Remove removes addresses.
func (h *hand) Remove(_ context.Context, addrs []netip.Prefix) error {
	if !h.life.ended {
		h.seat.removing(addrs)
	}
	return h.do("remove", addrs, func(p netip.Prefix, _ time.Time) { h.seat.st.book.set(p, time.Time{}) })
}

// Lease adds addresses for a time.
func (h *hand) Lease(_ context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	return h.do("lease", addrs, func(p netip.Prefix, now time.Time) {
		h.seat.st.book.set(p, now.Add(lifetime.Truncate(time.Second)))
	})
}

// do does one call, which takes as long as the node's backend takes. A program that
// has crashed meanwhile has no effect any more.
func (h *hand) do(what string, addrs []netip.Prefix, f func(p netip.Prefix, now time.Time)) error {
	n, c := h.life.st.node, h.life.c
	if h.life.ended {
		return context.Canceled
	}
	err := error(nil)
	if n.latency > 0 {
		err = h.life.pause(min(n.latency, backendTimeout))
		if n.latency >= backendTimeout {
			err = context.DeadlineExceeded
		}
	}
	if h.life.ended {
		return context.Canceled
	}
	if n.failing > 0 {
		err = errBackend
	}
	h.seat.dirty()
	if err != nil {
		c.note(n.index, "%s %v: %v", what, addrs, err)
		return err
	}
	now, news := c.now(), false
	for _, p := range addrs {
		before := h.seat.st.book.has(p, now).IsZero()
		f(p, now)
		news = news || before != h.seat.st.book.has(p, now).IsZero()
	}
	if news && c.told != nil {
		c.note(n.index, "%s %v", what, addrs)
	}
	return nil
}
