// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Numbers of IP over Ethernet, of RFC 894, RFC 791 and RFC 792.
const (
	etherTypeIPv4  = 0x0800
	etherHeaderLen = 14
	ipv4HeaderLen  = 20
	protocolICMP   = 1
	icmpEchoReply  = 0
	icmpHeaderLen  = 8
)

// packet is an IPv4 packet as it crosses the switch.
type packet struct {
	mac      [6]byte // that the frame came from
	header   vrrp.IPHeader
	protocol uint8
	payload  []byte
}

// parseIPv4 reads the headers of a frame, and returns false if it is something
// else or is cut short.
func parseIPv4(f []byte) (packet, bool) {
	if len(f) < etherHeaderLen+ipv4HeaderLen || binary.BigEndian.Uint16(f[12:]) != etherTypeIPv4 {
		return packet{}, false
	}
	b := f[etherHeaderLen:]
	headerLen, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if headerLen < ipv4HeaderLen || total < headerLen || total > len(b) {
		return packet{}, false
	}
	return packet{
		mac:      frame.Source(f),
		header:   vrrp.IPHeader{Src: netip.AddrFrom4([4]byte(b[12:])), Dst: netip.AddrFrom4([4]byte(b[16:])), HopLimit: b[8]},
		protocol: b[9],
		payload:  b[headerLen:total],
	}, true
}

// echoReply returns the sequence number of an answer to a ping.
func (p *packet) echoReply() (seq uint16, ok bool) {
	if p.protocol != protocolICMP || len(p.payload) < icmpHeaderLen || p.payload[0] != icmpEchoReply {
		return 0, false
	}
	return binary.BigEndian.Uint16(p.payload[6:]), true
}

// advertisedPriority returns the priority in an advertisement, and false if it
// isn't an intact one.
func advertisedPriority(message []byte, header vrrp.IPHeader) (uint8, bool) {
	var a vrrp.Advertisement
	if _, err := a.Parse(message, header); err != nil {
		return 0, false
	}
	return a.Priority, nodeAt(header.Src) != nobody
}
