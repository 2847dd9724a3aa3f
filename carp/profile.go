// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
)

// Profile says which addresses of a virtual host the digest covers, and in which
// order: implementations differ. With one IPv4 address or several global ones
// the first two are the same. The addresses 0.0.0.0, 255.255.255.255, :: and the
// IPv6 one of all ones are never covered.
type Profile uint8

// The profiles.
const (
	// ProfileNoLinkLocal is what OpenBSD sends and FreeBSD accepts: IPv4
	// ascending, then IPv6 ascending but for link-local addresses, each once
	// (HMAC_NOV6LL of OpenBSD's ip_carp.c). It is the default.
	ProfileNoLinkLocal Profile = iota
	// ProfileStandard has the link-local addresses too: FreeBSD since 10,
	// NetBSD, and the second that OpenBSD accepts (HMAC_ORIG). ucarp has one
	// IPv4 address and no IPv6.
	ProfileStandard
	// ProfileListOrder is that of FreeBSD 5.4 to 9: IPv4 as ordered on the
	// interface, then all IPv6 as ordered there.
	ProfileListOrder
	numProfiles
)

// String names the profile.
func (p Profile) String() string {
	if p >= numProfiles {
		return fmt.Sprintf("profile %d", uint8(p))
	}
	return [numProfiles]string{"without link-local", "standard", "list order"}[p]
}

// appendPrefix appends what the digest covers in front of the counter
// (carp_hmac_prepare): version, type, the link-layer address if it isn't zero,
// virtual host identifier, and addresses as [Profile.covered] returns them.
func appendPrefix(b []byte, vhid uint8, linkLayer [6]byte, covered []netip.Addr) []byte {
	b = append(b, version, typeAdvertisement)
	if linkLayer != [6]byte{} {
		b = append(b, linkLayer[:]...)
	}
	b = append(b, vhid)
	for _, addr := range covered {
		b = append(b, addr.AsSlice()...)
	}
	return b
}

// covered returns those of the addresses that the digest covers, in its order.
func (p Profile) covered(addrs []netip.Addr) []netip.Addr {
	list := make([]netip.Addr, 0, len(addrs))
	for _, addr := range addrs {
		addr = unscoped(addr)
		if !neverCovered(addr) && (p != ProfileNoLinkLocal || !linkLocal(addr)) {
			list = append(list, addr)
		}
	}
	if p == ProfileListOrder {
		slices.SortStableFunc(list, func(a, b netip.Addr) int { return cmp.Compare(a.BitLen(), b.BitLen()) })
		return list
	}
	slices.SortFunc(list, netip.Addr.Compare) // IPv4 first
	return slices.Compact(list)
}

// linkLocal reports whether an address is one of fe80::/10. Those of IPv4 are
// like any other.
func linkLocal(addr netip.Addr) bool { return addr.Is6() && addr.IsLinkLocalUnicast() }

// unscoped returns an address without its zone, which is neither in the name
// nor, where the BSDs keep it, in octets 2 and 3 of a link-local address.
func unscoped(addr netip.Addr) netip.Addr {
	addr = addr.WithZone("")
	if !linkLocal(addr) {
		return addr
	}
	b := addr.As16()
	b[2], b[3] = 0, 0
	return netip.AddrFrom16(b)
}

// neverCovered reports whether an address is all zeros or all ones, by which the
// loop of carp_hmac_prepare finds its first and its last.
func neverCovered(addr netip.Addr) bool {
	return addr.IsUnspecified() || !slices.ContainsFunc(addr.AsSlice(), func(b byte) bool { return b != 0xff })
}
