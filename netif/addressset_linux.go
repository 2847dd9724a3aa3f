// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/ordered"
)

// An addressSet is the addresses of the host, on whichever link.
type addressSet struct {
	counts ordered.Table[netip.Addr, *counted]
	lists  [2]rangeList // of IPv6, of IPv4
}

// counted is an address, and how many links have it.
type counted struct {
	netip.Addr
	links int
}

// A rangeList is the ranges of the keys of addresses of a family, and the number of changes to these.
type rangeList struct {
	version uint64
	ranges  []keyRange
	of      uint64 // version that the ranges are of
}

// list returns the one of a family.
func (s *addressSet) list(ipv4 bool) *rangeList {
	if ipv4 {
		return &s.lists[1]
	}
	return &s.lists[0]
}

// version counts the changes to the addresses of a family.
func (s *addressSet) version(ipv4 bool) uint64 { return s.list(ipv4).version }

// gain adds an address of a link.
func (s *addressSet) gain(a netip.Addr) {
	if c := s.counts.Get(a); c != nil {
		c.links++
		return
	}
	s.counts.Set(a, &counted{a, 1})
	s.list(a.Is4()).version++
}

// lose takes an address of a link away.
func (s *addressSet) lose(a netip.Addr) {
	c := s.counts.Get(a)
	if c.links--; c.links == 0 {
		s.counts.Drop(a)
		s.list(a.Is4()).version++
	}
}

// has reports whether a link has the address.
func (s *addressSet) has(a netip.Addr) bool { return s.counts.Get(a) != nil }

// ranges returns what a filter is to know of the addresses of a family.
func (s *addressSet) ranges(ipv4 bool) []keyRange {
	list := s.list(ipv4)
	if list.of != list.version {
		var keys []uint32
		for _, c := range s.counts {
			if c.Is4() == ipv4 && !c.IsLoopback() {
				keys = append(keys, claimKey(c.Addr))
			}
		}
		list.of, list.ranges = list.version, keyRanges(keys)
	}
	return list.ranges
}
