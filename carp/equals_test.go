// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

const equalInterval = 1390625 * time.Microsecond

// yielded returns a machine that has yielded to an equal one of lower address.
func yielded(t *testing.T) *harness {
	h := master(t)
	h.hear(lowerPeer, adv(1, 100))
	h.wantState(carp.Backup)
	h.got = nil
	return h
}

// Two of equal rank: the lower address stays and the higher yields.
func TestEqualRankIsDecidedByAddress(t *testing.T) {
	for _, c := range []struct {
		own, peer string
		want      carp.State
	}{
		{"192.0.2.2", "192.0.2.1", carp.Backup},
		{"192.0.2.2", "192.0.2.3", carp.Master},
		{"10.9.1.1", "10.9.0.2", carp.Backup}, // ucarp has it the other way round
		{"10.9.0.2", "10.9.1.1", carp.Master},
		{"127.0.0.1", "128.0.0.1", carp.Master}, // unsigned
		{"fe80::1", "fe80::2", carp.Master},
		{"fe80::2", "fe80::1", carp.Backup},
		{"192.0.2.2", "fe80::1", carp.Master},
		{"fe80::1", "192.0.2.2", carp.Backup},
	} {
		h := master(t)
		h.do(h.m.Startup(h.now, netip.MustParseAddr(c.own)))
		h.hear(netip.MustParseAddr(c.peer), adv(1, 100))
		if h.m.State() != c.want {
			t.Errorf("%s hears %s: %v, want %v", c.own, c.peer, h.m.State(), c.want)
		}
	}
}

// Who has yielded and then timed out stands up to the next one, and only to that.
func TestEqualAfterYieldingAndTimingOut(t *testing.T) {
	h := yielded(t)
	h.advance(4 * time.Second)
	h.wantState(carp.Master)
	h.got = nil
	h.hear(lowerPeer, adv(1, 100))
	h.want("notice: peer of equal rank", "notice: competing master", "announce 192.0.2.100 x5", "send 1/100")
	h.advance(equalInterval/2 - 1)
	h.hear(lowerPeer, adv(1, 100)) // its last word, if it is ucarp
	h.wantState(carp.Master)
	h.advance(1)
	h.hear(lowerPeer, adv(1, 100))
	h.wantState(carp.Backup)
}

func TestEqualThatIsNotStoodUpTo(t *testing.T) {
	for name, between := range map[string]func(*harness){
		"the peer was Master": func(h *harness) {
			h.advance(equalInterval / 2)
			h.hear(lowerPeer, adv(1, 100))
		},
		"a better one was Master": func(h *harness) { h.hear(lowerPeer, adv(1, 50)) },
		"a worse one was Master":  func(h *harness) { h.hear(higherPeer, adv(1, 150)) },
		"slept":                   func(h *harness) { h.do(h.m.Slept(h.now)) },
		"link down": func(h *harness) {
			h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown))
			h.do(h.m.Startup(h.now, local))
		},
	} {
		h := yielded(t)
		between(h)
		h.advance(4 * time.Second)
		h.wantState(carp.Master)
		h.hear(lowerPeer, adv(1, 100))
		if h.m.State() != carp.Backup {
			t.Errorf("%s: %v", name, h.m.State())
		}
	}
	h := yielded(t)
	h.advance(100 * time.Millisecond)
	h.hear(lowerPeer, adv(1, 100)) // its last word, if it is ucarp
	h.advance(4 * time.Second)
	h.hear(lowerPeer, adv(1, 100))
	h.wantState(carp.Master)
}

// A Master that hears three in succession yields, whatever the addresses.
func TestThirdEqualInSuccession(t *testing.T) {
	h := master(t)
	for range 2 {
		h.hear(higherPeer, adv(1, 100))
		h.hear(higherPeer, adv(1, 100)) // in the other family, say
		h.wantState(carp.Master)
		h.advance(equalInterval)
	}
	h.got = nil
	h.hear(higherPeer, adv(1, 100))
	h.want("notice: peer of equal rank", "send 1/101", "Master -> Backup: peer of equal rank stays (peer 192.0.2.3, advbase 1 advskew 100)")
}

func TestEqualsThatAreNotInSuccession(t *testing.T) {
	h := master(t)
	for range 10 {
		h.hear(higherPeer, adv(1, 100))
		h.advance(3*equalInterval + 1)
	}
	h.wantState(carp.Master)
	for range 2 { // a new term counts anew
		h.hear(higherPeer, adv(1, 100))
		h.advance(equalInterval)
	}
	h.do(h.m.Resign(h.now, 0))
	h.do(h.m.Force(h.now, 0))
	h.hear(higherPeer, adv(0, 0))
	h.wantState(carp.Master)
}

// With YieldToEqual every one is yielded to, as the BSDs do.
func TestYieldToEqual(t *testing.T) {
	for _, src := range []netip.Addr{lowerPeer, higherPeer} {
		h := master(t, bsd)
		h.hear(src, adv(1, 100))
		h.wantState(carp.Backup)
		h.advance(4 * time.Second)
		h.wantState(carp.Master)
		h.hear(src, adv(1, 100))
		h.wantState(carp.Backup)
	}
}
