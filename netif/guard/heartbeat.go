// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"sync/atomic"
	"time"
)

// A heartbeat is when the loop last lived, in memory that the program and its guard share. There are two clocks: the
// monotonic one, CLOCK_MONOTONIC, stands still while the host is suspended; the other, CLOCK_REALTIME, goes on, but can
// be set back. Both are in nanoseconds.
type heartbeat struct{ monotonic, realtime atomic.Int64 }

// age returns how old the heartbeat is, by the clock that says more. If there never was one, it is very old.
func (h *heartbeat) age(monotonic, realtime int64) time.Duration {
	return time.Duration(max(monotonic-h.monotonic.Load(), realtime-h.realtime.Load()))
}

// A pulse writes a heartbeat.
type pulse struct {
	page *heartbeat

	// Package time tells the monotonic clock by differences only: at base it was offset.
	base   time.Time
	offset int64
}

// beat notes that the loop lives now. It is safe for concurrent use.
func (p *pulse) beat(now time.Time) {
	p.page.monotonic.Store(p.offset + int64(now.Sub(p.base)))
	p.page.realtime.Store(now.UnixNano())
}
