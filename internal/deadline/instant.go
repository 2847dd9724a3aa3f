// SPDX-License-Identifier: Apache-2.0

package deadline

import (
	"math"
	"time"
)

// Instant is a point in time in a third of the memory of a [time.Time], for those who keep
// many: in nanoseconds, as a [Clock] has it. The zero Instant is none, and before all others.
type Instant int64

// IsZero, Add, Sub, Before and After are those of [time.Time].
func (i Instant) IsZero() bool { return i == 0 }

// Add returns the last Instant there is if the sum is after it.
func (i Instant) Add(d time.Duration) Instant {
	if d > math.MaxInt64-time.Duration(i) {
		return math.MaxInt64
	}
	return i + Instant(d)
}

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// Before reports whether i is before j.
func (i Instant) Before(j Instant) bool { return i < j }

// After reports whether i is after j.
func (i Instant) After(j Instant) bool { return i > j }

// Clock says which time an Instant is. It goes as the times do that it is set by: by their
// monotonic clock if they have one, and shows what their wall clock shows. The zero Clock
// has not been set.
type Clock struct {
	shows time.Time
	at    Instant // that time
}

// first is the Instant of the first time that a clock is set by. There are 73 years before it.
const first = 1 << 61

// Set sets the clock by the time that it is, which is not zero, and returns its Instant.
func (c *Clock) Set(now time.Time) Instant {
	if !now.IsZero() {
		c.at, c.shows = c.Instant(now), now
	}
	return c.Instant(now)
}

// Instant returns the Instant of a time, 0 of the zero time.
func (c *Clock) Instant(t time.Time) Instant {
	switch {
	case t.IsZero():
		return 0
	case c.at.IsZero():
		return first
	}
	return max(c.at.Add(t.Sub(c.shows)), 1)
}

// Time returns the time of an Instant.
func (c *Clock) Time(i Instant) time.Time {
	if i.IsZero() {
		return time.Time{}
	}
	return c.shows.Add(i.Sub(c.at))
}
