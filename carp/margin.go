// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/margin"
)

// Lateness counts advertisements by how late they were, in per cent of the
// advertisement interval: how many up to and with each of [LatenessBounds], and in
// the last element how many above them all.
type Lateness [10]uint64

// LatenessBounds returns the bounds of [Lateness], in per cent of the interval.
func LatenessBounds() [9]int { return margin.Bounds() }

// Margin tells how near a virtual host came to a failover that nobody wanted, since
// it was added: on a Backup how late the advertisements came that keep it from
// claiming the role, on a Master how late its own were. A Lowest near 0, or counts
// of Heard above 100, are advertisements lost or a peer that comes to run late; counts
// of Sent above 10 are a host with too much to do, for which see netif.RealTime.
// Durations are in seconds in JSON.
type Margin struct {
	// Heard counts accepted advertisements by the time since the one before,
	// less an interval. An advertisement lost counts as 100 per cent.
	Heard      Lateness      `json:"heard"`
	LongestGap time.Duration `json:"longest-gap-sec"` // between two of these
	// Lowest is the least time that was left of DownInterval when an
	// advertisement came; it means nothing while LowestAt is zero.
	Lowest   time.Duration `json:"lowest-sec"`
	LowestAt time.Time     `json:"lowest-datetime,omitzero"`

	// Sent counts own advertisements by how long after its time the loop came to
	// each. Where there are many virtual hosts that is up to 1 per cent by
	// design: they are sent together.
	Sent   Lateness      `json:"sent"`
	Latest time.Duration `json:"latest-sec"` // the worst of these
}

// marginOf returns what was measured.
func marginOf(g *margin.Gauge, clock *deadline.Clock) Margin {
	m := g.Measured()
	return Margin{Heard: m.Heard.Counts(), LongestGap: m.LongestGap, Lowest: m.Lowest, LowestAt: clock.Time(m.LowestAt), Sent: m.Sent.Counts(), Latest: m.Latest}
}

// gaugeHeard measures an advertisement that the machine has taken in and that put
// the claim off, which was to come at claimAt; zero if none was.
func (v *VirtualHost) gaugeHeard(at, claimAt time.Time) {
	m := v.machine
	if m.state == Backup && m.claim == ReasonTimedOut && !claimAt.IsZero() {
		v.margin.Hear(v.host.engine.Clock().Instant(at), m.peerRank.Interval(), claimAt.Sub(at))
	}
}

// gaugeSent measures the advertisement that is due, if one is.
func (v *VirtualHost) gaugeSent(now time.Time) {
	if m := v.machine; m.state == Master && deadline.Due(m.adverAt, now) {
		v.margin.Send(now.Sub(m.adverAt), m.Interval())
	}
}
