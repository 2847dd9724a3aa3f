// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// waiting returns a Backup whose claim waits.
func waiting(t *testing.T, change ...func(*carp.Config)) *harness {
	t.Helper()
	h := newHarness(t, config(change...))
	h.do(h.m.Restrain(h.now, true))
	h.do(h.m.Startup(h.now, local))
	h.advance(10 * time.Second)
	if _, ok := h.m.Deadline(); ok || !h.m.Claiming() || h.m.State() != carp.Backup {
		t.Fatalf("claiming %v in state %v", h.m.Claiming(), h.m.State())
	}
	h.got = nil
	return h
}

// A claim that has waited is made when the restraint ends.
func TestRestrainedClaim(t *testing.T) {
	h := waiting(t, quiet)
	h.do(h.m.Restrain(h.now, false))
	h.want("send 1/100", "add 192.0.2.100", "announce 192.0.2.100 x5", "Backup -> Master: master timed out")
	h.do(h.m.Restrain(h.now, true))
	h.next()
	h.want("send 1/100")
	if h.m.Claiming() {
		t.Error("claiming while Master")
	}
}

// What would have ended a claim ends one that waits; what is another reason for it is
// that.
func TestRestrainedClaimEnds(t *testing.T) {
	for name, c := range map[string]struct {
		change []func(*carp.Config)
		do     func(*harness)
		claims bool
	}{
		"better":                 {nil, func(h *harness) { h.hear(lowerPeer, adv(1, 50)) }, false},
		"worse":                  {nil, func(h *harness) { h.hear(lowerPeer, adv(1, 150)) }, false},
		"worse, with preemption": {[]func(*carp.Config){preempt}, func(h *harness) { h.hear(lowerPeer, adv(1, 150)) }, true},
		"worse, after a while":   {[]func(*carp.Config){preempt}, func(h *harness) { h.hear(lowerPeer, adv(1, 150)); h.hear(lowerPeer, adv(1, 150)) }, true},
		"bow-out":                {nil, func(h *harness) { h.hear(lowerPeer, adv(255, 255)) }, true},
		"will time out":          {nil, func(h *harness) { h.hear(lowerPeer, adv(10, 0)) }, true},
		"slept":                  {nil, func(h *harness) { h.do(h.m.Slept(h.now)) }, false},
		"shutdown":               {nil, func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown)) }, false},
		"forced":                 {nil, func(h *harness) { h.do(h.m.Force(h.now, 0)) }, false},
		"demoted below the peer's": {[]func(*carp.Config){preempt}, func(h *harness) {
			h.hear(lowerPeer, adv(1, 150))
			h.do(h.m.Demote(h.now, "test", 100))
			h.hear(lowerPeer, adv(1, 150))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := waiting(t, c.change...)
			c.do(h)
			if h.m.Claiming() != c.claims {
				t.Errorf("claiming: %v", !c.claims)
			}
			if _, timed := h.m.Deadline(); timed == (c.claims || h.m.State() == carp.Init) {
				t.Errorf("a deadline: %v", timed)
			}
		})
	}
}
