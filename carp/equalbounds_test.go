// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// The last word of an equal that was yielded to may come until half an interval after that.
func TestLastWordOfAnEqualComesWithinHalfAnInterval(t *testing.T) {
	for wait, want := range map[time.Duration]carp.State{
		equalInterval/2 - 1: carp.Master, // it has yielded as well, and its next one is stood up to
		equalInterval / 2:   carp.Backup, // it was Master
	} {
		h := yielded(t)
		h.advance(wait)
		h.hear(lowerPeer, adv(1, 100))
		h.await(carp.Master)
		h.hear(lowerPeer, adv(1, 100))
		if h.m.State() != want {
			t.Errorf("heard after %v: %v, want %v", wait, h.m.State(), want)
		}
	}
}

// Equals are in succession that are three intervals apart, and no more: after that the count begins with the next one.
func TestBoundsOfASuccessionOfEquals(t *testing.T) {
	for _, c := range []struct {
		apart []time.Duration
		want  carp.State
	}{
		{[]time.Duration{3 * equalInterval, 3 * equalInterval}, carp.Backup},
		{[]time.Duration{3 * equalInterval, 3*equalInterval + 1}, carp.Master},
		{[]time.Duration{3*equalInterval + 1, equalInterval}, carp.Master},
		{[]time.Duration{3*equalInterval + 1, equalInterval, equalInterval}, carp.Backup},
	} {
		h := master(t)
		h.hear(higherPeer, adv(1, 100))
		for _, d := range c.apart {
			h.wantState(carp.Master)
			h.advance(d)
			h.hear(higherPeer, adv(1, 100))
		}
		if h.m.State() != c.want {
			t.Errorf("%v apart: %v, want %v", c.apart, h.m.State(), c.want)
		}
	}
}

// A demotion of one is said, too.
func TestRankTellsTheLeastDemotion(t *testing.T) {
	if got := (carp.Rank{AdvBase: 1, Demote: 1}).String(); got != "advbase 1 advskew 0 demote 1" {
		t.Error(got)
	}
}
