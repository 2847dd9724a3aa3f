// SPDX-License-Identifier: Apache-2.0

package simulation

import "time"

// The bounds of the module, as they are documented.
const (
	handOverMargin = 100 * time.Millisecond // past an interval
	leastLease     = 2 * time.Second
	backOffMost    = 60 * time.Second
	willTakes      = 5 * time.Millisecond // the guard
)

// interval returns the longest time between advertisements of the group.
func (g *group) interval() time.Duration {
	if g.spec.Protocol.carp() {
		return g.slowest + g.skew()
	}
	return g.slowest
}

// skew returns the longest advskew.
func (g *group) skew() time.Duration {
	return time.Duration(max(leastSkew, 255-int(g.lowest))) * time.Second / 256
}

// down returns the longest down interval of a member.
func (g *group) down() time.Duration {
	if g.spec.Protocol.carp() {
		return 3 * (g.slowest + g.skew()) // of OpenBSD, and of others less
	}
	unit := g.slowest
	if g.spec.Protocol == vrrp2 {
		unit = time.Second
	}
	return 3*g.slowest + time.Duration(256-int(g.lowest))*unit/256
}

// overlap returns how long two may both be Active. In VRRP that is until the better
// one advertises next. In CARP equals may stand each other for longer.
func (g *group) overlap() time.Duration {
	if g.spec.Protocol.carp() {
		return g.down()
	}
	return g.interval()
}

// lease returns how long a lease lasts at most.
func (g *group) lease() time.Duration {
	interval := g.slowest
	if g.spec.Protocol.carp() && interval == 0 {
		interval = g.skew()
	}
	return max((3 * interval).Truncate(time.Second), leastLease)
}

// handOver returns how long addresses are kept for a successor.
func (g *group) handOver() time.Duration { return g.interval() + handOverMargin }

// atMost adds to a time what clocks and packets may be late by.
func (c *cluster) atMost(d time.Duration) time.Duration {
	return d + d/32 + c.scenario.Delay + c.scenario.Jitter + time.Millisecond
}
