// SPDX-License-Identifier: Apache-2.0

package vip

import "time"

// How far apart an address that is removed again and again is put back: at once, after a second, after twice that and
// so on, and at once again when it has been left alone for a while.
const (
	dampFirst = time.Second
	dampMost  = time.Minute
	dampQuiet = time.Minute
)

// A damping keeps an address from being put back as fast as somebody removes it. The zero value is for one that never
// was.
type damping struct {
	last  time.Time     // attempt to put it back
	delay time.Duration // from that to the next
}

// next returns when an address that is found missing now may be put back, and counts that.
func (d *damping) next(now time.Time) time.Time {
	if now.Sub(d.last) > d.delay+dampQuiet {
		d.delay = 0
	}
	at := d.last.Add(d.delay)
	if at.Before(now) {
		at = now
	}
	d.last = at
	d.delay = min(max(2*d.delay, dampFirst), dampMost)
	return at
}

// nextAfter returns when may be tried again what was tried now and failed: not at once.
func (d *damping) nextAfter(now time.Time) time.Time {
	at := d.next(now)
	if !at.After(now) {
		at = d.next(now)
	}
	return at
}
