// SPDX-License-Identifier: Apache-2.0

package rtsock

import (
	"cmp"
	"net/netip"
	"slices"
)

// A Link is what the kernel says about an interface, addresses apart.
type Link struct {
	Index int
	Name  string

	// MAC is all zero if the link has no MAC address.
	MAC [6]byte

	// MTU is in octets.
	MTU int

	flags uint32
	state uint8
	epoch uint64 // when it was made, by the time since boot
}

const (
	flagUp    = 0x1 // IFF_UP
	stateDown = 1   // LINK_STATE_DOWN; others are up, and unknown of links that don't say
)

// Down returns why the link can't be used, empty if it can.
func (l *Link) Down() string {
	switch {
	case l.flags&flagUp == 0:
		return "administratively down"
	case l.state == stateDown:
		return "no carrier"
	}
	return ""
}

// Same reports whether k is the same interface, and was not made anew in between.
func (l *Link) Same(k *Link) bool { return l.Index == k.Index && l.epoch == k.epoch }

// A Family is an address family, by which changes are told apart.
type Family int

// The families. Any is of changes that are about a link.
const (
	Any Family = iota
	IPv4
	IPv6
)

// An Entry is a link with its addresses.
type Entry struct {
	Link
	addresses map[netip.Addr]uint64 // each with its place in the kernel's order
}

// ofFamily reports whether packets of a family can come from an address, as far as that tells: IPv6 packets of VRRP and
// CARP come from link-local ones.
func ofFamily(a netip.Addr, f Family) bool {
	switch f {
	case IPv4:
		return a.Is4() && !a.IsLoopback() && !a.IsUnspecified()
	case IPv6:
		return a.Is6() && a.IsLinkLocalUnicast()
	}
	return false
}

// listed appends the addresses of a family that packets can come from, in the kernel's order.
func (e *Entry) listed(f Family, list []netip.Addr) []netip.Addr {
	start := len(list)
	for a := range e.addresses {
		if ofFamily(a, f) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list[start:], func(a, b netip.Addr) int { return cmp.Compare(e.addresses[a], e.addresses[b]) })
	return list
}

// Sources4 appends the IPv4 addresses that packets can come from: the one that was configured first is the primary
// address of the interface, and aliases follow.
func (e *Entry) Sources4(list []netip.Addr) []netip.Addr { return e.listed(IPv4, list) }

// Flags are those that the kernel has for an IPv6 address (ioctl SIOCGIFAFLAG_IN6).
type Flags uint32

const (
	flagAnycast    Flags = 0x01
	flagTentative  Flags = 0x02
	flagDuplicated Flags = 0x04
	flagDetached   Flags = 0x08
	flagDeprecated Flags = 0x10
)

// Sources6 appends the link-local addresses that packets can come from, in the kernel's order, but those that are
// deprecated behind all others. The kernel puts its own address before those that are configured later. flags tells of
// an address. tentative is true if there are some that duplicate address detection has not finished with, after which
// the kernel tells nobody.
func (e *Entry) Sources6(list []netip.Addr, flags func(netip.Addr) (Flags, bool)) (sources []netip.Addr, tentative bool) {
	var deprecated []netip.Addr
	for _, a := range e.listed(IPv6, nil) {
		f, ok := flags(a)
		switch {
		case !ok:
		case f&flagTentative != 0:
			tentative = true
		case f&(flagAnycast|flagDuplicated|flagDetached) != 0:
		case f&flagDeprecated != 0:
			deprecated = append(deprecated, a)
		default:
			list = append(list, a)
		}
	}
	return append(list, deprecated...), tentative
}
