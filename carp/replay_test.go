// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

func strictly(c *carp.VirtualHostConfig) { c.Strict = true }

// replay injects a copy of the last advertisement of the Master as its bow-out, with
// its source address.
func replay(t *testing.T, change ...func(*carp.VirtualHostConfig)) (sim *netiftest.Simulation, a, b *node) {
	t.Helper()
	sim, a, b = pair(t, config(), change...)
	var last []byte
	sim.Tap(func(p netiftest.Packet) { last = slices.Clone(p.Payload) })
	sim.Run(40 * time.Second)
	forged := slices.Clone(last)
	forged[2], forged[5] = 255, 255
	mend(forged)
	sim.Inject(netiftest.Packet{Src: ipv4(1), Dst: carp.GroupIPv4(), HopLimit: 255, Payload: forged})
	sim.Run(time.Millisecond)
	return sim, a, b
}

// The digest covers neither advbase nor advskew: a copy that was changed is accepted
// by every implementation, and by this one unless it is strict.
func TestReplayIsAcceptedByDefault(t *testing.T) {
	_, a, b := replay(t)
	if b.state() != carp.Master || b.last().Reason != carp.ReasonBowOut || b.last().Peer != ipv4(1) {
		t.Errorf("%v", b.last())
	}
	if s := a.virtual.Status().Stats; s.Looped != 1 { // its own digest
		t.Errorf("%+v", s)
	}
}

func TestReplayIsRefusedInStrictMode(t *testing.T) {
	sim, a, b := replay(t, strictly)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	if s := b.virtual.Status().Stats; s.Replayed != 1 {
		t.Errorf("%+v", s)
	}
	sim.Run(20 * time.Second)
	_ = a.virtual.Resign(0)
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, carp.Backup, carp.Master) // what is no copy is accepted
}

// An advertisement of its own that a strict host has sent long ago doesn't end its
// role with another interval in it.
func TestReplayOfAnOwnOneIsRefusedInStrictMode(t *testing.T) {
	for _, c := range []struct {
		change func(*carp.VirtualHostConfig)
		want   carp.State
	}{{strictly, carp.Master}, {func(*carp.VirtualHostConfig) {}, carp.Backup}} {
		sim, a, _ := pair(t, config(), c.change)
		var first []byte
		sim.Tap(func(p netiftest.Packet) {
			if first == nil {
				first = slices.Clone(p.Payload)
			}
		})
		sim.Run(40 * time.Second)
		first[2], first[5] = 1, 0
		mend(first)
		sim.Inject(netiftest.Packet{Src: stranger, Dst: carp.GroupIPv4(), HopLimit: 255, Payload: first})
		sim.Run(time.Millisecond)
		if a.state() != c.want {
			t.Errorf("%v", a.last())
		}
	}
}

// Strictness can be had later, and given up.
func TestStrictnessIsReconfigured(t *testing.T) {
	sim, a, b := pair(t, config())
	for _, strict := range []bool{true, false} {
		a.reconfigure(t, func(c *carp.VirtualHostConfig) { c.Strict = strict })
		b.reconfigure(t, func(c *carp.VirtualHostConfig) { c.Strict = strict })
		var last []byte
		sim.Tap(func(p netiftest.Packet) { last = slices.Clone(p.Payload) })
		sim.Run(10 * time.Second)
		last[2] = 50
		mend(last)
		sim.Inject(netiftest.Packet{Src: stranger, Dst: carp.GroupIPv4(), HopLimit: 255, Payload: last})
		sim.Run(time.Millisecond)
		if s := b.virtual.Status().Stats; s.Replayed != 1 { // the first, and not the second
			t.Errorf("strict %v: %+v", strict, s)
		}
	}
}
