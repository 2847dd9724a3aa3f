// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"net/netip"
)

// Opcode is the ar$op of RFC 826.
type Opcode uint16

// The opcodes of RFC 826.
const (
	Request Opcode = 1
	Reply   Opcode = 2
)

// Layout of an ARP packet for IPv4 on Ethernet (RFC 826).
const (
	arpOpcodeOffset   = 6
	arpSenderIPOffset = 14
	arpTargetIPOffset = 24
	arpLen            = 28
)

// appendARPTypes appends the part that is the same in every packet: hardware Ethernet, protocol IPv4, address
// lengths 6 and 4.
func appendARPTypes(b []byte) []byte { return append(b, 0, 1, 0x08, 0, 6, 4) }

// AppendGratuitousARP appends a broadcast frame that says that addr, which must be an IPv4 address, is at mac:
// sender and target protocol address are both addr. The target hardware address of a request is
// ff:ff:ff:ff:ff:ff, as other implementations of VRRP send it; that of a reply is mac (RFC 5944 section 4.6).
func AppendGratuitousARP(b []byte, op Opcode, mac [6]byte, addr netip.Addr) []byte {
	target := broadcast()
	if op == Reply {
		target = mac
	}
	ip := addr.As4()
	b = appendHeader(b, broadcast(), mac, EtherTypeARP)
	b = appendARPTypes(b)
	b = binary.BigEndian.AppendUint16(b, uint16(op))
	b = append(b, mac[:]...)
	b = append(b, ip[:]...)
	b = append(b, target[:]...)
	return append(b, ip[:]...)
}

// claimARP reads the packet behind the Ethernet header. Octets after it are padding.
func claimARP(b []byte) (netip.Addr, bool) {
	v, ok := arpBinding(b)
	return v.Addr, ok && v.Announced
}

// isHost reports whether an address can be that of a host: an ARP probe has the unspecified one (RFC 5227
// section 1.1).
func isHost(a netip.Addr) bool {
	return !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}
