// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/netip"
	"slices"
)

// reserved is the service addresses of the seats on a link, in order. Each is where its seat
// has it: there may be thousands, and a map would take ten times the memory.
type reserved []*netip.Prefix

// find returns where an address is, or would be, and whether it is there.
func (r reserved) find(a netip.Addr) (int, bool) {
	return slices.BinarySearchFunc(r, a, func(p *netip.Prefix, a netip.Addr) int { return p.Addr().Compare(a) })
}

// has reports whether an address is reserved.
func (r reserved) has(a netip.Addr) bool {
	_, ok := r.find(a)
	return ok
}

// reserve has the seat's service addresses be its own on the link, which [Seat.Available]
// has been asked for.
func (s *Seat) reserve() {
	r := s.engine.reserved[s.cfg.Link]
	for i := range s.cfg.Addresses {
		p := &s.cfg.Addresses[i]
		at, _ := r.find(p.Addr())
		r = slices.Insert(r, at, p)
	}
	s.engine.reserved[s.cfg.Link] = r
}

// unreserve ends that.
func (s *Seat) unreserve() {
	r := s.engine.reserved[s.cfg.Link]
	for _, p := range s.cfg.Addresses {
		if at, ok := r.find(p.Addr()); ok {
			r = slices.Delete(r, at, at+1)
		}
	}
	if s.engine.reserved[s.cfg.Link] = r; len(r) == 0 {
		delete(s.engine.reserved, s.cfg.Link)
	}
}
