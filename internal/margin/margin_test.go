// SPDX-License-Identifier: Apache-2.0

package margin_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/margin"
)

const epoch deadline.Instant = 1000

func TestBuckets(t *testing.T) {
	const interval = time.Second
	tests := []struct {
		late   time.Duration
		bucket int
	}{
		{-interval, 0}, {0, 0}, {10 * time.Millisecond, 0}, {10*time.Millisecond + 1, 1}, {20 * time.Millisecond, 1},
		{50 * time.Millisecond, 2}, {100 * time.Millisecond, 3}, {250 * time.Millisecond, 4}, {500 * time.Millisecond, 5},
		{interval, 6}, {2 * interval, 7}, {3 * interval, 8}, {3*interval + 1, 9}, {time.Hour, 9},
	}
	for _, tt := range tests {
		var g margin.Gauge
		g.Send(tt.late, interval)
		var want margin.Histogram
		want[tt.bucket] = 1
		if g.Measured().Sent != want {
			t.Errorf("%v late: %v, want %v", tt.late, g.Measured().Sent, want)
		}
	}
}

func TestHear(t *testing.T) {
	const interval, patience = time.Second, 3 * time.Second
	var g margin.Gauge
	now := epoch
	hear := func(gap time.Duration) {
		now = now.Add(gap)
		g.Hear(now, interval, patience-gap)
	}
	hear(patience * 9 / 10) // the first one
	hear(interval)
	hear(2 * interval)
	hear(interval)
	if want := (margin.Histogram{0: 2, 6: 1}); g.Measured().Heard != want {
		t.Errorf("heard %v, want %v", g.Measured().Heard, want)
	}
	if g.Measured().LongestGap != 2*interval || g.Measured().Lowest != patience-2*interval || g.Measured().LowestAt != epoch.Add(patience*9/10+2*interval+interval) {
		t.Errorf("longest gap %v, lowest margin %v at %v", g.Measured().LongestGap, g.Measured().Lowest, g.Measured().LowestAt)
	}
	g.Restart()
	hear(time.Hour)
	if g.Measured().LongestGap != 2*interval {
		t.Errorf("longest gap %v, of what doesn't follow", g.Measured().LongestGap)
	}
}

func TestGaugeDoesNotAllocate(t *testing.T) {
	var g margin.Gauge
	now := epoch
	if allocs := testing.AllocsPerRun(100, func() {
		now = now.Add(time.Second)
		g.Hear(now, time.Second, time.Second)
		g.Send(time.Millisecond, time.Second)
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
