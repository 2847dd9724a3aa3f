// SPDX-License-Identifier: Apache-2.0

package vrrp

import "net/netip"

// replay remembers the last sequence number of each sender: the marks that those
// to come must be above. Of more senders than it has room for it forgets those
// that were heard least recently.
//
// It must be asked about packets with a right digest only. Then nobody without a
// key can fill it or raise a mark.
type replay struct {
	window int32  // seconds that a sequence number may differ from the clock; 0: any
	marks  []mark // the most recently heard sender first; never grows beyond its capacity
}

// mark is the last accepted sequence number of a sender.
type mark struct {
	src  netip.Addr // without zone
	last Sequence
}

// fresh reports whether a sequence number is in the window around the clock.
func (r *replay) fresh(clock, s Sequence) bool {
	skew := clock.secondsAhead(s)
	return r.window == 0 || skew <= r.window && skew >= -r.window
}

// accept reports whether a sequence number of a sender is above its mark, and
// raises that. A mark outside the window orders only what is outside as well, and
// counts no more: else a sender whose clock was ahead and has been set right
// would not be heard until the time has come that it had.
func (r *replay) accept(clock Sequence, src netip.Addr, s Sequence) bool {
	src = src.WithZone("")
	i := 0
	for i < len(r.marks) && r.marks[i].src != src {
		i++
	}
	known := i < len(r.marks)
	if known && r.fresh(clock, r.marks[i].last) && !s.After(r.marks[i].last) {
		return false
	}
	if !known && i < cap(r.marks) {
		r.marks = r.marks[:i+1]
	}
	i = min(i, len(r.marks)-1)
	copy(r.marks[1:i+1], r.marks[:i])
	r.marks[0] = mark{src, s}
	return true
}

// inherit takes over the marks of another, as far as there is room.
func (r *replay) inherit(old *replay) {
	r.marks = r.marks[:min(len(old.marks), cap(r.marks))]
	copy(r.marks, old.marks)
}
