// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// Layout of a neighbour advertisement (RFC 4861 section 4.4) with a target link-layer address option (section
// 4.6.1).
const (
	icmpv6           = 58
	naType           = 136
	naChecksumOffset = 2
	naFlagsOffset    = 4
	naTargetOffset   = 8
	naLen            = 24
	naOptionLen      = 8

	naHopLimit     = 255
	flagRouter     = 0x80
	flagSolicited  = 0x40
	flagOverride   = 0x20
	optionTargetLL = 2
)

// allNodes is the group ff02::1 and the MAC address that goes with it.
func allNodes() (netip.Addr, [6]byte) {
	return netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 15: 1}), [6]byte{0x33, 0x33, 0, 0, 0, 1}
}

// AppendUnsolicitedNA appends a frame that tells all nodes of the link that addr, which must be an IPv6
// address, is at mac. It comes from the address itself, with hop limit 255, the override flag and the target
// link-layer address option, not solicited. router is the router flag: whether this host forwards.
func AppendUnsolicitedNA(b []byte, mac [6]byte, addr netip.Addr, router bool) []byte {
	group, groupMAC := allNodes()
	return appendNA(b, mac, addr, groupMAC, group, naFlags(false, router))
}

// naFlags returns the flags of an advertisement, which always overrides.
func naFlags(solicited, router bool) byte {
	flags := byte(flagOverride)
	if solicited {
		flags |= flagSolicited
	}
	if router {
		flags |= flagRouter
	}
	return flags
}

// appendNA appends a frame that says that addr is at mac, from both of them.
func appendNA(b []byte, mac [6]byte, addr netip.Addr, dstMAC [6]byte, dst netip.Addr, flags byte) []byte {
	from, to := addr.As16(), dst.As16()
	b = appendHeader(b, dstMAC, mac, EtherTypeIPv6)
	b = append(b, 0x60, 0, 0, 0, 0, naLen+naOptionLen, icmpv6, naHopLimit)
	b = append(b, from[:]...)
	b = append(b, to[:]...)

	start := len(b)
	b = append(b, naType, 0, 0, 0, flags, 0, 0, 0)
	b = append(b, from[:]...)
	b = append(b, optionTargetLL, 1)
	b = append(b, mac[:]...)
	sum := ^checksum.Fold(icmpSum(addr, dst, b[start:]))
	binary.BigEndian.PutUint16(b[start+naChecksumOffset:], sum)
	return b
}

// icmpSum is the unfolded checksum of an ICMPv6 message and its pseudo-header (RFC 4443 section 2.3).
func icmpSum(src, dst netip.Addr, msg []byte) uint64 {
	return checksum.Sum(msg, checksum.Pseudo(src.WithZone(""), dst, len(msg), icmpv6))
}

// claimNA reads the packet behind the Ethernet header.
func claimNA(b []byte) (netip.Addr, bool) {
	_, _, msg, ok := ndpMessage(b)
	if !ok {
		return netip.Addr{}, false
	}
	target := netip.AddrFrom16([16]byte(msg[naTargetOffset:]))
	return target, msg[0] == naType && msg[naFlagsOffset]&flagSolicited == 0 && isHost(target)
}

// ndpMessage returns the message of neighbour discovery in the packet behind the Ethernet header, which is no shorter
// than an advertisement, and its addresses. Octets after what the IPv6 header counts are padding.
func ndpMessage(b []byte) (src, dst netip.Addr, msg []byte, ok bool) {
	if len(b) < ipv6Len || b[0]>>4 != 6 || b[ipv6NextHeaderOffset] != icmpv6 || b[ipv6HopLimitOffset] != naHopLimit {
		return src, dst, nil, false
	}
	length := int(binary.BigEndian.Uint16(b[ipv6LengthOffset:]))
	if length < naLen || len(b) < ipv6Len+length {
		return src, dst, nil, false
	}
	src, dst = netip.AddrFrom16([16]byte(b[ipv6SourceOffset:])), netip.AddrFrom16([16]byte(b[ipv6TargetOffset:]))
	msg = b[ipv6Len : ipv6Len+length]
	return src, dst, msg, msg[1] == 0 && checksum.Fold(icmpSum(src, dst, msg)) == checksum.Valid
}
