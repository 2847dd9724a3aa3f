// SPDX-License-Identifier: Apache-2.0

// Package bpf is what there is to bpf(4) of FreeBSD beside its system calls: the records that a read gives, and the
// filters by which a link is listened to. These run on every system. On Linux it attaches filters to sockets.
package bpf

import (
	"encoding/binary"
	"math/bits"
	"time"
)

// Layout of struct bpf_xhdr, which stands before each frame if time stamps are not of the default format. It is the
// same on every architecture. The seconds and the fraction, which is in nanoseconds in the format NANOTIME, have 64
// bits each.
const (
	secondsOffset   = 0
	fractionOffset  = 8
	capturedOffset  = 16
	headerLenOffset = 24
	minHeaderLen    = 26
)

// alignment is BPF_ALIGNMENT, the size of a long.
const alignment = bits.UintSize / 8

// A Record is a frame with the time at which the kernel took it in.
type Record struct {
	// Stamp is the time by the clock that was asked for: since the host was booted, if that is the monotonic one.
	Stamp time.Duration

	// Frame is the Ethernet frame. It is part of the buffer, not a copy.
	Frame []byte
}

// Next cuts the first record off the buffer that a read filled. It is not ok at the end, and if what follows is no
// record. The descriptor must have the time stamp format NANOTIME, of either clock.
func Next(b []byte) (r Record, rest []byte, ok bool) {
	if len(b) < minHeaderLen {
		return Record{}, nil, false
	}
	header := int(binary.NativeEndian.Uint16(b[headerLenOffset:]))
	captured := binary.NativeEndian.Uint32(b[capturedOffset:])
	if header < minHeaderLen || header > len(b) || uint64(captured) > uint64(len(b)-header) {
		return Record{}, nil, false
	}
	end := header + int(captured)
	seconds := int64(binary.NativeEndian.Uint64(b[secondsOffset:]))
	fraction := int64(binary.NativeEndian.Uint64(b[fractionOffset:]))
	r = Record{
		Stamp: time.Duration(seconds)*time.Second + time.Duration(fraction),
		Frame: b[header:end],
	}
	return r, b[min(wordAlign(end), len(b)):], true
}

// wordAlign is BPF_WORDALIGN: records begin at multiples of the alignment.
func wordAlign(n int) int { return (n + alignment - 1) &^ (alignment - 1) }

// Arrival returns when a frame was taken in, which is never after at. It was read at that time, when the clock of the
// stamps was at clock.
func Arrival(at time.Time, clock, stamp time.Duration) time.Time { return at.Add(-max(clock-stamp, 0)) }
