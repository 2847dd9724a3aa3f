// SPDX-License-Identifier: Apache-2.0

package deadline

import "time"

// Moment is a [time.Time] or an [Instant].
type Moment[T any] interface {
	IsZero() bool
	Before(T) bool
	After(T) bool
	Add(time.Duration) T
	Sub(T) time.Duration
}

// Due reports whether a deadline is set and reached. The zero time is one that is
// not set, here and in Earlier and Later.
func Due[T Moment[T]](deadline, now T) bool { return !deadline.IsZero() && !now.Before(deadline) }

// Earlier returns the earlier of two deadlines, of which either may be unset.
func Earlier[T Moment[T]](a, b T) T {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// OnGrid returns the first deadline after now on the grid of at and its multiples of
// interval: lateness is made up for, whole periods are not.
func OnGrid[T Moment[T]](at, now T, interval time.Duration) T {
	next := at.Add(interval)
	if late := now.Sub(next); late >= 0 {
		next = next.Add((late/interval + 1) * interval)
	}
	return next
}

// Later returns the later of two deadlines, of which either may be unset.
func Later[T Moment[T]](a, b T) T {
	if b.After(a) {
		return b
	}
	return a
}
