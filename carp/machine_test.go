// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// carp_setrun: from INIT to BACKUP, never straight to MASTER.
func TestStartup(t *testing.T) {
	h := newHarness(t, config())
	if _, ok := h.m.Deadline(); ok {
		t.Error("a deadline before startup")
	}
	h.do(h.m.Startup(h.now, local))
	h.want("remove 192.0.2.100", "Init -> Backup: startup")
	h.wantDeadline(3390625 * time.Microsecond)
}

// carp_master_down: advertise, then addresses, then their announcement.
func TestMasterTimedOut(t *testing.T) {
	h := backup(t)
	h.hear(higherPeer, adv(1, 50))
	h.advance(3390625*time.Microsecond - 1)
	h.want()
	h.advance(1)
	h.want(taken("1/100", "Backup -> Master: master timed out (peer 192.0.2.3, advbase 1 advskew 50)")...)
}

// The effects belong to entering and leaving Master, whatever the reason.
func TestEveryWayIntoMaster(t *testing.T) {
	for name, enter := range map[string]func(*harness){
		"timed out":     func(h *harness) { h.next() },
		"will time out": func(h *harness) { h.hear(higherPeer, adv(9, 0)) },
		"bow-out":       func(h *harness) { h.hear(higherPeer, adv(255, 255)) },
		"preempt":       func(h *harness) { h.hear(higherPeer, adv(1, 101)) },
		"demoted":       func(h *harness) { h.hear(higherPeer, demoted(1, 100, 1)) },
		"forced":        func(h *harness) { h.do(h.m.Force(h.now, 0)) },
	} {
		h := backup(t, preempt, func(c *carp.Config) { c.DemoteOctet = true })
		enter(h)
		if len(h.got) != 4 || h.got[1] != "add 192.0.2.100" || h.got[2] != "announce 192.0.2.100 x5" {
			t.Errorf("%s: %q", name, h.got)
		}
		h.wantState(carp.Master)
	}
}

func TestEveryWayOutOfMaster(t *testing.T) {
	for name, leave := range map[string]func(*harness){
		"better":    func(h *harness) { h.hear(higherPeer, adv(1, 99)) },
		"equal":     func(h *harness) { h.hear(lowerPeer, adv(1, 100)) },
		"resigned":  func(h *harness) { h.do(h.m.Resign(h.now, 0)) },
		"addresses": func(h *harness) { h.do(h.m.AddressesAdded(h.now, errors.New("full"))) },
		"slept":     func(h *harness) { h.do(h.m.Slept(h.now)) },
		"link down": func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown)) },
		"shutdown":  func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonShutdown)) },
	} {
		h := master(t)
		leave(h)
		h.advance(2 * time.Second)
		removed, sent := 0, 0
		for i, line := range h.got {
			switch line {
			case "remove 192.0.2.100":
				removed++
			case "send 1/100", "announce 192.0.2.100 x5":
				sent = i
			}
		}
		if removed != 1 || sent > 0 {
			t.Errorf("%s: %q", name, h.got)
		}
	}
}

// A source address that changes, or a link that is reported up while it is up,
// leaves a Master Master; a BSD goes to INIT.
func TestStartupAgainKeepsTheRole(t *testing.T) {
	h := master(t)
	h.do(h.m.Startup(h.now, local))
	h.do(h.m.Startup(h.now, netip.MustParseAddr("192.0.2.200")))
	h.want()
	h.hear(higherPeer, adv(1, 100)) // it has the lower address now
	h.wantState(carp.Backup)
	h = master(t)
	h.do(h.m.Startup(h.now, netip.MustParseAddr("192.0.2.200")))
	h.hear(local, adv(1, 99)) // somebody else's address
	h.wantState(carp.Backup)
}

// Sources that tell nothing: FreeBSD and NetBSD send from 0.0.0.0, OpenBSD from the
// service address.
func TestSourcesWithoutAnAddress(t *testing.T) {
	for _, src := range []string{"0.0.0.0", "192.0.2.100", "::"} {
		h := master(t)
		h.do(h.m.Startup(h.now, netip.MustParseAddr("0.0.0.0")))
		h.hear(netip.MustParseAddr(src), adv(1, 99))
		h.wantState(carp.Backup)
	}
}

// A packet that is rejected changes no timer and no state: the machine is as it was.
func TestRejectedPacketsChangeNothing(t *testing.T) {
	for name, h := range map[string]*harness{"Init": newHarness(t, config()), "Backup": backup(t), "Master": master(t)} {
		h.do(h.m.Startup(h.now, local))
		if name == "Init" {
			h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown))
		}
		before := *h.m
		for range 1000 {
			h.now = h.now.Add(time.Microsecond)
			h.hear(local, adv(0, 1))
			h.hear(local, adv(255, 255))
		}
		then, now := reflect.ValueOf(before), reflect.ValueOf(*h.m)
		for i := range then.NumField() {
			if name := then.Type().Field(i).Name; name != "actions" && fmt.Sprint(then.Field(i)) != fmt.Sprint(now.Field(i)) {
				t.Errorf("%v: %s changed", h.m.State(), name)
			}
		}
	}
}

// A Master that hears another one announces the addresses now, and again when that
// has gone silent: its announcements have misled the neighbours.
func TestCompetitor(t *testing.T) {
	h := master(t, quiet)
	h.advance(400 * time.Millisecond)
	h.hear(lowerPeer, adv(2, 0))
	h.want("notice: competing master", "announce 192.0.2.100 x5", "send 1/100")
	h.advance(2 * time.Second)
	h.hear(lowerPeer, adv(2, 0))
	h.got = nil
	h.advance(6*time.Second - 1)
	for _, line := range h.got {
		if line != "send 1/100" {
			t.Errorf("%q before three of its intervals", line)
		}
	}
	h.got = nil
	h.advance(1)
	h.want("announce 192.0.2.100 x5")
}

func TestAnswersAtMostOnceInATenthOfAnInterval(t *testing.T) {
	for name, a := range map[string]*carp.Advertisement{"worse": adv(9, 0), "bow-out": adv(255, 255)} {
		h := master(t, timing(1, 0), quiet)
		sent := 0
		for range 1000 { // one packet a millisecond for a second
			h.advance(time.Millisecond)
			h.hear(higherPeer, a)
			for _, line := range h.got {
				if line == "send 1/0" {
					sent++
				}
			}
			h.got = nil
		}
		if sent < 10 || sent > 11 {
			t.Errorf("%s: %d advertisements in a second, want 10 answers and at most one that was due", name, sent)
		}
	}
}

// A bow-out right after an advertisement is answered as soon as that is allowed: a
// Backup may be about to claim.
func TestBowOutWithinATenthOfAnInterval(t *testing.T) {
	h := master(t, timing(1, 0), quiet)
	h.advance(time.Second)
	h.got = nil
	h.advance(time.Millisecond)
	h.hear(higherPeer, adv(255, 255))
	h.want("announce 192.0.2.100 x5")
	h.wantDeadline(99 * time.Millisecond)
	h.next()
	h.want("send 1/0")
}

// A Master that yields to a better one says a last word, however little time ago it
// has advertised: the other need not have heard that.
func TestLastWord(t *testing.T) {
	for _, after := range []time.Duration{0, 139062500} {
		h := master(t, quiet)
		h.advance(after)
		h.hear(higherPeer, adv(1, 99))
		h.want("send 1/100", "Master -> Backup: more frequent advertisement received (peer 192.0.2.3, advbase 1 advskew 99)")
	}
}

// To an equal one it says it with a rank that nobody yields to, unless that would be
// a bow-out. One that yields to every equal is silent, as a BSD is.
func TestLastWordToAnEqual(t *testing.T) {
	const equal = "notice: peer of equal rank"
	for _, c := range []struct {
		base, skew uint8
		change     func(*carp.Config)
		want       []string
	}{
		{1, 100, quiet, []string{equal, "send 1/101", "Master -> Backup: peer of equal rank has lower address (peer 192.0.2.1, advbase 1 advskew 100)"}},
		{255, 254, quiet, []string{equal, "Master -> Backup: peer of equal rank has lower address (peer 192.0.2.1, advbase 255 advskew 254)"}},
		{1, 100, bsd, []string{equal, "Master -> Backup: peer has equal rank (peer 192.0.2.1, advbase 1 advskew 100)"}},
	} {
		h := master(t, timing(c.base, c.skew), c.change)
		h.hear(lowerPeer, adv(c.base, c.skew))
		h.want(c.want...)
	}
}

func TestMachineDoesNotAllocateInSteadyState(t *testing.T) {
	a, b, c := master(t), backup(t), backup(t)
	better, worse, equal := adv(1, 50), adv(1, 150), adv(1, 100)
	if n := testing.AllocsPerRun(1000, func() {
		a.now = a.now.Add(1390625 * time.Microsecond)
		a.m.Expire(a.now)
		a.m.Receive(a.now, local, better)
		b.m.Receive(a.now, higherPeer, better)
		b.m.Receive(a.now, lowerPeer, equal)
		c.m.Receive(a.now, higherPeer, worse)
	}); n > 0.01 {
		t.Errorf("%v allocations", n)
	}
	if a.m.State() != carp.Master || b.m.State() != carp.Backup || c.m.State() != carp.Backup {
		t.Error("not the steady state")
	}
}

// Expire early does nothing, and after it, however late, the next deadline is ahead.
func TestExpireAtAnyTime(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		h := backup(t, timing(uint8(r.IntN(3)), uint8(1+r.IntN(254))), func(c *carp.Config) {
			c.Preempt = r.IntN(2) == 0
			c.Announcements.Refresh = time.Duration(r.IntN(3)) * time.Second
		})
		for range 100 {
			at, ok := h.m.Deadline()
			if !ok {
				t.Fatal("no deadline")
			}
			if wait := at.Sub(h.now); wait > 0 { // less demoted, a Backup may have to claim at once
				h.now = h.now.Add(time.Duration(r.Int64N(int64(wait))))
				if got := h.m.Expire(h.now); len(got) > 0 {
					t.Fatalf("%v before the deadline", got)
				}
				if again, _ := h.m.Deadline(); again != at {
					t.Fatalf("an early call moved the deadline by %v", again.Sub(at))
				}
			}
			h.now = later(h.now, at).Add(time.Duration(r.IntN(3)) * time.Duration(r.Int64N(int64(5*time.Second))))
			if got := h.m.Expire(h.now); len(got) == 0 {
				t.Fatalf("nothing at the deadline in state %v", h.m.State())
			}
			if next, ok := h.m.Deadline(); !ok || !next.After(h.now) {
				t.Fatalf("the next deadline is %v ahead", next.Sub(h.now))
			}
			src := []netip.Addr{lowerPeer, higherPeer, local}[r.IntN(3)]
			h.do(h.m.Receive(h.now, src, adv(uint8(r.IntN(4)), uint8(r.IntN(256)))))
			if r.IntN(20) == 0 {
				h.do(h.m.Demote(h.now, "test", r.IntN(256)))
			}
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
