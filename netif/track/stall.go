// SPDX-License-Identifier: Apache-2.0

package track

import "time"

// maxDiscards is how many outcomes in succession are discarded for stalls. A host that stalls each time doesn't stall by
// chance: it is not fit for the role, and its checks may say so.
const maxDiscards = 3

// stopwatch is when something with a time-out began, by the monotonic clock and by the clock on the wall.
type stopwatch struct{ begun time.Time }

// stalled reports whether the host can't have given what began its time: the timer for the time-out was late by more than
// the time-out again.
func (w stopwatch) stalled(now time.Time, timeout time.Duration) bool {
	return stalled(now.Sub(w.begun), now.Round(0).Sub(w.begun.Round(0)), timeout)
}

// stalled is about the time that passed by each clock. Where the monotonic clock stands still while the host is suspended
// (Linux), only the other one shows it. A clock on the wall that is set forward looks the same, and costs a repetition.
func stalled(monotonic, wall, timeout time.Duration) bool {
	return monotonic-timeout > timeout || wall-monotonic > timeout
}
