// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

func releaseFirst(c *carp.Config) { c.ReleaseFirst = true }

// three has three service addresses, of both families.
func three(c *carp.Config) {
	c.Addresses = prefixes("192.0.2.100/32", "192.0.2.101/32", "2001:db8::1/128")
}

// sc_bow_out: the bow-out is on the wire before the addresses go.
func TestBowOutComesBeforeTheAddressesGo(t *testing.T) {
	h := master(t)
	h.do(h.m.Shutdown(h.now, carp.ReasonShutdown))
	h.want("send 255/255", "Master -> Init: shutdown")
	if !h.m.Releasing() {
		t.Error("not releasing")
	}
	h.wantDeadline(1490625 * time.Microsecond) // one interval and 100 ms
	h.next()
	h.want("remove 192.0.2.100")
	if _, ok := h.m.Deadline(); ok || h.m.Releasing() {
		t.Error("still releasing")
	}
}

func TestShutdownOfABackup(t *testing.T) {
	h := backup(t)
	h.do(h.m.Shutdown(h.now, carp.ReasonShutdown))
	h.want("Backup -> Init: shutdown")
	if _, ok := h.m.Deadline(); ok {
		t.Error("a timer runs on")
	}
}

func TestHandOverToOneThatAnnounces(t *testing.T) {
	h := master(t, three)
	h.do(h.m.Shutdown(h.now, carp.ReasonShutdown))
	h.got = nil
	h.claimed("192.0.2.101")
	h.want("remove 192.0.2.101")
	h.wantDeadline(1490625 * time.Microsecond) // for the others
	h.claimed("192.0.2.101")
	h.claimed("192.0.2.7")
	h.want()
	h.claimed("192.0.2.100")
	h.claimed("2001:db8::1")
	h.want("remove 192.0.2.100", "remove 2001:db8::1")
	if _, ok := h.m.Deadline(); ok || h.m.Releasing() {
		t.Error("still releasing")
	}
}

func TestHandOverToOneThatAdvertises(t *testing.T) {
	h := master(t, three)
	h.do(h.m.Shutdown(h.now, carp.ReasonShutdown))
	h.got = nil
	h.hear(lowerPeer, adv(255, 255)) // a third host's: no successor
	h.wantDeadline(1490625 * time.Microsecond)
	h.hear(lowerPeer, adv(1, 200))
	h.wantDeadline(50 * time.Millisecond)
	h.advance(20 * time.Millisecond)
	h.hear(lowerPeer, adv(1, 200)) // once is enough
	h.wantDeadline(30 * time.Millisecond)
	h.next()
	h.want("remove 192.0.2.100 192.0.2.101 2001:db8::1")
}

// A Master that yields keeps the addresses while the other one adds them.
func TestHandOverOfOneThatYields(t *testing.T) {
	for src, a := range map[netip.Addr]*carp.Advertisement{higherPeer: adv(1, 99), lowerPeer: adv(1, 100)} {
		h := master(t)
		h.hear(src, a)
		h.wantState(carp.Backup)
		h.got = nil
		h.wantDeadline(50 * time.Millisecond)
		h.next()
		h.want("remove 192.0.2.100")
		h.wantDeadline(3340625 * time.Microsecond)
	}
}

func TestHandOverWhileTheLinkGoesDown(t *testing.T) {
	h := master(t)
	h.do(h.m.Resign(h.now, 0))
	h.got = nil
	h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown))
	h.want("remove 192.0.2.100", "Backup -> Init: link down")
	if h.m.Releasing() {
		t.Error("still releasing")
	}
}

func TestHandOverToNobody(t *testing.T) {
	h := master(t, timing(0, 3)) // the master-down time, 35 ms, is over before the hand-over
	h.do(h.m.Resign(h.now, 0))
	h.got = nil
	h.next()
	h.want(taken("0/3", "Backup -> Master: master timed out")...)
	if h.m.Releasing() {
		t.Error("still releasing while Master")
	}
}

func TestHandOverBackWithOtherAddresses(t *testing.T) {
	h := master(t, three)
	h.do(h.m.Resign(h.now, 0))
	h.reconfigure()
	h.got = nil
	h.do(h.m.Force(h.now, 0))
	h.want("send 0/0", "add 192.0.2.100", "remove 192.0.2.100 192.0.2.101 2001:db8::1", "announce 192.0.2.100 x5", "Backup -> Master: forced")
}

func TestReleaseFirst(t *testing.T) {
	h := master(t, releaseFirst)
	h.do(h.m.Shutdown(h.now, carp.ReasonShutdown))
	h.want("remove 192.0.2.100", "Master -> Init: shutdown")
	if !h.m.Releasing() {
		t.Error("done before the bow-out")
	}
	h.do(h.m.AddressesRemoved(h.now))
	h.do(h.m.AddressesRemoved(h.now))
	h.want("send 255/255")
}

// A bow-out that is late would send the successor away.
func TestReleaseFirstWithoutABowOut(t *testing.T) {
	for name, event := range map[string]func(*harness){
		"better heard": func(h *harness) { h.hear(lowerPeer, adv(1, 50)) },
		"worse heard":  func(h *harness) { h.hear(lowerPeer, adv(1, 150)) },
		"link down":    func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown)) },
		"slept":        func(h *harness) { h.do(h.m.Slept(h.now)) },
	} {
		h := master(t, releaseFirst)
		h.do(h.m.Resign(h.now, 0))
		event(h)
		h.got = nil
		h.do(h.m.AddressesRemoved(h.now))
		if len(h.got) > 0 {
			t.Errorf("%s: %v", name, h.got)
		}
	}
}

// Never Master without the addresses: bow out, and back off up to a minute.
func TestAddressesFailed(t *testing.T) {
	h := master(t)
	cause := errors.New("no such device")
	h.do(h.m.AddressesAdded(h.now, cause))
	h.want("send 255/255", "remove 192.0.2.100", "Master -> Backup: addresses could not be added: no such device")
	const down = 3390625 * time.Microsecond
	for _, wait := range []time.Duration{down, down, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		h.wantDeadline(wait)
		h.next()
		h.wantState(carp.Master)
		h.do(h.m.AddressesAdded(h.now, cause))
	}
	h.next()
	h.do(h.m.AddressesAdded(h.now, nil))
	h.do(h.m.AddressesAdded(h.now, cause))
	h.wantDeadline(down) // success ended the succession
}

// A link that comes back is a new beginning.
func TestLinkDownEndsBackOff(t *testing.T) {
	h := master(t)
	for range 5 {
		h.do(h.m.AddressesAdded(h.now, errors.New("full")))
		h.next()
	}
	h.do(h.m.AddressesAdded(h.now, errors.New("full")))
	h.wantDeadline(32 * time.Second)
	h.hear(lowerPeer, adv(1, 50))
	h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown))
	h.do(h.m.Startup(h.now, local))
	h.wantDeadline(3390625 * time.Microsecond)
	h.got = nil
	h.next()
	h.want(taken("1/100", "Backup -> Master: master timed out")...) // the peer was of before
}

// Back-off holds for claims at once, too.
func TestBackOffBeforePreemption(t *testing.T) {
	for name, a := range map[string]*carp.Advertisement{"preempt": adv(1, 150), "will time out": adv(9, 0), "bow-out": adv(255, 255)} {
		h := master(t, preempt)
		h.do(h.m.AddressesAdded(h.now, errors.New("full")))
		h.advance(400 * time.Millisecond)
		h.hear(lowerPeer, a)
		if h.m.State() != carp.Backup {
			t.Errorf("%s: %v", name, h.m.State())
		}
		h.wantDeadline(600 * time.Millisecond)
		h.next()
		h.wantState(carp.Master)
	}
}

func TestAddressesFailedAfterLeaving(t *testing.T) {
	h := master(t)
	h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown))
	h.got = nil
	h.do(h.m.AddressesAdded(h.now, errors.New("late")))
	h.want()
}

func TestSlept(t *testing.T) {
	h := master(t, quiet)
	h.advance(10 * time.Second)
	h.got = nil
	h.do(h.m.Slept(h.now))
	h.want("remove 192.0.2.100", "Master -> Backup: slept") // without a word
	h.wantDeadline(3390625 * time.Microsecond)
	h = backup(t)
	h.now = h.now.Add(time.Hour)
	h.do(h.m.Slept(h.now))
	h.want()
	h.wantDeadline(3390625 * time.Microsecond)
	h = master(t)
	h.do(h.m.Resign(h.now, 0))
	h.got = nil
	h.do(h.m.Slept(h.now))
	h.want("remove 192.0.2.100")
}

// Three hosts, of which the Master resigns: both others claim the role at once and
// one of them lets go of it, and at no moment are the addresses without a holder.
func TestPlannedHandOverLeavesNoGap(t *testing.T) {
	for _, skews := range [][3]uint8{{0, 100, 200}, {0, 100, 100}, {100, 100, 100}} {
		var hosts [3]*host
		for i, s := range skews {
			hosts[i] = newHost(t, ips("192.0.2."+string(rune('1'+i))), epoch.Add(time.Duration(i)*time.Second), timing(1, s))
		}
		l := newLAN(1, hosts[0], hosts[1], hosts[2])
		l.run(time.Minute)
		l.wantMaster(t, hosts[0])
		l.watch = func() {
			if len(hosts[0].holds)+len(hosts[1].holds)+len(hosts[2].holds) == 0 {
				t.Errorf("%v: nobody holds the address after %v", skews, l.now.Sub(epoch))
			}
		}
		l.send(0, hosts[0].do(hosts[0].m.Resign(l.now, time.Hour)))
		l.run(10 * time.Millisecond)
		l.wantMaster(t, hosts[1])
		l.run(time.Minute)
		l.wantMaster(t, hosts[1])
		for _, i := range []int{0, 2} {
			if len(hosts[i].holds) > 0 {
				t.Errorf("%v: host %d holds the address", skews, i)
			}
		}
	}
}

// A host that stops hears its successor too, about whom its bow-out would be.
func TestStoppingHostHearsItsSuccessorBeforeTheBowOut(t *testing.T) {
	h := master(t, releaseFirst)
	h.do(h.m.Shutdown(h.now, carp.ReasonShutdown))
	h.hear(lowerPeer, adv(1, 150))
	h.got = nil
	h.do(h.m.AddressesRemoved(h.now))
	h.want()
}
