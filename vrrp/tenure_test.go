// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// oneBurst has no deadlines while Active but those of advertisements.
func oneBurst(c *vrrp.Config) { c.Announcements.Delay = -1 }

// waysOut are those out of state Active, each of which ends in Backup.
func waysOut() map[string]func(*bench) {
	return map[string]func(*bench){
		"yielded":  func(b *bench) { b.hear(lowerPeer, b.adv(255)) },
		"resigned": func(b *bench) { b.do(b.m.Resign(b.now, 0)) },
		"slept":    func(b *bench) { b.do(b.m.Slept(b.now)) },
		"failed":   func(b *bench) { b.do(b.m.AddressesAdded(b.now, errors.New("full"))) },
		"link down and up": func(b *bench) {
			b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown))
			b.do(b.m.Startup(b.now, local))
		},
	}
}

// await lets time pass until the state is reached.
func (b *bench) await(s vrrp.State) {
	b.t.Helper()
	for range 1000 {
		if b.m.State() == s {
			return
		}
		b.next()
	}
	b.t.Fatalf("state %v, want %v", b.m.State(), s)
}

// What was there of a tenure, such as Force for a time and a competitor, doesn't last into the next one.
func TestNothingOfATenureOutlivesIt(t *testing.T) {
	for name, leave := range waysOut() {
		t.Run(name, func(t *testing.T) {
			b := active(t, v3(oneBurst))
			b.do(b.m.Force(b.now, 10*time.Second))
			b.hear(lowerPeer, b.adv(99))
			leave(b)
			b.wantState(vrrp.Backup)
			b.await(vrrp.Active)
			if b.m.Priority() != 100 {
				t.Errorf("priority %d", b.m.Priority())
			}
			b.got = nil
			for range 20 { // until long after Force would have ended, and the competitor have been gone
				b.wantDeadline(time.Second)
				b.next()
				b.want("send 100")
			}
		})
	}
}

// The second competitor is as worth telling as the first.
func TestCompetitorOfAnotherTenure(t *testing.T) {
	for name, leave := range waysOut() {
		t.Run(name, func(t *testing.T) {
			b := active(t, v3(oneBurst, func(c *vrrp.Config) { c.Interval = 10 * time.Second }))
			slow := func(a *vrrp.Advertisement) { a.Interval = 10 * time.Second }
			b.hear(lowerPeer, b.adv(99, slow))
			leave(b)
			b.do(b.m.Force(b.now, 0))
			b.wantState(vrrp.Active)
			b.got = nil
			b.hear(higherPeer, b.adv(99, slow))
			b.want("notice: competing active router", "announce 192.0.2.100 x5")
		})
	}
}

// What delays a claim is over when the role was taken, by whatever way.
func TestBoundsOfAClaimEndWithIt(t *testing.T) {
	held := func() *bench {
		return backup(t, v3(oneBurst, func(c *vrrp.Config) { c.StartupHold = time.Minute }))
	}
	backingOff := func() *bench {
		b := active(t, v3(oneBurst))
		for range 4 { // the next one would be after 8 s
			b.await(vrrp.Active)
			b.do(b.m.AddressesAdded(b.now, errors.New("full")))
		}
		b.wantState(vrrp.Backup)
		return b
	}
	for name, start := range map[string]func() *bench{"startup hold": held, "back-off": backingOff} {
		t.Run(name, func(t *testing.T) {
			b := start()
			b.do(b.m.Force(b.now, 0))
			b.do(b.m.Resign(b.now, 0))
			begin := b.now
			b.await(vrrp.Active)
			if got := b.now.Sub(begin); got != downInterval {
				t.Errorf("after %v, want %v", got, downInterval)
			}
		})
	}
	t.Run("link down ends back-off", func(t *testing.T) {
		b := backingOff()
		b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown))
		b.do(b.m.Startup(b.now, local))
		b.wantDeadline(downInterval)
	})
}

func TestPreemptDelayBeginsAnew(t *testing.T) {
	for name, leave := range waysOut() {
		t.Run(name, func(t *testing.T) {
			b := backup(t, v3(oneBurst, func(c *vrrp.Config) { c.PreemptDelay = 10 * time.Second }))
			b.hear(higherPeer, b.adv(50))
			b.await(vrrp.Active)
			b.advance(10 * time.Second)
			leave(b)
			b.advance(2 * time.Second)
			b.hear(higherPeer, b.adv(50))
			b.wantDeadline(downInterval) // let be
		})
	}
}

// The one whose role was taken before the last tenure is not its predecessor.
func TestPredecessorOfAnotherTenure(t *testing.T) {
	for name, leave := range waysOut() {
		t.Run(name, func(t *testing.T) {
			b := backup(t, v3(oneBurst))
			b.hear(higherPeer, b.adv(50))
			b.await(vrrp.Active) // higherPeer was preempted
			leave(b)
			b.hear(lowerPeer, b.adv(200))
			b.await(vrrp.Active) // lowerPeer has gone silent
			b.advance(200 * time.Millisecond)
			b.got = nil
			b.hear(higherPeer, b.adv(50))
			b.want("notice: competing active router", "announce 192.0.2.100 x5", "send 100")
		})
	}
}

// An address that was kept for a hand-over is defended like any other when the role is back.
func TestHandOverEndsWhenTheRoleIsBack(t *testing.T) {
	b := active(t, v3(oneBurst))
	b.do(b.m.Resign(b.now, 0))
	b.do(b.m.Force(b.now, 0))
	b.got = nil
	b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.100")))
	b.want("conflict: 192.0.2.100", "announce 192.0.2.100 x1")

	b = active(t, v3(oneBurst, func(c *vrrp.Config) { c.ReleaseFirst = true }))
	b.do(b.m.Resign(b.now, 0))
	b.do(b.m.Force(b.now, 0))
	if b.m.Releasing() {
		t.Error("a goodbye is still to come")
	}
	b.got = nil
	b.do(b.m.AddressesRemoved(b.now))
	b.want()
}

// What is over can't be handed over.
func TestHandOverEndsWithTheRemoval(t *testing.T) {
	b := active(t, v3(oneBurst))
	b.do(b.m.Resign(b.now, 0))
	b.next()
	b.got = nil
	b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.100")))
	b.want()
}

func TestForceForATimeAndThenForGood(t *testing.T) {
	b := backup(t, v3(oneBurst))
	b.do(b.m.Force(b.now, time.Minute))
	b.do(b.m.Force(b.now, 0))
	b.advance(time.Hour)
	if b.m.Priority() != vrrp.PriorityForced {
		t.Errorf("priority %d", b.m.Priority())
	}
}

// Force takes back that the role was given up for a time.
func TestForceEndsResign(t *testing.T) {
	b := active(t, v3(oneBurst))
	b.do(b.m.Resign(b.now, time.Hour))
	b.do(b.m.Force(b.now, 0))
	b.hear(lowerPeer, b.adv(255))
	b.wantState(vrrp.Backup)
	b.advance(time.Second)
	b.hear(lowerPeer, b.adv(50)) // is preempted
	b.wantDeadline(downInterval - time.Second)
}
