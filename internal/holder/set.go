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
	gone   bool // drop takes it out
}

// compare is [netip.Prefix.Compare] without the masks, where both have the same length.
func compare(a, b netip.Prefix) int {
	if a.Bits() == b.Bits() {
		return a.Addr().Compare(b.Addr())
	}
	return a.Compare(b)
}

// find returns where an address is or would be, and whether it is.
func (s set) find(p netip.Prefix) (int, bool) {
	return slices.BinarySearchFunc(s, p, func(h held, p netip.Prefix) int { return compare(h.prefix, p) })
}

// near is find for who knows where the address may be: the lists that come are in the order
// of the set as a rule, and each address is after the one before.
func (s set) near(p netip.Prefix, at int) (int, bool) {
	if at < len(s) && s[at].prefix == p {
		return at, true
	}
	return s.find(p)
}

// each calls f for each address of a list with where it is in the set, or would be, and whether it is.
func (s set) each(list []netip.Prefix, f func(p netip.Prefix, i int, ok bool)) {
	at := 0
	for _, p := range list {
		i, ok := s.near(p, at)
		f(p, i, ok)
		at = i + 1
	}
}

// appendIf appends those of a list that may be there and are wished for, or the others.
func (s set) appendIf(addrs, list []netip.Prefix, wished bool) []netip.Prefix {
	s.each(list, func(p netip.Prefix, i int, ok bool) {
		if (ok && s[i].wished) == wished {
			addrs = append(addrs, p)
		}
	})
	return addrs
}

// pick returns them, in a list of its own.
func (s set) pick(list []netip.Prefix, wished bool) []netip.Prefix {
	return s.appendIf(make([]netip.Prefix, 0, len(list)), list, wished)
}

// mark notes of addresses whether they are wished for, where they are in the set, and
// returns how many are not.
func (s set) mark(list []netip.Prefix, wished bool) (missing int) {
	s.each(list, func(_ netip.Prefix, i int, ok bool) {
		if !ok {
			missing++
			return
		}
		s[i].wished = wished
	})
	return missing
}

// put adds addresses, or notes whether they are wished for.
func (s *set) put(list []netip.Prefix, wished bool) {
	missing := s.mark(list, wished)
	if missing == 0 {
		return
	}
	old, ordered := *s, true
	all := slices.Grow(old, missing)
	old.each(list, func(p netip.Prefix, _ int, ok bool) {
		if !ok {
			ordered = ordered && (len(all) == 0 || compare(all[len(all)-1].prefix, p) < 0)
			all = append(all, held{prefix: p, wished: wished})
		}
	})
	if *s = all; ordered {
		return
	}
	slices.SortFunc(all, func(a, b held) int { return compare(a.prefix, b.prefix) })
	*s = slices.CompactFunc(all, func(a, b held) bool { return a.prefix == b.prefix })
}

// drop takes addresses out.
func (s *set) drop(list []netip.Prefix) {
	old := *s
	old.each(list, func(_ netip.Prefix, i int, ok bool) {
		if ok {
			old[i].gone = true
		}
	})
	*s = slices.DeleteFunc(old, func(h held) bool { return h.gone })
}
