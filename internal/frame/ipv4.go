// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// Layout of an IPv4 header (RFC 791 section 3.1).
const (
	ipv4LengthOffset   = 2
	ipv4FragmentOffset = 6
	ipv4TTLOffset      = 8
	ipv4ProtocolOffset = 9
	ipv4ChecksumOffset = 10
	ipv4SourceOffset   = 12
	ipv4TargetOffset   = 16
	ipv4Len            = 20

	ipv4DontFragment = 0x4000
	ipv4IsFragment   = 0x3fff // more fragments, or not the first one
)

// AppendIPv4 appends a frame with an IPv4 packet of protocol 112, TTL 255 and the don't fragment flag, whose
// identification is 0 (RFC 6864 section 4.1). tos is the second octet of the header, of which the high six bits are
// the DSCP. src and dst must be IPv4 addresses, and payload no longer than 65515 octets.
func AppendIPv4(b []byte, dstMAC, srcMAC [6]byte, tos uint8, src, dst netip.Addr, payload []byte) []byte {
	s, d := src.As4(), dst.As4()
	b = appendHeader(b, dstMAC, srcMAC, EtherTypeIPv4)
	start := len(b)
	b = append(b, 0x45, tos)
	b = binary.BigEndian.AppendUint16(b, uint16(ipv4Len+len(payload)))
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint16(b, ipv4DontFragment)
	b = append(b, hopLimit, protocol, 0, 0)
	b = append(b, s[:]...)
	b = append(b, d[:]...)
	sum := ^checksum.Fold(checksum.Sum(b[start:], 0))
	binary.BigEndian.PutUint16(b[start+ipv4ChecksumOffset:], sum)
	return append(b, payload...)
}

// decodeIPv4 reads the packet behind the Ethernet header.
func decodeIPv4(b []byte) (Packet, bool) {
	if len(b) < ipv4Len || b[0]>>4 != 4 || b[ipv4ProtocolOffset] != protocol {
		return Packet{}, false
	}
	header, total := int(b[0]&0x0f)*4, int(binary.BigEndian.Uint16(b[ipv4LengthOffset:]))
	if header < ipv4Len || total < header || len(b) < total {
		return Packet{}, false
	}
	if binary.BigEndian.Uint16(b[ipv4FragmentOffset:])&ipv4IsFragment != 0 || !intactIPv4(b[:header]) {
		return Packet{}, false
	}
	return Packet{
		Src:      netip.AddrFrom4([4]byte(b[ipv4SourceOffset:])),
		Dst:      netip.AddrFrom4([4]byte(b[ipv4TargetOffset:])),
		HopLimit: b[ipv4TTLOffset],
		Payload:  b[header:total],
	}, true
}

// intactIPv4 verifies the checksum of a header. One of 0 was left for a network card to fill in that the frame never
// passed, as between virtual machines of one host.
func intactIPv4(header []byte) bool {
	return binary.BigEndian.Uint16(header[ipv4ChecksumOffset:]) == 0 ||
		checksum.Fold(checksum.Sum(header, 0)) == checksum.Valid
}
