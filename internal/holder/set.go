// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"net/netip"
	"slices"
)

// set is the addresses that may be there, in ascending order. There may be thousands
// of sets with one address each, which as maps would take ten times the memory.
type set []held

// held is one of them.
type held struct {
	prefix netip.Prefix
	wished bool // it is wished for
}

// find returns where an address is or would be, and whether it is.
func (s set) find(p netip.Prefix) (int, bool) {
	return slices.BinarySearchFunc(s, p, func(h held, p netip.Prefix) int { return h.prefix.Compare(p) })
}

// wished reports whether an address may be there and is wished for.
func (s set) wished(p netip.Prefix) bool {
	i, ok := s.find(p)
	return ok && s[i].wished
}

// mark notes of an address whether it is wished for, if it is in the set.
func (s set) mark(p netip.Prefix, wished bool) {
	if i, ok := s.find(p); ok {
		s[i].wished = wished
	}
}

// put adds an address, or notes whether it is wished for.
func (s *set) put(p netip.Prefix, wished bool) {
	i, ok := s.find(p)
	if !ok {
		*s = slices.Insert(*s, i, held{prefix: p})
	}
	(*s)[i].wished = wished
}

// drop takes an address out.
func (s *set) drop(p netip.Prefix) {
	if i, ok := s.find(p); ok {
		*s = slices.Delete(*s, i, i+1)
	}
}

// dropAll takes addresses out, in one pass.
func (s *set) dropAll(addrs []netip.Prefix) {
	out := make(map[netip.Prefix]struct{}, len(addrs))
	for _, p := range addrs {
		out[p] = struct{}{}
	}
	*s = slices.DeleteFunc(*s, func(h held) bool { _, ok := out[h.prefix]; return ok })
}
