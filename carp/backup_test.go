// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// What a Backup has come to know of others doesn't outlive the time as Master that
// follows.

func TestPreemptDelayBeginsAnew(t *testing.T) {
	for name, leave := range map[string]func(*harness){
		"resigned": func(h *harness) { h.do(h.m.Resign(h.now, 0)) },
		"yielded":  func(h *harness) { h.hear(higherPeer, adv(1, 50)) },
		"slept":    func(h *harness) { h.do(h.m.Slept(h.now)) },
	} {
		h := backup(t, preempt, func(c *carp.Config) { c.PreemptDelay = 10 * time.Second })
		h.hear(higherPeer, adv(1, 150))
		h.advance(4 * time.Second)
		h.wantState(carp.Master)
		leave(h)
		h.follow(9*time.Second, higherPeer, adv(1, 150))
		if h.m.State() != carp.Backup {
			t.Errorf("%s: %v", name, h.m.State())
		}
	}
}

func TestBetterMasterIsForgotten(t *testing.T) {
	for name, forget := range map[string]func(*harness){
		"after a time as Master": func(h *harness) {
			h.advance(4 * time.Second)
			h.do(h.m.Resign(h.now, 0))
		},
		"when it is a worse one": func(h *harness) { h.hear(higherPeer, adv(1, 150)) },
	} {
		h := backup(t)
		h.hear(higherPeer, adv(1, 50))
		forget(h)
		h.wantState(carp.Backup)
		h.hear(lowerPeer, adv(255, 255))
		if h.m.State() != carp.Master {
			t.Errorf("%s: %v", name, h.m.State())
		}
	}
}

func TestBoundsOfAClaimEndWithIt(t *testing.T) {
	h := backup(t, func(c *carp.Config) { c.StartupHold = time.Minute })
	h.do(h.m.Force(h.now, 0))
	h.do(h.m.Resign(h.now, 0))
	h.next() // the addresses go
	h.next()
	h.wantState(carp.Master)
	if got := h.now.Sub(epoch); got != 3390625*time.Microsecond {
		t.Errorf("after %v", got)
	}
}
