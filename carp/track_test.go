// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"context"
	"crypto/sha1"
	"encoding"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
)

// tracking is two hosts of advskew 0 and 100 that run, the first of them with a
// condition that is good until bad is set.
func tracking(t *testing.T, a track.Action, change ...func(*carp.Config)) (first, second *running, bad *atomic.Bool) {
	t.Helper()
	bad = &atomic.Bool{}
	tracker, err := track.New(track.Config{Name: "web", Phase: time.Second, Check: func(context.Context) error {
		if bad.Load() {
			return errors.New("service is down")
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	lan := netiftest.New(netiftest.Config{Delay: 100 * time.Microsecond})
	first = run(t, newNode(t, lan, 1, config(append(change, timing(1, 0))...), func(c *carp.VirtualHostConfig) {
		c.Trackers = []track.Track{{Tracker: tracker, Action: a}}
	}))
	second = run(t, newNode(t, lan, 2, config(change...)))
	time.Sleep(5 * time.Second)
	wantStates(t, []*node{first.node, second.node}, carp.Master, carp.Backup)
	return first, second, bad
}

// stopAll ends hosts.
func stopAll(t *testing.T, all ...*running) {
	t.Helper()
	for _, r := range all {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	}
}

// carp(4), net.inet.carp.demotion: a weight demotes, with a reason, and a peer that
// preempts takes over.
func TestTrackWeightDemotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, bad := tracking(t, track.Action{Weight: -150}, preempt)
		bad.Store(true)
		time.Sleep(3 * time.Second)
		wantStates(t, []*node{a.node, b.node}, carp.Backup, carp.Master)
		got := a.virtual.Status()
		if got.Rank.AdvSkew != 150 || !cmp.Equal(got.Demotions, []carp.Demotion{{Reason: "conditions", Weight: 150}}) || got.Trackers[0].Err == nil {
			t.Errorf("%+v", got)
		}
		bad.Store(false)
		time.Sleep(5 * time.Second)
		wantStates(t, []*node{a.node, b.node}, carp.Master, carp.Backup)
		if got := a.virtual.Status(); got.Rank.AdvSkew != 0 || len(got.Demotions) != 0 {
			t.Errorf("%+v", got)
		}
		stopAll(t, a, b)
	})
}

// A fault leaves the election, by a planned hand-over, and says why.
func TestTrackFaultLeavesTheElection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, bad := tracking(t, track.Action{Fault: true})
		bad.Store(true)
		time.Sleep(3 * time.Second)
		wantStates(t, []*node{a.node, b.node}, carp.Init, carp.Master)
		if why := a.last(); why.Reason != carp.ReasonTracker || why.By != "web" || b.last().Reason != carp.ReasonBowOut {
			t.Errorf("%v, %v", why, b.last())
		}
		if err := a.virtual.Force(0); !errors.Is(err, carp.ErrNotReady) {
			t.Errorf("Force = %v", err)
		}
		if err := a.virtual.SetTrackers(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		wantStates(t, []*node{a.node, b.node}, carp.Backup, carp.Master) // nobody preempts
		stopAll(t, a, b)
	})
}

// Resign moves the role once where nobody preempts.
func TestTrackResignMovesWhereNobodyPreempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, bad := tracking(t, track.Action{Resign: true, Weight: -10})
		bad.Store(true)
		time.Sleep(10 * time.Second)
		wantStates(t, []*node{a.node, b.node}, carp.Backup, carp.Master)
		if why := a.last(); why.Reason != carp.ReasonTracker || why.By != "web" {
			t.Errorf("%v", why)
		}
		stopAll(t, b)
		time.Sleep(5 * time.Second)
		wantStates(t, []*node{a.node}, carp.Master)
		stopAll(t, a)
	})
}

// What a tracker can't be.
func TestTrackersAreValidated(t *testing.T) {
	n := newNode(t, netiftest.New(netiftest.Config{}), 1, config())
	var value *carp.ValueError
	if err := n.virtual.SetTrackers(track.Track{}); !errors.As(err, &value) {
		t.Errorf("SetTrackers = %v", err)
	}
	n.cfg.Trackers = []track.Track{{}}
	if err := n.cfg.Validate(); !errors.As(err, &value) {
		t.Errorf("Validate = %v", err)
	}
}

// Conditions and groups take no memory where nothing changes.
func TestTrackersAndGroupsDoNotAllocate(t *testing.T) {
	state, saver := make([]byte, 0, 128), sha1.New().(encoding.BinaryAppender)
	if testing.AllocsPerRun(100, func() { saver.AppendBinary(state) }) != 0 {
		t.Skip("crypto/sha1 itself allocates, as under the race detector")
	}
	host := netiftest.New(netiftest.Config{}).Host("a", linkOf(1, "eth0", ""))
	now := epoch
	h, err := carp.NewHost(carp.HostConfig{Network: canned{host.Network(), nil}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	tracker, err := track.New(track.Config{Name: "web", Interval: time.Hour, Phase: time.Hour, Check: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	v, err := h.Add(carp.VirtualHostConfig{Config: config(preempt), Link: "eth0", Trackers: []track.Track{{Tracker: tracker}}})
	if err == nil {
		_, err = h.NewGroup(carp.GroupConfig{Name: "g"}, v)
	}
	if err != nil {
		t.Fatal(err)
	}
	turn := func() {
		now = now.Add(time.Second)
		h.Turn()
	}
	turn()
	for tracker.Status().Runs == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 100 {
		turn()
	}
	if n := testing.AllocsPerRun(100, turn); n != 0 || v.Status().State != carp.Master {
		t.Errorf("%v allocations in a turn, %v", n, v.Status().State)
	}
	h.Stop()
	for range 10 {
		turn()
	}
}
