// SPDX-License-Identifier: Apache-2.0

package deadline

import (
	"math"
	"testing"
	"time"
)

// TestClock: instants are as far apart as the times, before and after the first one.
func TestClock(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var c Clock
	for _, since := range []time.Duration{0, 3, time.Second, -time.Hour, 40 * 365 * 24 * time.Hour} {
		now := c.Set(start.Add(since))
		for _, d := range []time.Duration{0, 1, -time.Minute, time.Hour, -50 * 365 * 24 * time.Hour, 150 * 365 * 24 * time.Hour} {
			at := c.Instant(start.Add(since + d))
			if at.Sub(now) != d || at != now.Add(d) || at.Before(now) != (d < 0) || at.After(now) != (d > 0) || at.IsZero() {
				t.Errorf("%v after %v: %v and %v", d, since, at, now)
			}
			if is := c.Time(at); !is.Equal(start.Add(since + d)) {
				t.Errorf("%v after %v is %v", d, since, is)
			}
		}
	}
}

// TestClockZero: no time is none, and sets no clock.
func TestClockZero(t *testing.T) {
	var c Clock
	if at := c.Set(time.Time{}); at != 0 || !c.Time(0).IsZero() || !Instant(0).IsZero() {
		t.Errorf("%v is %v", at, c.Time(at))
	}
	start := time.Unix(1e9, 0)
	before := c.Instant(start)
	if at := c.Set(start); at != before || at.IsZero() || !c.Time(at).Equal(start) {
		t.Errorf("%v and %v, which is %v", before, at, c.Time(at))
	}
	if at := c.Set(time.Time{}); at != 0 || !c.Time(before).Equal(start) {
		t.Errorf("%v, and then %v", at, c.Time(before))
	}
}

// TestClockMonotonic: times by the monotonic clock come back as they were.
func TestClockMonotonic(t *testing.T) {
	var c Clock
	start := time.Now()
	was := c.Set(start)
	later := start.Add(time.Minute)
	now := c.Set(later)
	if now.Sub(was) != time.Minute || c.Time(now) != later || c.Time(was) != start {
		t.Errorf("%v, %v and %v", now.Sub(was), c.Time(now), c.Time(was))
	}
}

// TestInstantEnds: what is too far away is the last Instant, or the first, and never on the other side.
func TestInstantEnds(t *testing.T) {
	var c Clock
	now := c.Set(time.Unix(1e9, 0))
	if at := now.Add(math.MaxInt64); at != math.MaxInt64 || !at.After(now) {
		t.Errorf("%v", at)
	}
	if at := c.Instant(time.Unix(1e11, 0)); at != math.MaxInt64 {
		t.Errorf("%v", at)
	}
	if at := c.Instant(time.Unix(-1e11, 0)); at != 1 {
		t.Errorf("%v", at)
	}
}

// TestInstantsOfDeadlines: what is reckoned with times is reckoned with instants.
func TestInstantsOfDeadlines(t *testing.T) {
	if !Due(Instant(5), 5) || Due(Instant(5), 4) || Due(Instant(0), 4) {
		t.Error("due at another time")
	}
	if at := []Instant{Earlier(Instant(0), 3), Earlier(Instant(3), 0), Earlier(Instant(4), 3), Later(Instant(4), 3), Later(Instant(0), 3)}; at[0] != 3 || at[1] != 3 || at[2] != 3 || at[3] != 4 || at[4] != 3 {
		t.Errorf("%v", at)
	}
	if at := OnGrid(Instant(10), 35, 10); at != 40 {
		t.Errorf("%v", at)
	}
}
