// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"encoding/binary"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// TrailerLen is how many octets an authentication trailer adds to a packet. The
// message before it doesn't count them.
const TrailerLen = 28

// Trailer is the authentication trailer behind a message, of either version and
// address family, as draft-cassen-vrrp-auth-hmac and keepalived from 2.4.2 have
// it. (2.4.0 and 2.4.1 sign something else.) [HMAC] makes and verifies it.
type Trailer [TrailerLen]byte

// The layout of the trailer. What is before the digest is covered by it.
const (
	offTrailerType     = 0
	offTrailerKey      = 1
	offTrailerReserved = 2
	offTrailerSequence = 4
	offTrailerDigest   = 12
	trailerDigestLen   = TrailerLen - offTrailerDigest // the first half of HMAC-SHA256

	trailerHMACSHA256 = 1 // the only scheme
)

// newTrailer returns a trailer without digest.
func newTrailer(key uint8, s Sequence) Trailer {
	t := Trailer{offTrailerType: trailerHMACSHA256, offTrailerKey: key}
	binary.BigEndian.PutUint64(t[offTrailerSequence:], uint64(s))
	return t
}

// wellFormed reports whether the scheme is known and the reserved field is 0.
func (t *Trailer) wellFormed() bool {
	return t[offTrailerType] == trailerHMACSHA256 && t[offTrailerReserved] == 0 && t[offTrailerReserved+1] == 0
}

// KeyID returns which key signed.
func (t *Trailer) KeyID() uint8 { return t[offTrailerKey] }

// Sequence returns the sequence number.
func (t *Trailer) Sequence() Sequence {
	return Sequence(binary.BigEndian.Uint64(t[offTrailerSequence:]))
}

// Append appends the trailer to a message, which is all that the slice holds, and
// returns the payload of the IP packet. The checksum of IPv4 doesn't cover the
// trailer; that of IPv6 does, and is changed in the message. It allocates only if
// message has no room.
func (t *Trailer) Append(message []byte, v6 bool) []byte {
	if v6 {
		addToChecksum(message, ^t.sum())
	}
	return append(message, t[:]...)
}

// CutTrailer parts the payload of an IP packet into message and trailer. Without
// a trailer, which is told by the length, it returns the payload as it is and
// nil. Message and trailer are parts of the payload, not copies.
//
// With a trailer over IPv6 the checksum in the payload is changed to be that of
// the message alone, right if it was right before: [Advertisement.Parse] takes
// the message then. It may be called once for a payload.
func CutTrailer(payload []byte, v6 bool) (message []byte, t *Trailer) {
	n := len(payload) - TrailerLen
	if n < headerLen || n != expectedLen(payload, v6) {
		return payload, nil
	}
	message, t = payload[:n:n], (*Trailer)(payload[n:])
	if v6 {
		addToChecksum(message, t.sum())
	}
	return message, t
}

// expectedLen returns the length of a message by its version and address count.
// Over IPv6 there is no version 2.
func expectedLen(b []byte, v6 bool) int {
	version := V3
	if !v6 {
		version = Version(b[offVersionType] >> 4)
	}
	return messageLen(version, v6, int(b[offCount]))
}

// sum returns the folded sum that the trailer adds to the checksum of IPv6, with
// that of its length in the pseudo-header (RFC 8200 section 8.1).
func (t *Trailer) sum() uint16 { return checksum.Fold(checksum.Sum(t[:], TrailerLen)) }

// addToChecksum adds to the checksum field in ones' complement (RFC 1624): the
// sum over the message changes by as much.
func addToChecksum(message []byte, sum uint16) {
	field := message[offChecksum:]
	changed := checksum.Fold(uint64(binary.BigEndian.Uint16(field)) + uint64(sum))
	if changed == 0xffff {
		changed = 0 // as every sender writes it
	}
	binary.BigEndian.PutUint16(field, changed)
}
