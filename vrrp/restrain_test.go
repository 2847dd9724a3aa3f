// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"math"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// waiting returns a Backup whose claim waits.
func waiting(t *testing.T, c vrrp.Config) *bench {
	t.Helper()
	b := newBench(t, c)
	b.do(b.m.Restrain(b.now, true))
	b.do(b.m.Startup(b.now, local))
	b.advance(10 * time.Second)
	if _, ok := b.m.Deadline(); ok || !b.m.Claiming() || b.m.State() != vrrp.Backup {
		t.Fatalf("claiming %v in state %v", b.m.Claiming(), b.m.State())
	}
	b.got = nil
	return b
}

// A claim that has waited is made when the restraint ends.
func TestRestrainedClaim(t *testing.T) {
	b := waiting(t, v3())
	b.do(b.m.Restrain(b.now, false))
	b.want(taken("100", "Backup -> Active: no advertisement heard")...)
	b.do(b.m.Restrain(b.now, true))
	b.advance(time.Second)
	b.want("send 100")
	if b.m.Claiming() {
		t.Error("claiming while Active")
	}
}

// What would have ended a claim ends one that waits.
func TestRestrainedClaimEnds(t *testing.T) {
	for name, c := range map[string]struct {
		config vrrp.Config
		do     func(*bench)
		claims bool
	}{
		"higher priority":                    {v3(), func(b *bench) { b.hear(lowerPeer, b.adv(101)) }, false},
		"lower priority":                     {v3(), func(b *bench) { b.hear(lowerPeer, b.adv(99)) }, true},
		"lower priority, without preemption": {v3(noPreempt), func(b *bench) { b.hear(lowerPeer, b.adv(99)) }, false},
		"goodbye":                            {v3(), func(b *bench) { b.hear(lowerPeer, b.adv(0)) }, false},
		"resigned, lower priority": {v3(), func(b *bench) {
			b.do(b.m.Resign(b.now, time.Minute))
			b.hear(lowerPeer, b.adv(99))
		}, false},
		"less than the peer": {v3(), func(b *bench) {
			b.hear(lowerPeer, b.adv(99))
			b.do(b.m.Weigh(b.now, -50))
		}, false},
		"slept":    {v3(), func(b *bench) { b.do(b.m.Slept(b.now)) }, false},
		"shutdown": {v3(), func(b *bench) { b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown)) }, false},
		"forced":   {v3(), func(b *bench) { b.do(b.m.Force(b.now, 0)) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := waiting(t, c.config)
			c.do(b)
			if b.m.Claiming() != c.claims {
				t.Errorf("claiming: %v", !c.claims)
			}
			if _, timed := b.m.Deadline(); timed == (c.claims || b.m.State() == vrrp.Initialize) {
				t.Errorf("a deadline: %v", timed)
			}
		})
	}
}

// An owner is Backup while it waits, and takes what it owns at once then.
func TestRestrainedOwner(t *testing.T) {
	b := newBench(t, v3(priority(255)))
	b.do(b.m.Restrain(b.now, true))
	b.do(b.m.Startup(b.now, local))
	b.want("Initialize -> Backup: startup")
	if !b.m.Claiming() {
		t.Error("it doesn't claim")
	}
	b.do(b.m.Restrain(b.now, false))
	b.want("send 255", "announce 192.0.2.100 x5", "Backup -> Active: address owner")
}

// The priority that counts is that with the weight, in all that it decides.
func TestWeigh(t *testing.T) {
	for _, c := range []struct {
		base   uint8
		weight int
		want   uint8
	}{{100, 20, 120}, {100, -20, 80}, {100, -100, 1}, {100, math.MinInt, 1}, {100, 154, 254}, {100, math.MaxInt, 254}, {255, -254, 255}, {1, 0, 1}} {
		b := newBench(t, v3(priority(c.base)))
		b.do(b.m.Weigh(b.now, c.weight))
		if got := b.m.Priority(); got != c.want {
			t.Errorf("%d with %d: %d, want %d", c.base, c.weight, got, c.want)
		}
	}
	b := active(t, v3())
	b.do(b.m.Weigh(b.now, -40))
	b.advance(time.Second)
	b.want("send 60")
	b.hear(lowerPeer, b.adv(61))
	b.wantState(vrrp.Backup)
	b.do(b.m.Weigh(b.now, 0))
	b.hear(lowerPeer, b.adv(61))
	b.next()
	b.next()
	b.wantState(vrrp.Active)
}

// A weight lasts: it is added to another priority, too.
func TestWeightOfAnotherPriority(t *testing.T) {
	b := backup(t, v3())
	b.do(b.m.Weigh(b.now, -40))
	b.reconfigure(v3(priority(150)))
	if got := b.m.Priority(); got != 110 {
		t.Errorf("configured with 150: %d", got)
	}
	actions, err := b.m.SetPriority(b.now, 120)
	if b.do(actions); err != nil || b.m.Priority() != 80 {
		t.Errorf("set to 120: %d, %v", b.m.Priority(), err)
	}
}
