// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"net/netip"
)

const (
	// protocol is the IP protocol number of VRRP and CARP.
	protocol = 112

	// hopLimit is the only one that receivers of VRRP and CARP take (RFC 9568 sections 5.1.1.3 and 5.1.2.3).
	hopLimit = 255
)

// A Packet is what a frame with an IP packet of protocol 112 says.
type Packet struct {
	// Src and Dst are the addresses of the IP header. They have no zone.
	Src, Dst netip.Addr

	// HopLimit is the TTL in IPv4.
	HopLimit uint8

	// Payload is what follows the IP header, as far as that counts it. It is part of the frame, not a copy.
	Payload []byte
}

// AppendIP appends a frame with an IP packet of protocol 112, hop limit 255: AppendIPv4 or AppendIPv6, by the
// family of src and dst, which must be the same one.
func AppendIP(b []byte, dstMAC, srcMAC [6]byte, class uint8, src, dst netip.Addr, payload []byte) []byte {
	if dst.Is4() {
		return AppendIPv4(b, dstMAC, srcMAC, class, src, dst, payload)
	}
	return AppendIPv6(b, dstMAC, srcMAC, class, src, dst, payload)
}

// DecodeIP reads a frame with an IP packet of protocol 112. It is not ok if the frame carries anything else, is a
// fragment, has a VLAN tag, or is shorter than the IP header says. IPv4 options are skipped, and octets behind the
// packet are padding. It never panics, whatever the octets are.
func DecodeIP(b []byte) (p Packet, ok bool) {
	if len(b) < headerLen {
		return Packet{}, false
	}
	body := b[headerLen:]
	switch binary.BigEndian.Uint16(b[etherTypeOffset:]) {
	case EtherTypeIPv4:
		return decodeIPv4(body)
	case EtherTypeIPv6:
		return decodeIPv6(body)
	}
	return Packet{}, false
}

// Destination returns the MAC address that the frame is sent to, the zero value if the frame is too short to say.
func Destination(b []byte) [6]byte {
	if len(b) < headerLen {
		return [6]byte{}
	}
	return [6]byte(b)
}

// MulticastMAC returns the MAC address that packets to a multicast group are sent to: 01:00:5e and the low 23 bits
// of the group in IPv4 (RFC 1112 section 6.4), 33:33 and its low 32 bits in IPv6 (RFC 2464 section 7).
func MulticastMAC(group netip.Addr) [6]byte {
	if group.Is4() {
		g := group.As4()
		return [6]byte{0x01, 0x00, 0x5e, g[1] & 0x7f, g[2], g[3]}
	}
	g := group.As16()
	return [6]byte{0x33, 0x33, g[12], g[13], g[14], g[15]}
}
