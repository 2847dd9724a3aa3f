// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// oneBurst has no deadlines while Master but those of advertisements.
func oneBurst(c *carp.Config) { c.Announcements.Delay = -1 }

// await lets time pass until the state is reached.
func (h *harness) await(s carp.State) {
	h.t.Helper()
	for range 1000 {
		if h.m.State() == s {
			return
		}
		h.next()
	}
	h.t.Fatalf("state %v, want %v", h.m.State(), s)
}

// restart takes the link away and gives it back.
func (h *harness) restart() {
	h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown))
	h.do(h.m.Startup(h.now, local))
}

// What was there of a time as Master, such as Force for a time and a competitor, doesn't last into the next one.
func TestNothingOfATenureOutlivesIt(t *testing.T) {
	for name, leave := range map[string]func(*harness){
		"yielded":          func(h *harness) { h.hear(lowerPeer, adv(0, 0)) },
		"resigned":         func(h *harness) { h.do(h.m.Resign(h.now, 0)) },
		"slept":            func(h *harness) { h.do(h.m.Slept(h.now)) },
		"failed":           func(h *harness) { h.do(h.m.AddressesAdded(h.now, errors.New("full"))) },
		"link down and up": (*harness).restart,
	} {
		t.Run(name, func(t *testing.T) {
			h := master(t, oneBurst)
			h.do(h.m.Force(h.now, 10*time.Second))
			h.hear(lowerPeer, adv(1, 101))
			leave(h)
			h.wantState(carp.Backup)
			h.await(carp.Master)
			h.got = nil
			for range 20 { // until long after Force would have ended, and the competitor have been gone
				h.wantDeadline(time.Second + 100*skew)
				h.next()
				h.want("send 1/100")
			}
		})
	}
}

// Back-off is over when the role was taken by Force.
func TestBackOffEndsWithTheRole(t *testing.T) {
	h := master(t, oneBurst)
	for range 4 { // the next one would be after 8 s
		h.await(carp.Master)
		h.do(h.m.AddressesAdded(h.now, errors.New("full")))
	}
	h.do(h.m.Force(h.now, 0))
	h.do(h.m.Resign(h.now, 0))
	begin := h.now
	h.await(carp.Master)
	if got := h.now.Sub(begin); got != 3*time.Second+100*skew {
		t.Errorf("after %v", got)
	}
}

// An address that was kept for a hand-over is defended like any other when the role is back.
func TestHandOverEndsWhenTheRoleIsBack(t *testing.T) {
	h := master(t, oneBurst)
	h.do(h.m.Resign(h.now, 0))
	h.do(h.m.Force(h.now, 0))
	h.got = nil
	h.do(h.m.Claimed(h.now, netip.MustParseAddr("192.0.2.100")))
	h.want("conflict: 192.0.2.100", "announce 192.0.2.100 x1")

	h = master(t, oneBurst, func(c *carp.Config) { c.ReleaseFirst = true })
	h.do(h.m.Resign(h.now, 0))
	h.do(h.m.Force(h.now, 0))
	if h.m.Releasing() {
		t.Error("a bow-out is still to come")
	}
	h.got = nil
	h.do(h.m.AddressesRemoved(h.now))
	h.want()
}

// What is over can't be handed over.
func TestHandOverEndsWithTheRemoval(t *testing.T) {
	h := master(t, oneBurst)
	h.do(h.m.Resign(h.now, 0))
	h.next()
	h.got = nil
	h.do(h.m.Claimed(h.now, netip.MustParseAddr("192.0.2.100")))
	h.want()
}

// After a restart nothing is known of the peers from before: neither who they were nor how often they advertise.
func TestNoPeerAtFirst(t *testing.T) {
	h := backup(t)
	h.hear(higherPeer, adv(1, 50))
	h.restart()
	at, _ := h.m.Deadline()
	for _, action := range h.m.Expire(at) {
		if tr, ok := action.(carp.Transition); ok && (tr.Peer.IsValid() || tr.PeerRank != carp.Rank{}) {
			t.Errorf("%+v", tr)
		}
	}
	h.wantState(carp.Master)

	h = backup(t, oneBurst)
	h.hear(higherPeer, adv(1, 50))
	h.restart()
	h.do(h.m.Force(h.now, 0))
	h.wantDeadline(time.Second + 100*skew)
}

// A forced Master that is to advertise more often begins with that at once, although its rank says the same.
func TestForcedMasterIsGivenAnotherInterval(t *testing.T) {
	h := master(t, oneBurst, timing(10, 0))
	h.do(h.m.Force(h.now, 0))
	h.advance(2 * time.Second) // in which it has said so, and would go on in 9 s
	h.got = nil
	h.reconfigure(oneBurst, timing(1, 0))
	h.wantDeadline(time.Second)
	h.next()
	h.want("send 0/0")
}
