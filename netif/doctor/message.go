// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"encoding/binary"
	"net/netip"
)

// protocol is the IP protocol number of VRRP and CARP.
const protocol = 112

// A packet is one of protocol 112, without its IP header.
type packet struct {
	src, dst netip.Addr
	payload  []byte
}

// parsePacket reads an IP packet. Those in fragments and those with IPv6 extension headers are not looked at:
// nobody sends advertisements so.
func parsePacket(b []byte) (packet, bool) {
	if len(b) > 0 && b[0]>>4 == 6 {
		return parseIPv6(b)
	}
	return parseIPv4(b)
}

func parseIPv4(b []byte) (packet, bool) {
	const headerLen, fragment = 20, 0x3fff // more fragments, and the offset
	if len(b) < headerLen || b[0]>>4 != 4 || b[9] != protocol || binary.BigEndian.Uint16(b[6:])&fragment != 0 {
		return packet{}, false
	}
	header, total := int(b[0]&0x0f)*4, int(binary.BigEndian.Uint16(b[2:]))
	if header < headerLen || total < header || total > len(b) {
		return packet{}, false
	}
	return packet{netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:])), b[header:total]}, true
}

func parseIPv6(b []byte) (packet, bool) {
	const headerLen = 40
	if len(b) < headerLen || b[6] != protocol {
		return packet{}, false
	}
	total := headerLen + int(binary.BigEndian.Uint16(b[4:]))
	if total > len(b) {
		return packet{}, false
	}
	return packet{netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:])), b[headerLen:total]}, true
}

// A message is what an advertisement says, as far as the doctor wants to know. It is taken at its word: neither
// checksum nor authentication are looked at.
type message struct {
	name      string // of the protocol, with its version
	carp      bool
	id        uint8
	addresses []netip.Addr // none in CARP
}

// Length of the parts of advertisements: RFC 9568 section 5.2, RFC 3768 section 5.3, carp(4).
const (
	vrrpHeaderLen  = 8
	vrrpAuthLen    = 8
	carpLen        = 36
	carpAuthWords  = 7 // in octet 3, where VRRP has the number of addresses
	advertisement2 = 0x21
	advertisement3 = 0x31
)

// parseMessage reads an advertisement of VRRP version 2 or 3 or of CARP. The latter has the version and type of
// VRRP version 2, and is told by its length and the number of its words.
func parseMessage(b []byte, ipv6 bool) (message, bool) {
	if len(b) < vrrpHeaderLen {
		return message{}, false
	}
	m := message{id: b[1]}
	count, size, rest := int(b[3]), 4, b[vrrpHeaderLen:]
	if ipv6 {
		size = 16
	}
	switch {
	case b[0] == advertisement2 && len(b) == carpLen && count == carpAuthWords:
		m.name, m.carp = "CARP", true
		return m, true
	case b[0] == advertisement2 && !ipv6 && len(rest) == count*size+vrrpAuthLen:
		m.name = "VRRP version 2"
	case b[0] == advertisement3 && len(rest) >= count*size:
		m.name = "VRRP version 3"
	default:
		return message{}, false
	}
	for range count {
		a, _ := netip.AddrFromSlice(rest[:size])
		m.addresses = append(m.addresses, a)
		rest = rest[size:]
	}
	return m, true
}
