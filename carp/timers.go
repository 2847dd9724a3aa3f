// SPDX-License-Identifier: Apache-2.0

package carp

import "time"

// skewUnit is the unit of advskew, 1/256 s.
const skewUnit = time.Second / 256

// The bounds of a hand-over, in which both hosts may have the addresses.
const (
	// handOver is how long addresses are kept after the successor's first
	// advertisement. It advertises before it adds them.
	handOver = 50 * time.Millisecond
	// handOverMargin is how long after one interval past the bow-out addresses
	// are kept for a successor that isn't heard.
	handOverMargin = 100 * time.Millisecond
)

// backOffFirst and backOffMost bound the time without a claim after addresses
// could not be added; it doubles each time.
const (
	backOffFirst = time.Second
	backOffMost  = 60 * time.Second
)

// answersPerInterval is how often in an advertisement interval a peer's
// advertisement is answered at once.
const answersPerInterval = 10

// quietIntervals is how many intervals without its advertisement make a
// competitor gone.
const quietIntervals = 3

// interval returns advbase + advskew/256 s.
func interval(base, skew uint8) time.Duration {
	return time.Duration(base)*time.Second + time.Duration(skew)*skewUnit
}

// Interval returns the time between the advertisements of this host as Master:
// advbase and the demoted advskew (carp_send_ad). While it is forced it keeps the
// pace of the Master before, by which its peers have set their timers.
func (m *Machine) Interval() time.Duration {
	own := interval(m.cfg.AdvBase, m.skew())
	if m.forced && m.pace > 0 {
		return min(own, m.pace)
	}
	return own
}

// DownInterval returns the master-down time: how long the Master may be silent
// before this host claims its role. It is DeadRatio*advbase + advskew/256 s, as
// FreeBSD and NetBSD (carp_setrun) and ucarp have it, or with
// [Config.OpenBSDTimeout] DeadRatio*(advbase + advskew/256 s). That is also taken
// where advbase is 0, for the other would be a single interval. The advskew is the
// demoted one, so that a host that isn't demoted comes first; FreeBSD takes the
// configured one.
func (m *Machine) DownInterval() time.Duration {
	skew := time.Duration(m.skew()) * skewUnit
	if m.cfg.OpenBSDTimeout || m.cfg.AdvBase == 0 {
		skew *= time.Duration(m.cfg.DeadRatio)
	}
	return time.Duration(m.cfg.DeadRatio)*time.Duration(m.cfg.AdvBase)*time.Second + skew
}

// patience returns how long the peer, which is no worse than this host, may be
// silent as Master. It is longer than the master-down time for one that is better
// for being less demoted and yet advertises less often: OpenBSD would claim its
// role between two of its advertisements.
func (m *Machine) patience() time.Duration {
	if m.peerRank.Demote < m.Rank().Demote {
		return max(m.DownInterval(), time.Duration(m.cfg.DeadRatio)*m.peerRank.Interval())
	}
	return m.DownInterval()
}

// shiftDownTimer has the running master-down timer follow a change of the
// master-down time, which was before.
func (m *Machine) shiftDownTimer(before time.Duration) {
	if m.state == Backup && m.claim == ReasonTimedOut {
		m.downAt = m.downAt.Add(m.DownInterval() - before)
	}
}
