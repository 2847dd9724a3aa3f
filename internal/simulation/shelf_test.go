// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"net/netip"
	"time"
)

// shelf is the backend of a place. What it is asked for is judged when nothing moves, by
// what was kept until then.
type shelf struct {
	spot    *spot
	touched []netip.Prefix // since it was judged
}

// backend returns it as a program has it: on some walks it leases.
func (b *shelf) backend() backend {
	if b.spot.w.Lease {
		return leasing{b}
	}
	return b
}

// leasing is a shelf that leases.
type leasing struct{ *shelf }

// Lease puts addresses there. To do so again touches nothing.
func (b leasing) Lease(_ context.Context, addrs []netip.Prefix, _ time.Duration) error {
	return b.do("lease", addrs, true, nil)
}

// Add puts addresses there.
func (b *shelf) Add(_ context.Context, addrs []netip.Prefix) error {
	return b.do("add", addrs, true, addrs)
}

// Remove takes them away.
func (b *shelf) Remove(_ context.Context, addrs []netip.Prefix) error {
	return b.do("remove", addrs, false, addrs)
}

// do does a call that touches some addresses, in as much time as it takes.
func (b *shelf) do(what string, addrs []netip.Prefix, there bool, touched []netip.Prefix) error {
	w := b.spot.w
	w.note("place %d: %s %v", b.spot.index, what, addrs)
	w.mu.Lock()
	w.calls++
	b.touched = append(b.touched, touched...)
	w.mu.Unlock()
	if w.Latency > 0 {
		time.Sleep(w.Latency)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls--
	for _, p := range addrs {
		w.book[b.spot.key(p)] = there
	}
	return nil
}

// key is that of an address in the book.
func (s *spot) key(p netip.Prefix) [2]string { return [2]string{linkOf(s.index), p.String()} }
