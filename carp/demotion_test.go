// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
)

func TestDemotions(t *testing.T) {
	var d carp.Demotions
	if d.Sum() != 0 || len(d.List()) != 0 || d.Clear("link") {
		t.Errorf("the zero value is %v", d.List())
	}
	for _, c := range []struct {
		reason  string
		weight  int
		changes bool
	}{
		{"pfsync", 240, true}, {"link", 240, true}, {"link", 240, false}, {"link", 100, true}, {"bonus", -50, true}, {"noted", 0, true}, {"noted", 0, false},
	} {
		if d.Set(c.reason, c.weight) != c.changes {
			t.Errorf("Set(%q, %d) = %v", c.reason, c.weight, !c.changes)
		}
	}
	if want := []carp.Demotion{{"bonus", -50}, {"link", 100}, {"noted", 0}, {"pfsync", 240}}; d.Sum() != 290 || !cmp.Equal(d.List(), want) {
		t.Errorf("%d: %v", d.Sum(), d.List())
	}
	if !d.Clear("link") || d.Clear("link") || d.Sum() != 190 {
		t.Errorf("%d: %v", d.Sum(), d.List())
	}
}

// No weight makes a sum overflow.
func TestDemotionsDontOverflow(t *testing.T) {
	h := master(t)
	h.do(h.m.DemoteHost(h.now, math.MaxInt))
	for _, reason := range []string{"a", "b", "c"} {
		h.do(h.m.Demote(h.now, reason, math.MaxInt))
	}
	if h.m.Demotion() <= 0 || h.m.Rank().AdvSkew != 254 {
		t.Errorf("demoted by %d, %v", h.m.Demotion(), h.m.Rank())
	}
	h.do(h.m.DemoteHost(h.now, math.MinInt))
	for _, reason := range []string{"a", "b", "c"} {
		h.do(h.m.Demote(h.now, reason, math.MinInt))
	}
	if h.m.Demotion() >= 0 || h.m.Rank().AdvSkew != 0 {
		t.Errorf("demoted by %d, %v", h.m.Demotion(), h.m.Rank())
	}
}

// What a demotion makes of advskew, and of OpenBSD's octet.
func TestDemotedRank(t *testing.T) {
	for _, c := range []struct {
		name          string
		change        changes
		host, virtual int
		want          carp.Rank
	}{
		{"none", nil, 0, 0, carp.Rank{AdvBase: 1, AdvSkew: 100}},
		{"of the virtual host", nil, 0, 50, carp.Rank{AdvBase: 1, AdvSkew: 150}},
		{"of the host", nil, 50, 0, carp.Rank{AdvBase: 1, AdvSkew: 150}},
		{"of both", nil, 50, 60, carp.Rank{AdvBase: 1, AdvSkew: 210}},
		{"DEMOTE_ADVSKEW: at most", nil, 240, 0, carp.Rank{AdvBase: 1, AdvSkew: 254}},
		{"n failed links", nil, 2880, 0, carp.Rank{AdvBase: 1, AdvSkew: 254}},
		{"FreeBSD PR 259528: negative", nil, -200, 0, carp.Rank{AdvBase: 1}},
		{"what is configured isn't cut to 240", changes{timing(1, 254)}, 0, 0, carp.Rank{AdvBase: 1, AdvSkew: 254}},
		{"advbase 0 never comes to 0/0", changes{timing(0, 100)}, -200, 0, carp.Rank{AdvSkew: 1}},
		{"OpenBSD", changes{openBSD}, 2, 1, carp.Rank{Demote: 3, AdvBase: 1, AdvSkew: 100}},
		{"OpenBSD: at most", changes{openBSD}, 2880, 0, carp.Rank{Demote: 255, AdvBase: 1, AdvSkew: 100}},
		{"OpenBSD: negative", changes{openBSD}, -1, 0, carp.Rank{AdvBase: 1, AdvSkew: 100}},
	} {
		h := backup(t, c.change...)
		h.do(h.m.DemoteHost(h.now, c.host))
		h.do(h.m.Demote(h.now, "test", c.virtual))
		if got := h.m.Rank(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// carp_demote_adj, carp_send_ad_all: a Master says so at once, but not more often than
// ten times in an interval.
func TestDemotionOfAMasterIsAdvertisedAtOnce(t *testing.T) {
	h := master(t, timing(1, 0), quiet)
	h.advance(500 * time.Millisecond)
	h.do(h.m.Demote(h.now, "link", 240))
	h.want("send 1/240")
	h.wantDeadline(1937500 * time.Microsecond)
	h.do(h.m.Demote(h.now, "link", 240))
	h.do(h.m.Undemote(h.now, "other"))
	h.want()
	h.do(h.m.Demote(h.now, "pfsync", 240))
	h.do(h.m.Undemote(h.now, "pfsync"))
	h.do(h.m.Undemote(h.now, "link"))
	h.want()
	h.wantDeadline(100 * time.Millisecond)
	h.next()
	h.want("send 1/0")
	h.wantDeadline(time.Second)
	if list := h.m.Demotions(); len(list) != 0 {
		t.Errorf("%v", list)
	}
}

// A demoted Backup waits longer, so that one that isn't demoted comes first.
func TestDemotionOfABackup(t *testing.T) {
	h := backup(t, timing(1, 0))
	h.advance(time.Second)
	h.do(h.m.Demote(h.now, "link", 240))
	h.wantDeadline(2*time.Second + 240*skew)
	h.do(h.m.Undemote(h.now, "link"))
	h.wantDeadline(2 * time.Second)
	h = backup(t, openBSD)
	h.do(h.m.Demote(h.now, "link", 240))
	h.wantDeadline(4171875 * time.Microsecond)
}

// The figure that is advertised is the one that is compared, whatever the demotion:
// two hosts that hear each other never both find themselves better.
func TestDemotionsNeverMakeTwoMasters(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		both := r.IntN(2) == 0
		octet := func(c *carp.Config) { c.DemoteOctet = both }
		a, b := master(t, timing(1, uint8(r.IntN(255))), octet), master(t, timing(1, uint8(r.IntN(255))), octet)
		for _, h := range []*harness{a, b} {
			h.do(h.m.DemoteHost(h.now, r.IntN(600)-300))
			h.do(h.m.Demote(h.now, "test", r.IntN(600)-300))
		}
		x, y := a.m.Rank(), b.m.Rank()
		a.hear(higherPeer, demoted(y.AdvBase, y.AdvSkew, y.Demote))
		b.do(b.m.Startup(b.now, higherPeer))
		b.hear(local, demoted(x.AdvBase, x.AdvSkew, x.Demote))
		if (a.m.State() == carp.Master) == (b.m.State() == carp.Master) {
			t.Errorf("%v and %v: %v and %v", x, y, a.m.State(), b.m.State())
		}
	}
}
