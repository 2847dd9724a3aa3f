// SPDX-License-Identifier: Apache-2.0

// Package checksum computes the Internet checksum (RFC 1071) that VRRP, CARP
// and ICMPv6 carry, with and without the pseudo-header of the IP version.
//
// A message is valid if the sum over all of it, its checksum field included,
// folds to 0xffff. That holds for both representations of zero, which
// recomputing the field and comparing does not.
package checksum

import (
	"encoding/binary"
	"net/netip"
)

// Valid is what [Fold] gives for an intact message.
const Valid = 0xffff

// Sum adds the big-endian 16-bit words of b to initial and returns the sum,
// not folded to 16 bits. An odd last octet counts as the high half of a word.
func Sum(b []byte, initial uint32) uint32 {
	sum := uint64(initial)
	for len(b) >= 4 {
		sum += uint64(binary.BigEndian.Uint32(b))
		b = b[4:]
	}
	if len(b) >= 2 {
		sum += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	return fold32(sum)
}

// fold32 adds the carries of a sum back in.
func fold32(sum uint64) uint32 {
	sum = sum>>32 + sum&0xffffffff
	return uint32(sum>>32 + sum)
}

// Fold reduces a sum to 16 bits, carries added back in. It is not complemented:
// the checksum field takes ^Fold(sum).
func Fold(sum uint32) uint16 {
	sum = sum>>16 + sum&0xffff
	return uint16(sum>>16 + sum)
}

// Pseudo returns the sum of the pseudo-header for a message of length octets
// that the IP protocol next carries: RFC 768 if src and dst are IPv4, RFC 8200
// section 8.1 if they are IPv6.
func Pseudo(src, dst netip.Addr, length int, next uint8) uint32 {
	sum := uint64(uint32(length)) + uint64(next)
	if src.Is4() && dst.Is4() {
		s, d := src.As4(), dst.As4()
		return fold32(sum + uint64(binary.BigEndian.Uint32(s[:])) + uint64(binary.BigEndian.Uint32(d[:])))
	}
	s, d := src.As16(), dst.As16()
	return Sum(d[:], Sum(s[:], fold32(sum)))
}
