// SPDX-License-Identifier: Apache-2.0

// Package margin measures how near a host came to a failover that nobody wanted: how
// late the advertisements came that keep it from claiming, and how late its own were.
package margin

import (
	"math"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
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

// Measured is what was measured of one election.
type Measured struct {
	Heard      Histogram        // what was heard, by its lateness after the one before
	LongestGap time.Duration    // between two of these
	Lowest     time.Duration    // the least time that was left when one came
	LowestAt   deadline.Instant // when that was; zero: never

	Sent   Histogram     // own advertisements, by their lateness
	Latest time.Duration // the worst of these
}

// Gauge measures one election. The zero value has measured nothing. There are thousands
// of them, most of which either hear or send: each kind has its memory from the first
// one on. It is not safe for concurrent use.
type Gauge struct {
	heardAt deadline.Instant // the last advertisement of those that follow each other
	heard   *heard
	sent    *sent
}

// heard is Measured of what was heard.
type heard struct {
	late     Histogram
	longest  time.Duration
	lowest   time.Duration
	lowestAt deadline.Instant
}

// sent is Measured of own advertisements.
type sent struct {
	late   Histogram
	latest time.Duration
}

// Measured returns what was measured.
func (g *Gauge) Measured() (m Measured) {
	if h := g.heard; h != nil {
		m.Heard, m.LongestGap, m.Lowest, m.LowestAt = h.late, h.longest, h.lowest, h.lowestAt
	}
	if s := g.sent; s != nil {
		m.Sent, m.Latest = s.late, s.latest
	}
	return m
}

// Hear notes an advertisement that came at a time, of a peer with an interval, when
// so much was left of the time that it may be silent for. Of the first one of those
// that follow each other nothing is known: the peer may have begun just now.
func (g *Gauge) Hear(at deadline.Instant, interval, left time.Duration) {
	if !g.heardAt.IsZero() {
		g.follow(at, at.Sub(g.heardAt), interval, left)
	}
	g.heardAt = at
}

// follow notes an advertisement that came some time after the one before.
func (g *Gauge) follow(at deadline.Instant, gap, interval, left time.Duration) {
	if g.heard == nil {
		g.heard = &heard{}
	}
	h := g.heard
	if h.lowestAt.IsZero() || left < h.lowest {
		h.lowest, h.lowestAt = left, at
	}
	h.late.count(gap-interval, interval)
	h.longest = max(h.longest, gap)
}

// Restart notes that what is heard next doesn't follow what was heard last.
func (g *Gauge) Restart() { g.heardAt = 0 }

// Send notes an own advertisement that was late.
func (g *Gauge) Send(late, interval time.Duration) {
	if g.sent == nil {
		g.sent = &sent{}
	}
	g.sent.late.count(late, interval)
	g.sent.latest = max(g.sent.latest, late)
}
