// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"net/netip"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// ownInput is an input of the protocol's own.
type ownInput struct {
	line string // for a transcript; SELF stands for the host's address
	do   func(*explorer, time.Time) ([]carp.Action, error)
}

// text is the line for one host.
func (o ownInput) text(s *seat) string { return strings.ReplaceAll(o.line, "SELF", s.src.String()) }

// demotions are those of a virtual host and of all that a host takes part in.
func demotions() []ownInput {
	return []ownInput{
		{"demote sync weight=60", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.Demote(now, "sync", 60), nil }},
		{"demote disk weight=240", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.Demote(now, "disk", 240), nil }},
		{"undemote sync", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.Undemote(now, "sync"), nil }},
		{"undemote disk", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.Undemote(now, "disk"), nil }},
		{"demote-host sum=120", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.DemoteHost(now, 120), nil }},
		{"demote-host sum=0", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.DemoteHost(now, 0), nil }},
	}
}

// operator is what a person asks of a host, and a runtime that says it slept when
// it didn't.
func operator() []ownInput {
	return []ownInput{
		{"resign", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.Resign(now, 0), nil }},
		{"resign 10s", func(e *explorer, now time.Time) ([]carp.Action, error) {
			return e.m.Resign(now, 10*time.Second), nil
		}},
		{"force", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.Force(now, 0), nil }},
		{"force 2s", func(e *explorer, now time.Time) ([]carp.Action, error) {
			return e.m.Force(now, 2*time.Second), nil
		}},
		{"reconfigure skew=200", reconfigure(func(c *carp.Config) { c.AdvSkew = 200 })},
		{"reconfigure nopreempt", reconfigure(func(c *carp.Config) { c.Preempt = false })},
		{"reconfigure preempt skew=50", reconfigure(func(c *carp.Config) { c.Preempt, c.AdvSkew = true, 50 })},
		{"slept", func(e *explorer, now time.Time) ([]carp.Action, error) { return e.m.Slept(now), nil }},
	}
}

// anotherBase is an interval that one of the others has not, so that for a time one
// advertises less often than the other waits.
func anotherBase() []ownInput {
	return []ownInput{{"reconfigure base=4", reconfigure(func(c *carp.Config) { c.AdvBase = 4 })}}
}

func reconfigure(change func(*carp.Config)) func(*explorer, time.Time) ([]carp.Action, error) {
	return func(e *explorer, now time.Time) ([]carp.Action, error) {
		c := e.m.Config()
		change(&c)
		return e.m.Reconfigure(now, c)
	}
}

// strangers are packets from nobody in the group, which pass all checks: the host's
// own that come back, those of a host that nobody knows, and copies of which the
// interval was changed, for that is not part of the digest.
func strangers() []ownInput {
	stranger := netip.MustParseAddr("192.0.2.9")
	hear := func(src netip.Addr, r carp.Rank) func(*explorer, time.Time) ([]carp.Action, error) {
		return func(e *explorer, now time.Time) ([]carp.Action, error) {
			from := src
			if !from.IsValid() {
				from = e.src
			}
			return e.receive(now, from, r)
		}
	}
	return []ownInput{
		{"receive src=SELF skew=0", hear(netip.Addr{}, carp.Rank{AdvBase: 1})},
		{"receive src=192.0.2.9 base=1 skew=0", hear(stranger, carp.Rank{AdvBase: 1})},
		{"receive src=192.0.2.9 base=1 skew=100", hear(stranger, carp.Rank{AdvBase: 1, AdvSkew: 100})},
		{"receive src=192.0.2.9 base=1 skew=200", hear(stranger, carp.Rank{AdvBase: 1, AdvSkew: 200})},
		{"receive src=192.0.2.9 base=9 skew=0", hear(stranger, carp.Rank{AdvBase: 9})},
		{"receive src=192.0.2.9 base=0 skew=0", hear(stranger, carp.Rank{})},
		{"receive src=192.0.2.9 base=255 skew=255", hear(stranger, carp.BowOut())},
	}
}
