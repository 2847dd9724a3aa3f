// SPDX-License-Identifier: Apache-2.0

// Package margin measures how near a host came to a failover that nobody wanted: how
// late the advertisements came that keep it from claiming, and how late its own were.
package margin

import (
	"math"
	"time"
)

// Buckets is how many there are in a histogram.
const Buckets = 10

// Histogram counts by lateness in per cent of an interval: up to and with the bound
// of the bucket, the last one what is above all bounds. There are thousands of them:
// counts are small, and end at the largest, after a year of 100 a second.
type Histogram [Buckets]uint32

// Counts returns the counts.
func (h *Histogram) Counts() (counts [Buckets]uint64) {
	for i, n := range h {
		counts[i] = uint64(n)
	}
	return counts
}

// Bounds returns the bounds of all buckets but the last, in per cent.
func Bounds() [Buckets - 1]int { return [...]int{1, 2, 5, 10, 25, 50, 100, 200, 300} }

// count notes that something was late. What was early is in the first bucket.
func (h *Histogram) count(late, interval time.Duration) {
	i := 0
	for _, bound := range Bounds() {
		if late <= time.Duration(bound)*interval/100 {
			break
		}
		i++
	}
	if h[i] < math.MaxUint32 {
		h[i]++
	}
}

// Gauge measures one election. The zero value has measured nothing. It allocates
// nothing, and is not safe for concurrent use.
type Gauge struct {
	heardAt time.Time // the last advertisement of those that follow each other

	Heard      Histogram     // what was heard, by its lateness after the one before
	LongestGap time.Duration // between two of these
	Lowest     time.Duration // the least time that was left when one came
	LowestAt   time.Time     // when that was; zero: never

	Sent   Histogram     // own advertisements, by their lateness
	Latest time.Duration // the worst of these
}

// Hear notes an advertisement that came at a time, of a peer with an interval, when
// so much was left of the time that it may be silent for. Of the first one of those
// that follow each other nothing is known: the peer may have begun just now.
func (g *Gauge) Hear(at time.Time, interval, left time.Duration) {
	if !g.heardAt.IsZero() {
		if g.LowestAt.IsZero() || left < g.Lowest {
			g.Lowest, g.LowestAt = left, at
		}
		gap := at.Sub(g.heardAt)
		g.Heard.count(gap-interval, interval)
		g.LongestGap = max(g.LongestGap, gap)
	}
	g.heardAt = at
}

// Restart notes that what is heard next doesn't follow what was heard last.
func (g *Gauge) Restart() { g.heardAt = time.Time{} }

// Send notes an own advertisement that was late.
func (g *Gauge) Send(late, interval time.Duration) {
	g.Sent.count(late, interval)
	g.Latest = max(g.Latest, late)
}
