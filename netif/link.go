// SPDX-License-Identifier: Apache-2.0

package netif

import "net/netip"

// A Link is what a network interface was like when [LinkByName] looked. It is a value and safe for concurrent
// use as such.
type Link struct {
	// Name is what it is called now; Index is the kernel's number for it, which it keeps.
	Name  string
	Index int

	// MAC is the Ethernet address, all zero if the link has none.
	MAC [6]byte

	// MTU is in octets.
	MTU int

	// Down is nil if the link can be used: administratively up, with carrier, operational. Else it is the
	// reason, which matches [ErrLinkDown].
	Down error

	// IPv4 and IPv6 are the addresses that packets can come from, best first, as [Network.Links] reports them:
	// what is first in IPv4 is the primary address of the interface (RFC 9568 section 5.1.1.1), what is first
	// in IPv6 the link-local address to advertise from (section 5.1.2.1).
	IPv4, IPv6 []netip.Addr
}

// LinkByName returns the link of that name in the network namespace of the calling thread. The error matches
// [ErrNoLink] if there is none. It needs no privileges.
func LinkByName(name string) (Link, error) { return linkByName(name) }
