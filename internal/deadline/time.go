// SPDX-License-Identifier: Apache-2.0

package deadline

import "time"

// Due reports whether a deadline is set and reached. The zero time is one that is
// not set, here and in Earlier and Later.
func Due(deadline, now time.Time) bool { return !deadline.IsZero() && !now.Before(deadline) }

// Earlier returns the earlier of two deadlines, of which either may be unset.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// OnGrid returns the first deadline after now on the grid of at and its multiples of
// interval: lateness is made up for, whole periods are not.
func OnGrid(at, now time.Time, interval time.Duration) time.Time {
	next := at.Add(interval)
	if late := now.Sub(next); late >= 0 {
		next = next.Add((late/interval + 1) * interval)
	}
	return next
}

// Later returns the later of two deadlines, of which either may be unset.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
