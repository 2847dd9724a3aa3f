// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// Addresses of hosts of equal rank. To ucarp, which looks at the last octet first,
// the second one is the lowest.
const (
	lowest  = "10.0.0.9"
	twisted = "10.0.1.1"
	highest = "10.0.1.9"
)

// maker makes a host of advbase 1 and advskew 100 that becomes Backup at start.
type maker func(t *testing.T, addr string, start time.Time) speaker

// pairing is a host of this package and a peer of the same rank.
type pairing struct {
	name      string
	own, peer string // addresses
	make      maker  // of the peer
}

// pairings are this package with each implementation and each order of addresses.
func pairings() []pairing {
	var list []pairing
	for _, peer := range []struct {
		name string
		make maker
	}{
		{"this package", func(t *testing.T, addr string, start time.Time) speaker {
			return newHost(t, ips(addr), start)
		}},
		{"this package as a BSD", func(t *testing.T, addr string, start time.Time) speaker {
			return newHost(t, ips(addr), start, bsd)
		}},
		{"BSD", newKernel},
		{"ucarp", newUcarp(true)},
		{"ucarp with exact timers", newUcarp(false)},
	} {
		for _, a := range [][2]string{{lowest, highest}, {highest, lowest}, {lowest, twisted}, {twisted, lowest}} {
			list = append(list, pairing{fmt.Sprintf("%s at %s, %s", a[0], a[1], peer.name), a[0], a[1], peer.make})
		}
	}
	return list
}

func newKernel(_ *testing.T, addr string, start time.Time) speaker {
	k := &kernel{local: netip.MustParseAddr(addr), base: 1, skew: 100}
	k.setrun(start)
	return k
}

func newUcarp(polls bool) maker {
	return func(_ *testing.T, addr string, start time.Time) speaker {
		u := &ucarp{local: netip.MustParseAddr(addr), base: 1, skew: 100, polls: polls}
		u.setrun(start)
		return u
	}
}

// phases are times by which two hosts can be apart: all over an interval, and
// within the time that an advertisement takes.
func phases() []time.Duration {
	const all, close = 16, 7
	var list []time.Duration
	for i := range all {
		list = append(list, time.Duration(i)*(time.Second+100*skew)/all)
	}
	for i := range close {
		list = append(list, time.Duration(i-close/2)*300*time.Microsecond)
	}
	return list
}

// delays are those of a LAN: the same for each packet, and of chance.
func delays() map[string]func() time.Duration {
	r := rand.New(rand.NewPCG(7, 1))
	return map[string]func() time.Duration{
		"no delay":      func() time.Duration { return 0 },
		"fixed delay":   func() time.Duration { return time.Millisecond },
		"jittery delay": func() time.Duration { return time.Duration(r.Int64N(int64(2 * time.Millisecond))) },
	}
}

// everyPhase runs a test of a pair for each delay and phase.
func everyPhase(t *testing.T, test func(t *testing.T, p pairing, phase time.Duration, delay func() time.Duration, what string)) {
	for _, p := range pairings() {
		t.Run(p.name, func(t *testing.T) {
			for name, delay := range delays() {
				for _, phase := range phases() {
					test(t, p, phase, delay, fmt.Sprintf("%s, phase %v", name, phase))
				}
			}
		})
	}
}

// Two Masters of equal rank that come to hear each other neither stay Masters nor
// flap, whoever the peer is; packet loss in the first minute makes no difference.
func TestEqualMastersSettle(t *testing.T) {
	everyPhase(t, func(t *testing.T, p pairing, phase time.Duration, delay func() time.Duration, what string) {
		for _, loss := range []float64{0, 0.2} {
			start := epoch.Add(time.Second)
			l := newLAN(uint64(phase), p.make(t, p.peer, start), newHost(t, ips(p.own), start.Add(phase)))
			l.delay = delay
			l.parted = func(int, int) bool { return true }
			l.run(20 * time.Second)
			if len(l.masters()) != 2 {
				t.Fatalf("%s: masters %v while parted", what, l.masters())
			}
			l.parted = func(int, int) bool { return false }
			l.loss = loss
			l.run(time.Minute)
			l.loss = 0
			l.run(5 * time.Minute)
			l.wantSettled(t, what, 4*time.Minute)
		}
	})
}

// The same for two hosts that start together and whose timers end together.
func TestEqualStartersSettle(t *testing.T) {
	everyPhase(t, func(t *testing.T, p pairing, phase time.Duration, delay func() time.Duration, what string) {
		start := epoch.Add(time.Second)
		l := newLAN(1, p.make(t, p.peer, start), newHost(t, ips(p.own), start.Add(phase)))
		l.delay = delay
		l.run(5 * time.Minute)
		l.wantSettled(t, what, 4*time.Minute)
	})
}

// The models are what they are meant to be: two BSDs of equal rank whose timers
// end together yield to each other for ever, and ucarp, which compares addresses in
// its own way, stays Master beside a host that keeps to the addresses alone.
func TestEqualModels(t *testing.T) {
	l := newLAN(1, newKernel(t, lowest, epoch), newKernel(t, highest, epoch))
	for range 100 {
		l.run(10 * time.Second)
		if l.now.Sub(l.since) > 4*time.Second {
			t.Fatalf("two BSDs settled on %v after %v", l.masters(), l.now.Sub(epoch))
		}
	}
	lower, upper := newUcarp(false)(t, lowest, epoch), newUcarp(false)(t, twisted, epoch)
	l = newLAN(1, lower, upper)
	l.run(time.Minute)
	if lower.master() || !upper.master() {
		t.Errorf("ucarp at %s: %v, at %s: %v", lowest, lower.master(), twisted, upper.master())
	}
}

// Hosts of equal rank that advertise in both families settle even if the order of
// their addresses is another in each, and whichever of the two comes first.
func TestEqualMastersOfBothFamiliesSettle(t *testing.T) {
	for _, orders := range [][2][]string{
		{{lowest, "fe80::2"}, {highest, "fe80::1"}},
		{{lowest, "fe80::1"}, {highest, "fe80::2"}},
		{{"fe80::2"}, {"fe80::1"}},
		{{lowest}, {"fe80::1"}}, // each sends in one family
	} {
		for _, phase := range phases() {
			a, b := newHost(t, ips(orders[0]...), epoch), newHost(t, ips(orders[1]...), epoch.Add(phase))
			l := newLAN(uint64(phase), a, b)
			l.parted = func(int, int) bool { return true }
			l.run(20 * time.Second)
			l.parted = func(int, int) bool { return false }
			l.run(5 * time.Minute)
			l.wantSettled(t, fmt.Sprint(orders, ", phase ", phase), 4*time.Minute)
		}
	}
}

// A pair of different rank: the better one is Master in the end if it preempts, and
// no bow-out or demotion leaves a gap or two Masters, with each implementation.
func TestBetterBesideEachImplementation(t *testing.T) {
	for name, peer := range map[string]speaker{
		"FreeBSD": &kernel{local: netip.MustParseAddr(lowest), base: 1, skew: 200, timer: epoch.Add(4 * time.Second)},
		"OpenBSD": &kernel{local: netip.MustParseAddr(lowest), base: 1, skew: 200, openBSD: true, timer: epoch.Add(4 * time.Second)},
		"ucarp":   &ucarp{local: netip.MustParseAddr(lowest), base: 1, skew: 200, polls: true, timer: epoch.Add(4 * time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			own := newHost(t, ips(highest), epoch, preempt)
			l := newLAN(1, peer, own)
			l.run(10 * time.Second)
			l.wantMaster(t, own)
			l.send(1, own.do(own.m.Resign(l.now, 20*time.Second)))
			l.run(10 * time.Millisecond)
			l.wantMaster(t, peer)
			l.run(15 * time.Second)
			l.wantMaster(t, peer)
			l.run(15 * time.Second)
			l.wantMaster(t, own)
		})
	}
}

// The demotion octet beside OpenBSD: the less demoted host is Master, although it
// advertises less often and nobody preempts.
func TestDemoteOctetBesideOpenBSD(t *testing.T) {
	peer := &kernel{local: netip.MustParseAddr(lowest), base: 1, skew: 200, openBSD: true}
	peer.setrun(epoch)
	own := newHost(t, ips(highest), epoch, openBSD)
	l := newLAN(1, peer, own)
	l.run(10 * time.Second)
	l.wantMaster(t, own)
	l.send(1, own.do(own.m.Demote(l.now, "pfsync", 1)))
	l.run(10 * time.Millisecond)
	l.wantMaster(t, peer)
	l.run(time.Minute)
	l.wantMaster(t, peer)
	peer.demote = 2
	l.run(5 * time.Second)
	l.wantMaster(t, own)
}

// wantMaster wants one Master, which is this one.
func (l *lan) wantMaster(t *testing.T, want speaker) {
	t.Helper()
	if masters := l.masters(); len(masters) != 1 || l.hosts[masters[0]] != want {
		t.Errorf("after %v masters are %v", l.now.Sub(epoch), masters)
	}
}
