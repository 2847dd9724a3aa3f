// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// memory is how long a speaker that is not heard counts in what is found wrong.
const memory = 10 * time.Minute

// findings returns what is wrong with a cluster.
func (c *cluster) findings(now time.Time) (list []string) {
	if holders := c.active(); len(holders) > 1 {
		list = append(list, fmt.Sprintf("%d are %s at once", len(holders), c.protocol.active()))
	}
	recent := slices.DeleteFunc(slices.Clone(c.speakers), func(s *speaker) bool { return now.Sub(s.heard) > memory })
	for i, s := range recent {
		for _, o := range recent[:i] {
			list = append(list, disagreements(o, s)...)
		}
	}
	for _, s := range c.active() {
		if low, ok := s.margins.last(); ok && low <= 0 {
			list = append(list, fmt.Sprintf("%v advertised later than its backups wait", s.addr))
		}
	}
	if c.leftOut > 0 {
		list = append(list, fmt.Sprintf("%d messages of further speakers are not shown", c.leftOut))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// disagreements returns what two speakers of a cluster say differently and should not.
func disagreements(a, b *speaker) (list []string) {
	pair := fmt.Sprintf("%v and %v ", a.addr, b.addr)
	switch {
	case a.protocol == carpProtocol: // doesn't say its addresses
	case !overlap(a.addresses, b.addresses):
		list = append(list, "foreign cluster: "+pair+"have this VRID for other addresses")
	case !slices.Equal(a.addresses, b.addresses):
		list = append(list, pair+"differ in their addresses")
	}
	if a.protocol == vrrpProtocol && a.version == b.version {
		if a.interval != b.interval {
			list = append(list, pair+"differ in their interval")
		}
		if a.form != b.form {
			list = append(list, pair+"differ in checksum or authentication")
		}
	}
	return list
}

// overlap reports whether two lists have an address in common.
func overlap(a, b []netip.Addr) bool {
	return slices.ContainsFunc(a, func(addr netip.Addr) bool { return slices.Contains(b, addr) })
}

// clash returns the cluster of the other protocol that has the same virtual MAC
// address: both have identifiers of their own, but one range of addresses for them.
func (o *observer) clash(c *cluster) (other *cluster, ok bool) {
	for _, other := range o.clusters {
		if other.link == c.link && other.protocol != c.protocol && other.virtualMAC() == c.virtualMAC() {
			return other, true
		}
	}
	return nil, false
}
