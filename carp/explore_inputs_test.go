// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// demotions are those of a virtual host and of all that a host takes part in.
func demotions() []ownInput {
	simple := newExploration().Simple
	return []ownInput{
		simple("demote sync weight=60", func(m *carp.Machine, now time.Time) []carp.Action { return m.Demote(now, "sync", 60) }),
		simple("demote disk weight=240", func(m *carp.Machine, now time.Time) []carp.Action { return m.Demote(now, "disk", 240) }),
		simple("undemote sync", func(m *carp.Machine, now time.Time) []carp.Action { return m.Undemote(now, "sync") }),
		simple("undemote disk", func(m *carp.Machine, now time.Time) []carp.Action { return m.Undemote(now, "disk") }),
		simple("demote-host sum=120", func(m *carp.Machine, now time.Time) []carp.Action { return m.DemoteHost(now, 120) }),
		simple("demote-host sum=0", func(m *carp.Machine, now time.Time) []carp.Action { return m.DemoteHost(now, 0) }),
	}
}

// operator is what a person asks of a host.
func operator() []ownInput {
	return append(newExploration().Operator(),
		reconfigure("reconfigure skew=200", func(c *carp.Config) { c.AdvSkew = 200 }),
		reconfigure("reconfigure nopreempt", func(c *carp.Config) { c.Preempt = false }),
		reconfigure("reconfigure preempt skew=50", func(c *carp.Config) { c.Preempt, c.AdvSkew = true, 50 }),
	)
}

// anotherBase is an interval that one of the others has not, so that for a time one
// advertises less often than the other waits.
func anotherBase() []ownInput {
	return []ownInput{reconfigure("reconfigure base=4", func(c *carp.Config) { c.AdvBase = 4 })}
}

func reconfigure(line string, change func(*carp.Config)) ownInput {
	return newExploration().Reconfigure(line, change)
}

// strangers are packets from nobody in the group, which pass all checks: the host's
// own that come back, those of a host that nobody knows, and copies of which the
// interval was changed, for that is not part of the digest.
func strangers() []ownInput {
	stranger := netip.MustParseAddr("192.0.2.9")
	hear := func(line string, src netip.Addr, r carp.Rank) ownInput {
		return ownInput{Line: line, Do: func(e *explorer, now time.Time) ([]carp.Action, error) {
			from := src
			if !from.IsValid() {
				from = e.Src
			}
			return receive(e, now, from, r)
		}}
	}
	return []ownInput{
		hear("receive src=SELF skew=0", netip.Addr{}, carp.Rank{AdvBase: 1}),
		hear("receive src=192.0.2.9 base=1 skew=0", stranger, carp.Rank{AdvBase: 1}),
		hear("receive src=192.0.2.9 base=1 skew=100", stranger, carp.Rank{AdvBase: 1, AdvSkew: 100}),
		hear("receive src=192.0.2.9 base=1 skew=200", stranger, carp.Rank{AdvBase: 1, AdvSkew: 200}),
		hear("receive src=192.0.2.9 base=9 skew=0", stranger, carp.Rank{AdvBase: 9}),
		hear("receive src=192.0.2.9 base=0 skew=0", stranger, carp.Rank{}),
		hear("receive src=192.0.2.9 base=255 skew=255", stranger, carp.BowOut()),
	}
}
