// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// A virtual host with three IPv4 and two IPv6 addresses fails over as one: its
// Master dies.
func TestCrash(t *testing.T) {
	sim, a, b := pair(t, config(five))
	for i, want := range []carp.PathStatus{{HeardFrom: ipv4(1), Source: ipv4(2)}, {HeardFrom: ipv6(1), Source: ipv6(2)}} {
		if got := b.path(i); got.HeardFrom != want.HeardFrom || got.Source != want.Source || sim.Now().Sub(got.HeardAt) > time.Second {
			t.Errorf("%+v", got)
		}
	}
	wantOwner(t, sim.LAN, a)
	sim.Crash(a.host)
	sim.Run(5 * time.Second)
	wantStates(t, []*node{b}, carp.Master)
	wantOwner(t, sim.LAN, b)
	if last := b.last(); last.Reason != carp.ReasonTimedOut || last.PeerRank != (carp.Rank{AdvBase: 1}) {
		t.Errorf("transition %v", last)
	}
}

// One advertisement leaves for each family in each interval, with a counter and a
// digest of its own (carp_prepare_ad).
func TestAdvertisementsOfBothFamilies(t *testing.T) {
	sim := newSimulation()
	n := newNode(t, sim.LAN, 1, config(five))
	sim.Drive(n.host, n.carp)
	sim.Run(10 * time.Second)
	auth := newAuthenticator(t, carp.AuthenticatorConfig{VHID: 42, Key: key(t, "mekmitasdigoat"), Addresses: ips("2001:db8::101", "192.0.2.101", "192.0.2.100", "2001:db8::100", "192.0.2.102")})
	seen := map[uint64]bool{}
	families := map[netip.Addr]int{}
	sim.Tap(func(p netiftest.Packet) {
		var adv carp.Advertisement
		if err := adv.Parse(p.Payload, carp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit}); err != nil {
			t.Error(err)
		}
		if _, ok := auth.Verify(&adv); !ok || seen[adv.Counter] || adv.AdvBase != 1 || adv.AdvSkew != 100 {
			t.Errorf("from %v: %+v", p.Src, adv)
		}
		seen[adv.Counter] = true
		families[p.Src]++
		if want := map[netip.Addr]netip.Addr{ipv4(1): carp.GroupIPv4(), ipv6(1): carp.GroupIPv6()}[p.Src]; p.Dst != want {
			t.Errorf("from %v to %v", p.Src, p.Dst)
		}
	})
	sim.Run(139 * time.Second) // a hundred intervals
	if families[ipv4(1)] != families[ipv6(1)] || families[ipv4(1)] < 99 || len(families) != 2 {
		t.Errorf("advertisements by source: %v", families)
	}
	if s := n.virtual.Status().Stats; s.SentIPv4 != s.SentIPv6 {
		t.Errorf("%+v", s)
	}
}

// While no peer was heard counters are random, after that they go on from the last
// one heard (carp_prepare_ad).
func TestCounterFollowsThePeer(t *testing.T) {
	sim := newSimulation()
	n := newNode(t, sim.LAN, 1, config(timing(1, 0)))
	var sent []uint64
	sim.Tap(func(p netiftest.Packet) {
		if p.From != nil {
			sent = append(sent, binary.BigEndian.Uint64(p.Payload[8:]))
		}
	})
	sim.Drive(n.host, n.carp)
	sim.Run(10 * time.Second)
	for i := range sent[1:] {
		if step := sent[i+1] - sent[i]; step < 1<<40 || -step < 1<<40 {
			t.Errorf("%d follows on %d", sent[i+1], sent[i])
		}
	}
	const heard = 1 << 50
	sim.Inject(netiftest.Packet{Src: ipv4(2), Dst: carp.GroupIPv4(), HopLimit: 255, Payload: n.sign(t, carp.Advertisement{AdvBase: 1, AdvSkew: 200, Counter: heard})})
	sent = []uint64{heard}
	sim.Run(10 * time.Second)
	for i := range sent[1:] {
		if step := sent[i+1] - sent[i]; step == 0 || step > 1<<33 {
			t.Errorf("%d follows on %d", sent[i+1], sent[i])
		}
	}
	if len(sent) < 10 {
		t.Errorf("%d sent", len(sent))
	}
}

// An advertisement heard in either family counts: the loss of one is no failure.
func TestOneFamilyIsEnough(t *testing.T) {
	for name, keep := range map[string]netip.Prefix{"IPv4": netip.PrefixFrom(ipv4(1), 24), "IPv6": netip.PrefixFrom(ipv6(1), 64)} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := pair(t, config(five))
			if err := a.host.SetAddresses("eth0", keep); err != nil {
				t.Fatal(err)
			}
			lost := 0
			if name == "IPv4" {
				lost = 1
			}
			sim.Run(time.Minute)
			wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
			if p := b.path(lost); sim.Now().Sub(p.HeardAt) < 50*time.Second || len(b.history()) != 1 {
				t.Errorf("%+v; %v", p, b.history())
			}
			if p := a.path(lost); p.Source.IsValid() {
				t.Errorf("sends from %v", p.Source)
			}
		})
	}
}

func TestNoSourceAtAll(t *testing.T) {
	sim, a, b := pair(t, config(five))
	if err := a.host.SetAddresses("eth0", prefixes("192.0.2.100/24")...); err != nil { // a service address is none
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, carp.Init, carp.Master)
	if a.last().Reason != carp.ReasonNoAddress || b.last().Reason != carp.ReasonBowOut {
		t.Errorf("%v and %v", a.last(), b.last())
	}
	if err := a.virtual.Force(0); !errors.Is(err, carp.ErrNotReady) {
		t.Errorf("Force = %v", err)
	}
}

// Addresses that a program which was killed has left behind go at startup.
func TestLeftoversGoAtStartup(t *testing.T) {
	sim := newSimulation()
	n := newNode(t, sim.LAN, 1, config(five))
	other := prefixes("192.0.2.77/24")
	if err := n.addrs.Add(t.Context(), append(other, n.cfg.Addresses...)); err != nil {
		t.Fatal(err)
	}
	sim.Drive(n.host, n.carp)
	sim.Run(time.Second)
	if held := n.addrs.Held(); !slices.Equal(held, other) {
		t.Errorf("holds %v", held)
	}
}

// A preempting host takes the role back, one that doesn't leaves it
// (net.inet.carp.preempt).
func TestPreemption(t *testing.T) {
	for name, c := range map[string]struct {
		preempt bool
		states  []carp.State
	}{
		"on":  {true, []carp.State{carp.Master, carp.Backup}},
		"off": {false, []carp.State{carp.Backup, carp.Master}},
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := pair(t, config(five, func(cfg *carp.Config) { cfg.Preempt = c.preempt }))
			_ = a.host.SetLink("eth0", false)
			sim.Run(5 * time.Second)
			wantStates(t, []*node{a, b}, carp.Init, carp.Master)
			_ = a.host.SetLink("eth0", true)
			sim.Run(10 * time.Second)
			wantStates(t, []*node{a, b}, c.states...)
			if c.preempt && (a.last().Reason != carp.ReasonPreempt || b.last().Reason != carp.ReasonMoreFrequent || a.virtual.Status().Stats.Preemptions != 1) {
				t.Errorf("%v and %v", a.last(), b.last())
			}
		})
	}
}

// A forced host is Master for a while, and then the better one is again, if it
// preempts.
func TestForcedMaster(t *testing.T) {
	sim, a, b := pair(t, config(five, preempt))
	if err := b.virtual.Force(time.Minute); err != nil {
		t.Fatal(err)
	}
	sim.Run(59 * time.Second)
	wantStates(t, []*node{a, b}, carp.Backup, carp.Master)
	wantOwner(t, sim.LAN, b)
	if s := b.virtual.Status(); s.Rank != (carp.Rank{}) || s.Last.Reason != carp.ReasonForced {
		t.Errorf("%+v", s)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	wantOwner(t, sim.LAN, a)
}

// hold watches who has an address: at every moment of a planned hand-over somebody
// does, and for no longer than a moment both.
func hold(t *testing.T, sim *netiftest.Simulation, d time.Duration, nodes ...*node) (both time.Duration) {
	t.Helper()
	for range d / time.Millisecond {
		sim.Run(time.Millisecond)
		for _, p := range nodes[0].cfg.Addresses {
			holders := 0
			for _, n := range nodes {
				if slices.Contains(n.addrs.Held(), p) {
					holders++
				}
			}
			if holders == 0 {
				t.Fatalf("%v: nobody has %v", sim.Now(), p)
			}
			if holders > 1 && p == nodes[0].cfg.Addresses[0] {
				both += time.Millisecond
			}
		}
	}
	return both
}

// A planned stop leaves no gap, and nothing is announced after the bow-out.
func TestPlannedStop(t *testing.T) {
	for name, leave := range map[string]func(*node){
		"resign": func(n *node) { _ = n.virtual.Resign(time.Hour) },
		"stop":   func(n *node) { n.carp.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := pair(t, config(five, preempt))
			announced := a.virtual.Status().Stats.Announcements
			said := listen(sim, a)
			leave(a)
			both := hold(t, sim, 5*time.Second, a, b)
			wantStates(t, []*node{b}, carp.Master)
			if len(a.addrs.Held()) > 0 || both > 2*time.Millisecond {
				t.Errorf("%v left, both for %v", a.addrs.Held(), both)
			}
			if b.last().Reason != carp.ReasonBowOut || b.last().At.Sub(a.last().At) != 100*time.Microsecond {
				t.Errorf("%v, %v after the bow-out", b.last(), b.last().At.Sub(a.last().At))
			}
			if n := a.virtual.Status().Stats.Announcements - announced; n > 0 {
				t.Errorf("%d announcements after the bow-out", n)
			}
			want := []string{"192.0.2.1 advbase 255 advskew 255", "fe80::1 advbase 255 advskew 255"}
			if !slices.Equal(*said, want) {
				t.Errorf("sent %v", *said)
			}
		})
	}
}

// listen notes what a node sends.
func listen(sim *netiftest.Simulation, n *node) *[]string {
	var list []string
	sim.Tap(func(p netiftest.Packet) {
		if p.From == n.host {
			list = append(list, fmt.Sprintf("%v advbase %d advskew %d", p.Src, p.Payload[5], p.Payload[2]))
		}
	})
	return &list
}

// Nobody is there to take over: the addresses go after an interval and 100 ms.
func TestPlannedStopWithoutSuccessor(t *testing.T) {
	sim, a, b := pair(t, config(five))
	sim.Crash(b.host)
	a.carp.Stop()
	sim.Run(1099 * time.Millisecond)
	if len(a.addrs.Held()) != 5 {
		t.Errorf("holds %v", a.addrs.Held())
	}
	sim.Run(2 * time.Millisecond)
	if len(a.addrs.Held()) != 0 {
		t.Errorf("holds %v", a.addrs.Held())
	}
}

// A host that stood still comes back as Backup, without a word.
func TestFreeze(t *testing.T) {
	sim, a, b := pair(t, config(five))
	sim.Freeze(a.host, 20*time.Second)
	sim.Run(19 * time.Second)
	if b.state() != carp.Master {
		t.Fatalf("%v is %v", b.host, b.state())
	}
	said := listen(sim, a)
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b}, carp.Backup, carp.Master)
	if a.last().Reason != carp.ReasonSlept || len(*said) > 0 {
		t.Errorf("%v, sent %v on waking", a.last(), *said)
	}
}

// What waited in the queue meanwhile can't be trusted.
func TestFreezeLeavesTheQueueUnheard(t *testing.T) {
	sim, a, _ := pair(t, config(five))
	sim.Freeze(a.host, 20*time.Second)
	sim.Run(20*time.Second + time.Microsecond)
	if s := a.virtual.Status(); s.Last.Reason != carp.ReasonSlept || s.Stats.ReceivedIPv4 > 0 || s.Stats.NotTakingPart > 0 {
		t.Errorf("%v; %+v", s.Last, s.Stats)
	}
}

// Peers count from the last advertisement, not from when the next one was due.
func TestFreezeIsCountedFromTheLastAdvertisement(t *testing.T) {
	for frozen, want := range map[time.Duration]carp.Reason{2*time.Second + 50*time.Millisecond: carp.ReasonTimedOut, 2*time.Second + 300*time.Millisecond: carp.ReasonSlept} {
		sim, a, _ := pair(t, config(five))
		sim.Run(900 * time.Millisecond) // 100 ms before the next one
		sim.Freeze(a.host, frozen)
		sim.Run(4 * time.Second)
		if a.last().Reason != want {
			t.Errorf("%v: %v", frozen, a.last())
		}
	}
}

// A loop that is late by a little has not slept, however seldom it advertises and
// however soon its peers lose patience.
func TestLatenessIsNoSleep(t *testing.T) {
	for _, c := range []struct {
		base, skew uint8
		ratio      int
		demotion   int
	}{{1, 0, 3, 0}, {1, 254, 3, 0}, {1, 0, 3, 254}, {1, 254, 1, 0}, {1, 0, 1, 254}, {1, 254, 2, 0}, {0, 1, 3, 0}, {0, 1, 3, 254}, {0, 100, 1, 0}, {255, 254, 1, 0}} {
		sim := newSimulation()
		n := newNode(t, sim.LAN, 1, config(timing(c.base, c.skew), func(cfg *carp.Config) { cfg.DeadRatio = c.ratio }))
		if err := n.virtual.Demote("test", c.demotion); err != nil {
			t.Fatal(err)
		}
		sim.Drive(n.host, n.carp)
		interval := n.virtual.Status().Interval
		for range 1000 {
			sim.Freeze(n.host, interval/3)
			sim.Run(interval*2/3 + 1)
		}
		if len(n.history()) != 2 || n.state() != carp.Master {
			t.Errorf("%+v: %v", c, n.history())
		}
	}
}

// suspending is a network of a host that can be suspended.
type suspending struct {
	*netiftest.Network
	total time.Duration
}

func (s *suspending) Suspended() time.Duration { return s.total }

// The clock doesn't count suspension, but the host finds out.
func TestSuspension(t *testing.T) {
	sim := newSimulation()
	host := sim.Host("a", linkOf(1, "eth0", ""))
	network := &suspending{Network: host.Network(), total: time.Hour}
	c, err := carp.NewHost(carp.HostConfig{Network: network, Now: sim.Now})
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.Add(carp.VirtualHostConfig{Link: "eth0", Config: config()})
	if err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, c)
	sim.Run(10 * time.Second)
	if s := v.Status(); s.State != carp.Master {
		t.Fatalf("%v", s.Last)
	}
	network.total += time.Minute
	sim.Run(2 * time.Second)
	if s := v.Status(); s.State != carp.Backup || s.Last.Reason != carp.ReasonSlept {
		t.Errorf("%v", s.Last)
	}
}

func TestAddressFailure(t *testing.T) {
	sim, a, b := pair(t, config(five, preempt))
	full := errors.New("no space left")
	a.addrs.Fail(full, prefixes("2001:db8::100/64")...)
	_ = a.virtual.Resign(0)
	sim.Run(20 * time.Second)
	if b.state() != carp.Master || !errors.Is(a.virtual.Status().LastError, full) {
		t.Errorf("%v is %v; %v", b.host, b.state(), a.virtual.Status().LastError)
	}
	failures := 0
	for _, c := range a.history() {
		if c.Reason == carp.ReasonAddresses && errors.Is(c.Err, full) {
			failures++
		}
	}
	if failures < 2 || failures > 5 {
		t.Errorf("%d attempts in 20 s", failures)
	}
	a.addrs.Fail(nil, prefixes("2001:db8::100/64")...)
	sim.Run(2 * time.Minute)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
}

// The source can be chosen, and another one doesn't end the role.
func TestSource(t *testing.T) {
	sim, a, b := pair(t, config(five))
	_ = a.host.SetAddresses("eth0", prefixes("192.0.2.7/24", "192.0.2.8/24", "fe80::8/64", "fe80::7/64")...)
	sim.Run(time.Second)
	if a.path(0).Source != ipv4(7) || a.path(1).Source != ipv6(7) {
		t.Errorf("sources %v and %v", a.path(0).Source, a.path(1).Source)
	}
	a.reconfigure(t, func(c *carp.VirtualHostConfig) { c.SourceIPv4, c.SourceIPv6 = ipv4(8), ipv6(8) })
	sim.Run(2 * time.Second)
	if a.path(0).Source != ipv4(8) || a.path(1).Source != ipv6(8) || b.path(0).HeardFrom != ipv4(8) || b.path(1).HeardFrom != ipv6(8) {
		t.Errorf("sources %v and %v", a.path(0).Source, a.path(1).Source)
	}
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	if len(a.history()) != 2 {
		t.Errorf("%v", a.history())
	}
}

func TestManyVirtualHosts(t *testing.T) {
	sim := newSimulation()
	var hosts []*carp.Host
	for i := range 2 {
		links := []netiftest.Link{linkOf(i+1, "eth0", "0"), linkOf(i+1, "eth1", "1")}
		host := sim.Host(fmt.Sprint(i), links...)
		h, err := carp.NewHost(carp.HostConfig{Network: host.Network(), Now: sim.Now, Random: random(i)})
		if err != nil {
			t.Fatal(err)
		}
		for l := range 2 {
			for id := 1; id <= 255; id++ {
				addrs := prefixes(fmt.Sprintf("10.%d.1.%d/32", l, id), fmt.Sprintf("2001:db8:%d::%x/128", l, id))
				cfg := carp.Config{VHID: uint8(id), AdvSkew: uint8(100 * ((i + id) % 2)), Addresses: addrs}
				if _, err := h.Add(carp.VirtualHostConfig{Link: fmt.Sprint("eth", l), Config: cfg}); err != nil {
					t.Fatal(err)
				}
			}
		}
		sim.Drive(host, h)
		hosts = append(hosts, h)
	}
	sim.Run(20 * time.Second)
	for i, h := range hosts {
		states := h.States()
		for k, v := range h.VirtualHosts() {
			s := v.Status()
			if want := map[uint8]carp.State{0: carp.Master, 100: carp.Backup}[s.Rank.AdvSkew]; s.State != want || states[k] != want {
				t.Fatalf("host %d: %s is %v, among all %v", i, s.Name, s.State, states[k])
			}
		}
		if len(states) != 2*255 || len(h.VirtualHosts()) != 2*255 || h.Stats().Rejected > 0 {
			t.Errorf("%d virtual hosts, %+v", len(h.VirtualHosts()), h.Stats())
		}
	}
}

func BenchmarkSimulatedDay(b *testing.B) {
	for b.Loop() {
		sim := newSimulation()
		var nodes []*node
		for i := range 3 {
			n := newNode(b, sim.LAN, i+1, carp.Config{VHID: 42, AdvSkew: uint8(100 * i), Addresses: prefixes("192.0.2.100/24")})
			sim.Drive(n.host, n.carp)
			nodes = append(nodes, n)
		}
		sim.Run(24 * time.Hour)
		wantStates(b, nodes, carp.Master, carp.Backup, carp.Backup)
	}
}
