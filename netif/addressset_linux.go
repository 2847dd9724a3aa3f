// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/ordered"
)

// An addressSet is the addresses of the host, on whichever link: those that the kernel has told of, and those announced.
type addressSet struct {
	counts    ordered.Table[netip.Addr, *counted]
	lists     [2]rangeList // of IPv6, of IPv4
	announced announcedSet
	settled   time.Duration // notices of all that was removed before are read, by the clock of announced
}

// counted is an address, and how many links have it.
type counted struct {
	netip.Addr
	links int
}

// A rangeList is the ranges of the keys of addresses of a family, and the number of changes to what links have of these.
type rangeList struct {
	changes uint64
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
func (s *addressSet) version(ipv4 bool) uint64 {
	if ipv4 {
		return s.list(ipv4).changes + s.announced.version()
	}
	return s.list(ipv4).changes
}

// look returns the version of the addresses of IPv4: what is announced after that is told.
func (s *addressSet) look() uint64 { return s.list(true).changes + s.announced.look() }

// gain adds an address of a link.
func (s *addressSet) gain(a netip.Addr) {
	if c := s.counts.Get(a); c != nil {
		c.links++
		return
	}
	s.counts.Set(a, &counted{a, 1})
	s.list(a.Is4()).changes++
}

// lose takes an address of a link away.
func (s *addressSet) lose(a netip.Addr) {
	c := s.counts.Get(a)
	if c.links--; c.links == 0 {
		s.counts.Drop(a)
		s.list(a.Is4()).changes++
	}
}

// removed takes note that the kernel told of the removal of an address from a link.
func (s *addressSet) removed(a netip.Addr) {
	if !s.onLink(a) {
		s.announced.removed(a, s.settled)
	}
}

// onLink reports whether a link has the address, for all that the kernel has told.
func (s *addressSet) onLink(a netip.Addr) bool { return s.counts.Get(a) != nil }

// has reports whether the address is one of the host.
func (s *addressSet) has(a netip.Addr) bool { return s.onLink(a) || s.announced.has(a) }

// ranges returns what a filter is to know of the addresses of a family.
func (s *addressSet) ranges(ipv4 bool) []keyRange {
	list := s.list(ipv4)
	if version := s.version(ipv4); list.of != version { // asked before: what is announced meanwhile has another one
		var keys []uint32
		for _, c := range s.counts {
			if c.Is4() == ipv4 && !c.IsLoopback() {
				keys = append(keys, claimKey(c.Addr))
			}
		}
		if ipv4 {
			keys = s.announced.appendKeys(keys)
		}
		list.of, list.ranges = version, keyRanges(keys)
	}
	return list.ranges
}
