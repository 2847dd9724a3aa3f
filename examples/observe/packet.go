// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"strconv"

	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/vrrp"
)

// received is what a frame carries of what is looked for: an advertisement, or
// the claim of an address.
type received struct {
	frame.Packet
	mac     [6]byte // of the sender
	vlan    string  // tags from the outermost, as ".10" or ".10.20"
	ah      bool    // the message came behind an authentication header
	claim   bool
	binding frame.Binding // of a claim
}

// Layout of an Ethernet frame and its tags (IEEE 802.1Q).
const (
	macsLen       = 12
	etherTypeLen  = 2
	tagLen        = 4
	etherTypeVLAN = 0x8100
	etherTypeQinQ = 0x88a8
	vlanMask      = 0x0fff
	maxTags       = 2
)

// decodePacket reads a frame, which it may change. It is not ok if that carries
// nothing that is looked for. It never panics, whatever the octets are.
func decodePacket(b []byte) (p received, ok bool) {
	b, p.vlan = cutTags(b)
	p.mac = frame.Source(b)
	b, p.ah = cutAH(b)
	if p.Packet, ok = frame.DecodeIP(b); ok {
		return p, true
	}
	if p.binding, ok = frame.DecodeBinding(b); ok && p.binding.Announced {
		p.claim = true
		return p, true
	}
	return received{}, false
}

// cutTags takes VLAN tags out of a frame, and moves the addresses up to what
// follows.
func cutTags(b []byte) (rest []byte, vlan string) {
	for range maxTags {
		if len(b) < macsLen+tagLen+etherTypeLen {
			break
		}
		kind := binary.BigEndian.Uint16(b[macsLen:])
		if kind != etherTypeVLAN && kind != etherTypeQinQ {
			break
		}
		vlan += "." + strconv.Itoa(int(binary.BigEndian.Uint16(b[macsLen+etherTypeLen:])&vlanMask))
		copy(b[tagLen:], b[:macsLen])
		b = b[tagLen:]
	}
	return b, vlan
}

// Layout of IP headers, behind that of Ethernet, and of the authentication header
// (RFC 791 section 3.1, RFC 8200 section 3, RFC 2402 section 2).
const (
	ipOffset       = macsLen + etherTypeLen
	ipv4Length     = ipOffset + 2
	ipv4Protocol   = ipOffset + 9
	ipv4Checksum   = ipOffset + 10
	ipv4HeaderLen  = 20
	ipv6Length     = ipOffset + 4
	ipv6NextHeader = ipOffset + 6
	ipv6HeaderLen  = 40
)

// cutAH takes an authentication header out of a frame, whose IP header then
// says what it would say without. The header isn't verified: that takes the key.
func cutAH(b []byte) (rest []byte, ah bool) {
	header, length, protocol := ipOffset+ipv6HeaderLen, ipv6Length, ipv6NextHeader
	if len(b) < ipOffset+ipv4HeaderLen {
		return b, false
	}
	if binary.BigEndian.Uint16(b[macsLen:]) == frame.EtherTypeIPv4 {
		header, length, protocol = ipOffset+4*int(b[ipOffset]&0xf), ipv4Length, ipv4Protocol
	} else if binary.BigEndian.Uint16(b[macsLen:]) != frame.EtherTypeIPv6 {
		return b, false
	}
	total := int(binary.BigEndian.Uint16(b[length:]))
	if b[protocol] != vrrp.ProtocolAH || len(b) < header+vrrp.AHLen || b[header] != vrrp.Protocol || total < vrrp.AHLen {
		return b, false
	}
	b[protocol] = vrrp.Protocol
	binary.BigEndian.PutUint16(b[length:], uint16(total-vrrp.AHLen))
	if protocol == ipv4Protocol {
		binary.BigEndian.PutUint16(b[ipv4Checksum:], 0) // which is not verified
	}
	copy(b[vrrp.AHLen:], b[:header])
	return b[vrrp.AHLen:], true
}
