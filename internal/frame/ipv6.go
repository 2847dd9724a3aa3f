// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"net/netip"
)

// Layout of an IPv6 header without extensions (RFC 8200 section 3).
const (
	ipv6LengthOffset     = 4
	ipv6NextHeaderOffset = 6
	ipv6HopLimitOffset   = 7
	ipv6SourceOffset     = 8
	ipv6TargetOffset     = 24
	ipv6Len              = 40
)

// AppendIPv6 appends a frame with an IPv6 packet of protocol 112, hop limit 255 and flow label 0. class is the
// traffic class, of which the high six bits are the DSCP. src and dst must be IPv6 addresses, whose zones are not on
// the wire, and payload no longer than 65535 octets.
func AppendIPv6(b []byte, dstMAC, srcMAC [6]byte, class uint8, src, dst netip.Addr, payload []byte) []byte {
	s, d := src.As16(), dst.As16()
	b = appendHeader(b, dstMAC, srcMAC, EtherTypeIPv6)
	b = append(b, 0x60|class>>4, class<<4, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	b = append(b, protocol, hopLimit)
	b = append(b, s[:]...)
	b = append(b, d[:]...)
	return append(b, payload...)
}

// decodeIPv6 reads the packet behind the Ethernet header. VRRP and CARP have no extension headers.
func decodeIPv6(b []byte) (Packet, bool) {
	if len(b) < ipv6Len || b[0]>>4 != 6 || b[ipv6NextHeaderOffset] != protocol {
		return Packet{}, false
	}
	length := int(binary.BigEndian.Uint16(b[ipv6LengthOffset:]))
	if len(b) < ipv6Len+length {
		return Packet{}, false
	}
	return Packet{
		Src:      netip.AddrFrom16([16]byte(b[ipv6SourceOffset:])),
		Dst:      netip.AddrFrom16([16]byte(b[ipv6TargetOffset:])),
		HopLimit: b[ipv6HopLimitOffset],
		Payload:  b[ipv6Len : ipv6Len+length],
	}, true
}
