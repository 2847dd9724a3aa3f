// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"time"
)

// Sequence is the sequence number of a [Trailer]: the time of signing, and a
// counter for what has the same time. From the high end: 32 bits of seconds since
// 1970 UTC, modulo 2^32; 16 bits of 1/65536 second; 16 bits of counter. A router
// that restarts goes on with a higher one if its clock does.
type Sequence uint64

// SequenceAt returns the first sequence number of a time.
func SequenceAt(t time.Time) Sequence {
	fraction := uint64(t.Nanosecond()) << 16 / uint64(time.Second)
	return Sequence(uint64(uint32(t.Unix()))<<32 | fraction<<16)
}

// After reports whether s is later than other, by the serial number arithmetic
// of RFC 1982: of two that are 68 years apart and more it is the other way round.
func (s Sequence) After(other Sequence) bool { return int64(s-other) > 0 }

// String returns seconds, fraction and counter.
func (s Sequence) String() string {
	return fmt.Sprintf("%d.%05d#%d", s.seconds(), uint64(s)>>16&0xffff*100_000>>16, uint16(s))
}

// seconds returns the whole seconds since 1970, modulo 2^32.
func (s Sequence) seconds() uint32 { return uint32(s >> 32) }

// secondsAhead returns by how many seconds s is ahead of other.
func (s Sequence) secondsAhead(other Sequence) int32 { return int32(s.seconds() - other.seconds()) }
