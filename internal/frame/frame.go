// SPDX-License-Identifier: Apache-2.0

// Package frame builds and reads Ethernet frames: those by which a host tells its neighbours that an address is
// its own, the gratuitous ARP (RFC 5227 section 3, RFC 9568 section 6.4.1) and the unsolicited neighbour
// advertisement (RFC 4861 section 7.2.6), and those with IP packets of VRRP and CARP. It does no I/O.
package frame

import (
	"encoding/binary"
	"net/netip"
)

// EtherTypes of the kinds of frame.
const (
	EtherTypeIPv4 = 0x0800
	EtherTypeARP  = 0x0806
	EtherTypeIPv6 = 0x86dd
)

// The Ethernet header: destination, source, type.
const (
	sourceOffset    = 6
	etherTypeOffset = 12
	headerLen       = 14
)

// broadcast is where a gratuitous ARP goes.
func broadcast() [6]byte { return [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff} }

// appendHeader appends an Ethernet header.
func appendHeader(b []byte, dst, src [6]byte, etherType uint16) []byte {
	b = append(b, dst[:]...)
	b = append(b, src[:]...)
	return binary.BigEndian.AppendUint16(b, etherType)
}

// Source returns the MAC address that sent the frame, the zero value if the frame is too short to say.
func Source(b []byte) [6]byte {
	if len(b) < headerLen {
		return [6]byte{}
	}
	return [6]byte(b[sourceOffset:])
}

// Claim returns the address that the frame claims for its sender, and false if the frame is anything but a
// well-formed gratuitous ARP (request or reply) or unsolicited neighbour advertisement. It never panics,
// whatever the octets are.
func Claim(b []byte) (netip.Addr, bool) {
	if len(b) < headerLen {
		return netip.Addr{}, false
	}
	body := b[headerLen:]
	switch binary.BigEndian.Uint16(b[etherTypeOffset:]) {
	case EtherTypeARP:
		return claimARP(body)
	case EtherTypeIPv6:
		return claimNA(body)
	}
	return netip.Addr{}, false
}
