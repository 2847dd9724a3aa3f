// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"testing"
	"time"
)

// million is what drift is counted in.
const million = 1_000_000

// clock is that of a node: it runs at a rate of its own, and stands still while the
// node is suspended.
type clock struct {
	epoch time.Time // when it and the true time were the same
	drift int64     // millionths by which it is faster
	lost  time.Duration
}

// local returns what the clock shows at a true time.
func (c *clock) local(at time.Time) time.Time {
	d := at.Sub(c.epoch) - c.lost
	return c.epoch.Add(d + time.Duration(int64(d)/million*c.drift+int64(d)%million*c.drift/million))
}

// actual returns the first time at which the clock shows at least this one. The zero
// time is never.
func (c *clock) actual(local time.Time) time.Time {
	if local.IsZero() {
		return local
	}
	d, rate := int64(local.Sub(c.epoch)), million+c.drift
	at := c.epoch.Add(c.lost + time.Duration(d-d/rate*c.drift-d%rate*c.drift/rate))
	for !c.local(at.Add(-1)).Before(local) {
		at = at.Add(-1)
	}
	for c.local(at).Before(local) {
		at = at.Add(1)
	}
	return at
}

// A clock shows a time at the first moment at which it says that it does, however
// fast it is and however long it stood still.
func TestClock(t *testing.T) {
	epoch := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, drift := range []int64{0, 1, -1, 10000, -10000, 1234} {
		for _, lost := range []time.Duration{0, 1, 7 * time.Second} {
			c := &clock{epoch: epoch, drift: drift, lost: lost}
			for d := time.Duration(1); d < 1000*24*time.Hour; d = 3*d + 1 {
				local := epoch.Add(d)
				at := c.actual(local)
				if c.local(at).Before(local) || !c.local(at.Add(-1)).Before(local) {
					t.Errorf("drift %d, lost %v: shows %v at %v", drift, lost, d, at.Sub(epoch))
				}
			}
		}
	}
}
