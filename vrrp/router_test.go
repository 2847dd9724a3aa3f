// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// node is a router on a host of a virtual LAN.
type node struct {
	host    *netiftest.Host
	router  *vrrp.Router
	virtual *vrrp.VirtualRouter
	addrs   *viptest.Memory

	mu      sync.Mutex
	changes []vrrp.Transition
}

// changed is called by the router on each transition.
func (n *node) changed(_ *vrrp.VirtualRouter, t vrrp.Transition) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.changes = append(n.changes, t)
}

// history returns all transitions so far.
func (n *node) history() []vrrp.Transition {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.changes)
}

// last returns the last transition.
func (n *node) last() vrrp.Transition {
	all := n.history()
	return all[len(all)-1]
}

// newNode makes a host with a router of the given priority.
func newNode(t testing.TB, lan *netiftest.LAN, addr string, c vrrp.Config, change ...func(*vrrp.VirtualRouterConfig)) *node {
	t.Helper()
	n := &node{addrs: &viptest.Memory{}}
	n.host = lan.Host(addr, netiftest.Link{Addresses: prefixes(addr)})
	var err error
	n.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: n.host.Network(), Now: lan.Now,
		Trace: vrrp.Trace{Transition: n.changed}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := vrrp.VirtualRouterConfig{Config: c, Link: "eth0", Backend: n.addrs}
	for _, f := range change {
		f(&cfg)
	}
	if n.virtual, err = n.router.Add(cfg); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) state() vrrp.State { return n.virtual.Status().State }

// three makes a simulation of three routers with priorities 200, 150 and 100.
func three(t testing.TB, cfg netiftest.Config) (*netiftest.Simulation, []*node) {
	sim := netiftest.NewSimulation(cfg, epoch)
	var nodes []*node
	for i, addr := range []string{"192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24"} {
		n := newNode(t, sim.LAN, addr, v3(priority(uint8(200-50*i))))
		sim.Drive(n.host, n.router)
		nodes = append(nodes, n)
	}
	return sim, nodes
}

// wantStates checks who is Active, and that the addresses are there and only
// there.
func wantStates(t testing.TB, nodes []*node, want ...vrrp.State) {
	t.Helper()
	var got []vrrp.State
	for i, n := range nodes {
		got = append(got, n.state())
		if len(n.addrs.Held()) > 0 != (want[i] == vrrp.Active) {
			t.Errorf("%v is %v and holds %d addresses", n.host, want[i], len(n.addrs.Held()))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("states %v, want %v", got, want)
	}
}

func TestSimulatedElection(t *testing.T) {
	sim, nodes := three(t, netiftest.Config{Delay: 100 * time.Microsecond})
	sim.Run(10 * time.Second)
	wantStates(t, nodes, vrrp.Active, vrrp.Backup, vrrp.Backup)

	sim.Crash(nodes[0].host)
	sim.Run(5 * time.Second)
	wantStates(t, nodes[1:], vrrp.Active, vrrp.Backup)
	if owner := sim.Owner(netip.MustParseAddr("192.0.2.100")); owner != nodes[1].host {
		t.Errorf("neighbours send to %v", owner)
	}
	last := nodes[1].last()
	if last.Reason != vrrp.ReasonNoResponse || last.Peer != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("transition %v", last)
	}
}

// pair makes a simulation of two routers with priorities 200 and 100, in which
// the first is Active.
func pair(t testing.TB, change ...func(*vrrp.VirtualRouterConfig)) (*netiftest.Simulation, *node, *node) {
	t.Helper()
	sim := netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
	a := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200)), change...)
	b := newNode(t, sim.LAN, "192.0.2.2/24", v3(priority(100)), change...)
	sim.Drive(a.host, a.router)
	sim.Drive(b.host, b.router)
	sim.Run(15 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
	return sim, a, b
}

func TestSimulatedPreemption(t *testing.T) {
	sim, a, b := pair(t)
	if err := a.host.SetLink("eth0", false); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Millisecond)
	if got := a.last(); got.Reason != vrrp.ReasonLinkDown || len(a.addrs.Held()) > 0 {
		t.Errorf("%v, holds %v", got, a.addrs.Held())
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Initialize, vrrp.Active)

	if err := a.host.SetLink("eth0", true); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
	if a.last().Reason != vrrp.ReasonPreempt || b.last().Reason != vrrp.ReasonHigherPriority {
		t.Errorf("%v and %v", a.last(), b.last())
	}
	if owner := sim.Owner(netip.MustParseAddr("192.0.2.100")); owner != a.host {
		t.Errorf("neighbours send to %v", owner)
	}
}

// At no moment of a planned hand-over is there nobody who has the address, and
// for no longer than its bound do two.
func TestSimulatedHandOver(t *testing.T) {
	for name, leave := range map[string]func(*node){
		"resign": func(n *node) { _ = n.virtual.Resign(time.Hour) },
		"stop":   func(n *node) { n.router.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := pair(t)
			leave(a)
			both := time.Duration(0)
			for range 5000 {
				sim.Run(time.Millisecond)
				held := len(a.addrs.Held()) + len(b.addrs.Held())
				if held == 0 {
					t.Fatal("nobody has the address")
				}
				if held == 2 {
					both += time.Millisecond
				}
			}
			if len(a.addrs.Held()) > 0 || both > 2*time.Millisecond {
				t.Errorf("%v left, both for %v", a.addrs.Held(), both)
			}
			if b.last().Reason != vrrp.ReasonGoodbye || b.last().At.Sub(a.last().At) > 610*time.Millisecond {
				t.Errorf("%v, %v after the goodbye", b.last(), b.last().At.Sub(a.last().At))
			}
		})
	}
}

func TestSimulatedFreeze(t *testing.T) {
	sim, a, b := pair(t)
	sim.Freeze(a.host, 20*time.Second)
	sim.Run(19 * time.Second)
	if b.state() != vrrp.Active {
		t.Fatalf("%v is %v", b.host, b.state())
	}
	sent := a.virtual.Status().Stats.Sent
	sim.Run(1100 * time.Millisecond)
	wantStates(t, []*node{a, b}, vrrp.Backup, vrrp.Active)
	if s := a.virtual.Status(); a.last().Reason != vrrp.ReasonSlept || s.Stats.Sent != sent {
		t.Errorf("%v, %d advertisements on waking", a.last(), s.Stats.Sent-sent)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup) // by preemption
}

// suspending is a network of a host that can be suspended.
type suspending struct {
	*netiftest.Network
	total time.Duration
}

func (s *suspending) Suspended() time.Duration { return s.total }

// The clock doesn't count suspension, but the router finds out.
func TestSimulatedSuspension(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
	network := &suspending{Network: host.Network(), total: time.Hour}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Now: sim.Now})
	if err != nil {
		t.Fatal(err)
	}
	v, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Config: v3()})
	if err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, router)
	sim.Run(10 * time.Second)
	if s := v.Status(); s.State != vrrp.Active {
		t.Fatalf("%v", s.Last)
	}
	network.total += time.Minute
	sim.Run(time.Second)
	if s := v.Status(); s.State != vrrp.Backup || s.Last.Reason != vrrp.ReasonSlept {
		t.Errorf("%v", s.Last)
	}
}

// A router that is stopped as it wakes has nothing to say goodbye for: there is a
// successor.
func TestSimulatedStopAfterFreeze(t *testing.T) {
	sim, a, b := pair(t)
	goodbyes := a.virtual.Status().Stats.GoodbyesSent
	sim.Freeze(a.host, 20*time.Second)
	sim.Run(19 * time.Second)
	a.router.Stop()
	sim.Run(10 * time.Second)
	if s := a.virtual.Status(); s.Stats.GoodbyesSent != goodbyes || len(a.addrs.Held()) > 0 || b.state() != vrrp.Active {
		t.Errorf("%d goodbyes, holds %v, the other is %v", s.Stats.GoodbyesSent-goodbyes, a.addrs.Held(), b.state())
	}
}

// What is late for a fast virtual router isn't for a slow one beside it.
func TestSimulatedStallConcernsTheFastOnly(t *testing.T) {
	sim, a, _ := pair(t)
	fast, err := a.router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Config: v3(func(c *vrrp.Config) {
		c.VRID, c.Interval, c.Addresses = 7, 10*time.Millisecond, prefixes("192.0.2.107/24")
	})})
	if err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	sim.Freeze(a.host, 60*time.Millisecond)
	sim.Run(time.Second)
	if fast.Status().Stats.BecameActive != 2 || a.virtual.Status().Stats.BecameActive != 1 {
		t.Errorf("the fast one became Active %d times, the slow one %d times", fast.Status().Stats.BecameActive, a.virtual.Status().Stats.BecameActive)
	}
}

// Peers that wait for ten intervals have not claimed after five.
func TestSimulatedStallWithinTheDownInterval(t *testing.T) {
	sim, a, b := pair(t, func(c *vrrp.VirtualRouterConfig) { c.DownIntervals = 10 })
	sim.Run(time.Minute)
	sim.Freeze(a.host, 5*time.Second)
	sim.Run(time.Minute)
	if a.last().Reason == vrrp.ReasonSlept || b.state() != vrrp.Backup {
		t.Errorf("%v, the other is %v", a.last(), b.state())
	}
}

// An owner that is removed says goodbye, though it has nothing to hand over.
func TestSimulatedRemovalOfAnOwner(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	owner := newNode(t, sim.LAN, "192.0.2.100/24", v3(priority(255)))
	sim.Drive(owner.host, owner.router)
	sim.Run(time.Second)
	var last []byte
	sim.Tap(func(p netiftest.Packet) { last = slices.Clone(p.Payload) })
	if err := owner.virtual.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(last) < 3 || last[2] != vrrp.PriorityGoodbye {
		t.Errorf("last packet %x", last)
	}
}

// Of another length of prefix the old address goes and the new one is there.
func TestSimulatedPrefixLength(t *testing.T) {
	sim, a, _ := pair(t)
	cfg := vrrp.VirtualRouterConfig{Link: "eth0", Config: v3(priority(200), func(c *vrrp.Config) { c.Addresses = prefixes("192.0.2.100/32") })}
	if err := a.virtual.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	if held := a.addrs.Held(); !slices.Equal(held, cfg.Addresses) || a.state() != vrrp.Active {
		t.Errorf("%v holds %v", a.state(), held)
	}
}

// A packet that is rejected moves no timer by a nanosecond, however many come.
func TestSimulatedRejectedPackets(t *testing.T) {
	adv := vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 250, Interval: time.Second, Addresses: addrs("192.0.2.100")}
	src, dst := netip.MustParseAddr("192.0.2.9"), vrrp.GroupIPv4()
	good, err := adv.Append(nil, src, dst, vrrp.ChecksumMessage)
	if err != nil {
		t.Fatal(err)
	}
	other := adv
	other.VRID = 52
	foreign, _ := other.Append(nil, src, dst, vrrp.ChecksumMessage)
	spoil := func(i int, v byte) []byte { b := slices.Clone(good); b[i] = v; return b }
	for _, c := range []struct {
		name    string
		packet  netiftest.Packet
		counter func(vrrp.RouterStats, vrrp.Stats) uint64
	}{
		{"hop limit", netiftest.Packet{HopLimit: 64, Payload: good}, func(r vrrp.RouterStats, _ vrrp.Stats) uint64 { return r.HopLimitErrors }},
		{"version", netiftest.Packet{HopLimit: 255, Payload: spoil(0, 0x41)}, func(r vrrp.RouterStats, _ vrrp.Stats) uint64 { return r.VersionErrors }},
		{"type", netiftest.Packet{HopLimit: 255, Payload: spoil(0, 0x32)}, func(_ vrrp.RouterStats, s vrrp.Stats) uint64 { return s.TypeErrors }},
		{"length", netiftest.Packet{HopLimit: 255, Payload: good[:11]}, func(_ vrrp.RouterStats, s vrrp.Stats) uint64 { return s.LengthErrors }},
		{"checksum", netiftest.Packet{HopLimit: 255, Payload: spoil(6, ^good[6])}, func(r vrrp.RouterStats, _ vrrp.Stats) uint64 { return r.ChecksumErrors }},
		{"VRID", netiftest.Packet{HopLimit: 255, Payload: foreign}, func(r vrrp.RouterStats, _ vrrp.Stats) uint64 { return r.VRIDErrors }},
		{"nothing", netiftest.Packet{HopLimit: 255}, func(r vrrp.RouterStats, _ vrrp.Stats) uint64 { return r.Rejected }},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim, a, b := pair(t)
			var sent []time.Time
			sim.Tap(func(p netiftest.Packet) {
				if p.From != nil {
					sent = append(sent, p.At)
				}
			})
			c.packet.Src, c.packet.Dst = src, dst
			for range 10000 {
				sim.Inject(c.packet)
				sim.Run(500 * time.Microsecond)
			}
			for i := range sent[1:] {
				if gap := sent[i+1].Sub(sent[i]); gap != time.Second {
					t.Errorf("%v between two advertisements", gap)
				}
			}
			if len(sent) != 5 {
				t.Errorf("%d advertisements in 5 s", len(sent))
			}
			for _, n := range []*node{a, b} {
				if got := c.counter(n.router.Stats(), n.virtual.Status().Stats); got != 10000 {
					t.Errorf("%v: counted %d times", n.host, got)
				}
			}
			wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
		})
	}
}

func TestSimulatedPasswords(t *testing.T) {
	withPassword := func(s string) func(*vrrp.VirtualRouterConfig) {
		return func(c *vrrp.VirtualRouterConfig) {
			c.Version, c.AuthType, c.AuthData = vrrp.V2, vrrp.AuthPassword, password(t, s)
		}
	}
	sim, a, b := pair(t, withPassword("1066"))
	if s := b.virtual.Status().Stats; s.Received == 0 || s.AuthDataErrors+s.AuthTypeErrors > 0 {
		t.Errorf("stats %+v", s)
	}
	stranger := newNode(t, sim.LAN, "192.0.2.3/24", v3(priority(150)), withPassword("1067"))
	sim.Drive(stranger.host, stranger.router)
	none := newNode(t, sim.LAN, "192.0.2.4/24", v2(priority(149)))
	sim.Drive(none.host, none.router)
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
	if s := b.virtual.Status().Stats; s.AuthDataErrors == 0 || s.AuthTypeErrors == 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestSimulatedChecksumAuto(t *testing.T) {
	sim, a, b := pair(t)
	if s := b.virtual.Status(); s.Stats.ChecksumMessage == 0 || s.Stats.ChecksumPseudoHeader > 0 || s.Checksum != vrrp.ChecksumMessage {
		t.Errorf("%+v", s)
	}
	k := newNode(t, sim.LAN, "192.0.2.3/24", v3(priority(250)), func(c *vrrp.VirtualRouterConfig) { c.Checksum = vrrp.ChecksumPseudoHeader })
	sim.Drive(k.host, k.router)
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b, k}, vrrp.Backup, vrrp.Backup, vrrp.Active)
	if s := a.virtual.Status(); s.Checksum != vrrp.ChecksumPseudoHeader {
		t.Errorf("the form of the peer is not followed: %v", s.Checksum)
	}
	sim.Crash(k.host)
	sim.Run(10 * time.Second)
	if s := b.virtual.Status(); s.Stats.ChecksumPseudoHeader < 10 || s.Stats.ChecksumErrors > 0 {
		t.Errorf("%+v", s.Stats)
	}
}

func TestSimulatedAddressFailure(t *testing.T) {
	sim, a, b := pair(t)
	full := errors.New("no space left")
	a.addrs.Fail(full, prefixes("192.0.2.100/24")...)
	_ = a.virtual.Resign(0)
	sim.Run(20 * time.Second)
	if b.state() != vrrp.Active || !errors.Is(a.virtual.Status().LastError, full) {
		t.Errorf("%v is %v; %v", b.host, b.state(), a.virtual.Status().LastError)
	}
	failures := 0
	for _, c := range a.history() {
		if c.Reason == vrrp.ReasonAddresses && errors.Is(c.Err, full) {
			failures++
		}
	}
	if failures < 2 || failures > 5 {
		t.Errorf("%d attempts in 20 s", failures)
	}
	a.addrs.Fail(nil, prefixes("192.0.2.100/24")...)
	sim.Run(2 * time.Minute)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
}

func TestSimulatedSource(t *testing.T) {
	sim, a, b := pair(t)
	source := func(n *node) netip.Addr { return n.virtual.Status().Source }
	// A service address is no source, not even as the only or the first one.
	_ = a.host.SetAddresses("eth0", prefixes("192.0.2.100/24", "192.0.2.1/24")...)
	sim.Run(time.Second)
	if source(a) != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("source %v", source(a))
	}
	_ = a.host.SetAddresses("eth0", prefixes("192.0.2.7/24")...)
	sim.Run(time.Second)
	if source(a) != netip.MustParseAddr("192.0.2.7") || a.state() != vrrp.Active {
		t.Errorf("source %v, state %v", source(a), a.state())
	}
	_ = a.host.SetAddresses("eth0", prefixes("192.0.2.100/24")...)
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Initialize, vrrp.Active)
	if a.last().Reason != vrrp.ReasonNoAddress {
		t.Errorf("%v", a.last())
	}
	chosen := newNode(t, sim.LAN, "192.0.2.8/24", v3(), func(c *vrrp.VirtualRouterConfig) { c.Source = netip.MustParseAddr("192.0.2.9") })
	sim.Drive(chosen.host, chosen.router)
	sim.Run(time.Second)
	if chosen.state() != vrrp.Initialize {
		t.Errorf("started without its source address")
	}
	_ = chosen.host.SetAddresses("eth0", prefixes("192.0.2.8/24", "192.0.2.9/24")...)
	sim.Run(time.Second)
	if chosen.state() != vrrp.Backup || source(chosen) != netip.MustParseAddr("192.0.2.9") {
		t.Errorf("%v with source %v", chosen.state(), source(chosen))
	}
}

func TestSimulatedOwner(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	owner := newNode(t, sim.LAN, "192.0.2.100/24", v3(priority(255)))
	other := newNode(t, sim.LAN, "192.0.2.2/24", v3())
	sim.Drive(owner.host, owner.router)
	sim.Drive(other.host, other.router)
	sim.Run(10 * time.Second)
	if owner.state() != vrrp.Active || other.state() != vrrp.Backup || len(owner.addrs.Calls()) > 0 {
		t.Errorf("%v, %v, backend of the owner called: %v", owner.state(), other.state(), owner.addrs.Calls())
	}
}

func TestSimulatedIPv6(t *testing.T) {
	c := vrrp.Config{VRID: 51, Addresses: prefixes("fe80::100/64", "2001:db8::100/64")}
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	var nodes []*node
	for i, addr := range []string{"fe80::1/64", "fe80::2/64"} {
		c.Priority = uint8(200 - 100*i)
		n := newNode(t, sim.LAN, addr, c)
		sim.Drive(n.host, n.router)
		nodes = append(nodes, n)
	}
	sim.Run(10 * time.Second)
	wantStates(t, nodes, vrrp.Active, vrrp.Backup)
	sim.Crash(nodes[0].host)
	sim.Run(5 * time.Second)
	wantStates(t, nodes[1:], vrrp.Active)
	if owner := sim.Owner(netip.MustParseAddr("2001:db8::100")); owner != nodes[1].host {
		t.Errorf("neighbours send to %v", owner)
	}
}

func TestManyVirtualRouters(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Millisecond}, epoch)
	var routers []*vrrp.Router
	for i := range 2 {
		var links []netiftest.Link
		for l := range 4 {
			links = append(links, netiftest.Link{Name: fmt.Sprint("eth", l), Switch: fmt.Sprint(l), Addresses: prefixes(fmt.Sprintf("10.%d.0.%d/16", l, i+1), fmt.Sprintf("fe80::%d/64", i+1))})
		}
		host := sim.Host(fmt.Sprint(i), links...)
		r, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now})
		if err != nil {
			t.Fatal(err)
		}
		for l := range 4 {
			for id := 1; id <= 255; id++ {
				for _, addr := range []string{fmt.Sprintf("10.%d.1.%d/32", l, id), fmt.Sprintf("fe80::1:%x/128", id)} {
					if _, err := r.Add(vrrp.VirtualRouterConfig{Link: fmt.Sprint("eth", l), Config: vrrp.Config{VRID: uint8(id), Priority: uint8(100 + 100*((i+id)%2)), Addresses: prefixes(addr)}}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		sim.Drive(host, r)
		routers = append(routers, r)
	}
	sim.Run(20 * time.Second)
	for i, r := range routers {
		states := r.States()
		for k, v := range r.VirtualRouters() {
			s := v.Status()
			want := vrrp.Backup
			if s.Priority == 200 {
				want = vrrp.Active
			}
			if s.State != want || states[k] != want {
				t.Fatalf("router %d: %s is %v, among all %v", i, s.Name, s.State, states[k])
			}
		}
		if len(states) != 4*255*2 || len(r.VirtualRouters()) != 4*255*2 || r.Stats().Rejected > 0 {
			t.Errorf("%d virtual routers, %+v", len(r.VirtualRouters()), r.Stats())
		}
	}
}

func BenchmarkSimulatedDay(b *testing.B) {
	for b.Loop() {
		sim, nodes := three(b, netiftest.Config{Delay: 100 * time.Microsecond})
		sim.Run(24 * time.Hour)
		wantStates(b, nodes, vrrp.Active, vrrp.Backup, vrrp.Backup)
	}
}
