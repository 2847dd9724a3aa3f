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
	"math/bits"
	"net/netip"
)

// Valid is what [Fold] gives for an intact message.
const Valid = 0xffff

// Sum adds the big-endian 16-bit words of b to initial and returns the sum, not
// folded to 16 bits. An odd last octet counts as the high half of a word. There
// is room for the sum of 4 GiB.
func Sum(b []byte, initial uint64) uint64 {
	sum := initial
	for ; len(b) >= 8; b = b[8:] {
		words := binary.BigEndian.Uint64(b)
		sum += words>>32 + words&0xffffffff
	}
	if len(b) >= 4 {
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
	return sum
}

// Fold reduces a sum to 16 bits, carries added back in. It is not complemented:
// the checksum field takes ^Fold(sum).
//
// The halves of a word are added to each other by adding the word with its halves
// swapped: the carry out of the lower half is then added to the upper one.
func Fold(sum uint64) uint16 {
	half := uint32((sum + bits.RotateLeft64(sum, 32)) >> 32)
	return uint16((half + bits.RotateLeft32(half, 16)) >> 16)
}

// Pseudo returns the sum of the pseudo-header for a message of length octets
// that the IP protocol next carries: RFC 768 if src and dst are IPv4, RFC 8200
// section 8.1 if they are IPv6.
func Pseudo(src, dst netip.Addr, length int, next uint8) uint64 {
	sum := uint64(uint32(length)) + uint64(next)
	if src.Is4() && dst.Is4() {
		s, d := src.As4(), dst.As4()
		return sum + uint64(binary.BigEndian.Uint32(s[:])) + uint64(binary.BigEndian.Uint32(d[:]))
	}
	return pseudo6(src, dst, sum)
}

func pseudo6(src, dst netip.Addr, sum uint64) uint64 {
	s, d := src.As16(), dst.As16()
	return Sum(d[:], Sum(s[:], sum))
}
