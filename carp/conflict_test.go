// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// claimed tells the machine that another host claims an address.
func (h *harness) claimed(addr string) { h.do(h.m.Claimed(h.now, netip.MustParseAddr(addr))) }

// RFC 5227 section 2.4: a claim to an address that is held is reported each time
// and answered once in a while.
func TestConflictIsDefended(t *testing.T) {
	h := master(t, three)
	h.claimed("192.0.2.101")
	h.want("conflict: 192.0.2.101", "announce 192.0.2.101 x1")
	h.claimed("192.0.2.101")
	h.want("conflict: 192.0.2.101")
	h.claimed("2001:db8::1")
	h.want("conflict: 2001:db8::1", "announce 2001:db8::1 x1")
	h.claimed("192.0.2.7")
	h.want()
	h.now = h.now.Add(10*time.Second - 1)
	h.claimed("192.0.2.101")
	h.want("conflict: 192.0.2.101")
	h.now = h.now.Add(1)
	h.claimed("192.0.2.101")
	h.want("conflict: 192.0.2.101", "announce 192.0.2.101 x1")
}

// After a bow-out the claim of the successor is the true one.
func TestConflictIsNotDefendedAfterTheBowOut(t *testing.T) {
	for name, leave := range map[string]func(h *harness){
		"shutdown": func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonShutdown)) },
		"resigned": func(h *harness) { h.do(h.m.Resign(h.now, time.Minute)) },
		"yielded":  func(h *harness) { h.hear(higherPeer, adv(1, 50)) },
		"slept":    func(h *harness) { h.do(h.m.Slept(h.now)) },
	} {
		h := master(t)
		leave(h)
		h.got = nil
		h.claimed("192.0.2.100")
		h.claimed("192.0.2.100")
		for _, got := range h.got {
			if got != "remove 192.0.2.100" {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

// A new term of office defends at once.
func TestConflictAfterTheRoleCameBack(t *testing.T) {
	h := master(t)
	h.claimed("192.0.2.100")
	h.do(h.m.Resign(h.now, 0))
	h.advance(5 * time.Second)
	h.wantState(carp.Master)
	h.got = nil
	h.claimed("192.0.2.100")
	h.want("conflict: 192.0.2.100", "announce 192.0.2.100 x1")
}
