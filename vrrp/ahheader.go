// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"encoding/binary"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// ProtocolAH is the IP protocol number of the authentication header (RFC 2402
// section 2), behind which packets of authentication type 2 have the message.
const ProtocolAH = 51

// AHLen is how many octets the authentication header adds to a packet.
const AHLen = 24

// The layout of the authentication header (RFC 2402 section 2).
const (
	offAHNext     = 0
	offAHLen      = 1 // in units of 4 octets, without the first two
	offAHSPI      = 4 // the source address, in keepalived
	offAHSequence = 8
	offAHICV      = 12
	ahICVLen      = AHLen - offAHICV

	ahLenField = AHLen/4 - 2
)

// The layout of the IPv4 header (RFC 791 section 3.1).
const (
	offIPv4TOS      = 1
	offIPv4Length   = 2
	offIPv4Fragment = 6
	offIPv4TTL      = 8
	offIPv4Protocol = 9
	offIPv4Checksum = 10
	offIPv4Source   = 12
	offIPv4Target   = 16
	ipv4Len         = 20
	maxIPv4Header   = 60
	maxIPv4         = 0xffff

	tosCS6 = 0xc0 // network control, as keepalived sends
)

// appendIPv4 appends an IPv4 header for a payload of length octets.
func appendIPv4(b []byte, src, dst netip.Addr, sequence uint32, length int) []byte {
	start := len(b)
	s, d := src.As4(), dst.As4()
	b = append(b, 4<<4|ipv4Len/4, tosCS6)
	b = binary.BigEndian.AppendUint16(b, uint16(ipv4Len+length))
	b = binary.BigEndian.AppendUint16(b, max(1, uint16(sequence)))
	b = append(b, 0, 0, HopLimit, ProtocolAH, 0, 0)
	b = append(b, s[:]...)
	b = append(b, d[:]...)
	binary.BigEndian.PutUint16(b[start+offIPv4Checksum:], ^checksum.Fold(checksum.Sum(b[start:], 0)))
	return b
}

// appendAH appends an authentication header without integrity check value.
func appendAH(b []byte, src netip.Addr, sequence uint32) []byte {
	spi := src.As4()
	b = append(b, Protocol, ahLenField, 0, 0)
	b = append(b, spi[:]...)
	b = binary.BigEndian.AppendUint32(b, sequence)
	return append(b, make([]byte, ahICVLen)...)
}

// ahSequence returns the sequence number of an authentication header.
func ahSequence(header []byte) uint32 { return binary.BigEndian.Uint32(header[offAHSequence:]) }

// checkAH returns the length of the IP header of a packet that is as long as its
// headers and the message say, or the fault.
func checkAH(packet []byte) (int, PacketError) {
	if len(packet) < ipv4Len || packet[0]>>4 != 4 {
		return 0, PacketError{FaultLength, len(packet), ipv4Len + AHLen + headerLen}
	}
	if protocol := packet[offIPv4Protocol]; protocol != ProtocolAH {
		return 0, PacketError{FaultAuthType, int(protocol), ProtocolAH}
	}
	n, total := int(packet[0]&0xf)*4, int(binary.BigEndian.Uint16(packet[offIPv4Length:]))
	if least := n + AHLen + headerLen; n < ipv4Len || total != len(packet) || total < least {
		return 0, PacketError{FaultLength, len(packet), max(total, least)}
	}
	header, message := packet[n:], packet[n+AHLen:]
	if next := header[offAHNext]; next != Protocol {
		return 0, PacketError{FaultNextHeader, int(next), Protocol}
	}
	if version := Version(message[offVersionType] >> 4); version != V2 {
		return 0, PacketError{FaultVersion, int(version), int(V2)}
	}
	want := AHLen + messageLen(V2, false, int(message[offCount]))
	if octets := 4 * (int(header[offAHLen]) + 2); octets != AHLen {
		return 0, PacketError{FaultLength, octets, AHLen}
	}
	if len(header) != want {
		return 0, PacketError{FaultLength, len(header), want}
	}
	return n, PacketError{}
}
