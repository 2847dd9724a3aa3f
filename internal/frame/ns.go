// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"net/netip"
)

// A Solicitation asks at which MAC address an IPv6 address is (RFC 4861 section 4.3).
type Solicitation struct {
	Target netip.Addr
	Source netip.Addr // the unspecified address for one that asks because it would like to have the target
	MAC    [6]byte    // where the answer goes
}

// DecodeSolicitation reads a neighbour solicitation. It is not ok for anything else, and for what RFC 4861 section
// 7.1.1 has hosts discard. It never panics, whatever the octets are.
func DecodeSolicitation(b []byte) (s Solicitation, ok bool) {
	if len(b) < headerLen || binary.BigEndian.Uint16(b[etherTypeOffset:]) != EtherTypeIPv6 {
		return Solicitation{}, false
	}
	src, dst, msg, ok := ndpMessage(b[headerLen:])
	if !ok || msg[0] != nsType {
		return Solicitation{}, false
	}
	s = Solicitation{Target: netip.AddrFrom16([16]byte(msg[naTargetOffset:])), Source: src}
	s.MAC, ok = linkLayer(msg[naLen:], optionSourceLL, Source(b))
	if src.IsUnspecified() && dst != SolicitedNode(s.Target) {
		return Solicitation{}, false
	}
	return s, ok && isHost(s.Target) && !src.IsMulticast()
}

// SolicitedNode returns the multicast address that an IPv6 address is asked for by (RFC 4291 section 2.7.1).
func SolicitedNode(addr netip.Addr) netip.Addr {
	a := addr.As16()
	return netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 11: 1, 12: 0xff, 13: a[13], 14: a[14], 15: a[15]})
}

// AppendAnswer appends a frame that answers a solicitation: its target is at mac. It overrides what the asker knew. One
// that has no address gets its answer by way of all nodes, not solicited (RFC 4861 section 7.2.4). router is the router
// flag: whether this host forwards.
func AppendAnswer(b []byte, mac [6]byte, s Solicitation, router bool) []byte {
	if s.Source.IsUnspecified() {
		return AppendUnsolicitedNA(b, mac, s.Target, router)
	}
	return appendNA(b, mac, s.Target, s.MAC, s.Source, naFlags(true, router))
}
