// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"cmp"
	"iter"
	"net/netip"
)

// A heldAddr is an address that a device has.
type heldAddr struct {
	prefix    netip.Prefix
	label     string
	protocol  uint8 // who added it; 0 where the kernel does not know
	secondary bool  // goes with the primary address of its network, IPv4
	passing   bool  // has a lifetime
	dadFailed bool  // another host has it, IPv6
	peer      bool  // its network is that of a peer, IPv4: it is another address than the same one without
}

// place returns what a device has room for one address in: the kernel tells IPv6 addresses apart by the address alone,
// and IPv4 addresses by their prefix length as well.
func place(p netip.Prefix) netip.Prefix {
	if p.Addr().Is6() {
		return single(p)
	}
	return p
}

// comparePlaces compares two places.
func comparePlaces(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return cmp.Compare(a.Bits(), b.Bits())
}

// single returns the address without its network.
func single(p netip.Prefix) netip.Prefix { return netip.PrefixFrom(p.Addr(), p.Addr().BitLen()) }

// mayHaveSecondaries reports whether the kernel can regard other addresses as secondary to this one: IPv4 addresses of
// the same network.
func mayHaveSecondaries(p netip.Prefix) bool { return p.Addr().Is4() && !p.IsSingleIP() }

// takesAlong returns the networks where the end of the addresses that go would make the kernel remove others as well,
// secondary to one of them.
func takesAlong(held iter.Seq[heldAddr], goes func(heldAddr) bool) map[netip.Prefix]bool {
	lose := make(map[netip.Prefix]bool) // networks, their primary address
	for h := range held {
		if !h.secondary && mayHaveSecondaries(h.prefix) && goes(h) {
			lose[h.prefix.Masked()] = true
		}
	}
	if len(lose) == 0 {
		return nil
	}
	along := make(map[netip.Prefix]bool)
	for h := range held {
		if h.secondary && lose[h.prefix.Masked()] && !goes(h) {
			along[h.prefix.Masked()] = true
		}
	}
	return along
}
