// SPDX-License-Identifier: Apache-2.0

package main

import "time"

// maxMargins is how many margins are kept of a speaker.
const maxMargins = 60

// margins are the last margins of a speaker, the oldest first: the share, in percent,
// that was left of the down interval when an advertisement came. Two thirds are
// as it should be, at 0 a backup takes over, and below the gap was longer.
type margins []int16

// add puts in the one of a gap.
func (m *margins) add(gap, down time.Duration) {
	if down <= 0 {
		return
	}
	left := max(-999, 100*float64(down-gap)/float64(down))
	if len(*m) == maxMargins {
		copy(*m, (*m)[1:])
		*m = (*m)[:maxMargins-1]
	}
	*m = append(*m, int16(left))
}

// last returns the latest one.
func (m margins) last() (int, bool) {
	if len(m) == 0 {
		return 0, false
	}
	return int(m[len(m)-1]), true
}

// least returns the lowest of those that are kept.
func (m margins) least() (int, bool) {
	if len(m) == 0 {
		return 0, false
	}
	low := m[0]
	for _, v := range m {
		low = min(low, v)
	}
	return int(low), true
}
