// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// v6 returns the configuration of an IPv6 virtual router.
func v6(change ...func(*vrrp.Config)) vrrp.Config {
	return v3(append([]func(*vrrp.Config){func(c *vrrp.Config) { c.Addresses = prefixes("fe80::100/64", "2001:db8::100/64") }}, change...)...)
}

// peers returns peers on the link.
func peers(list ...string) []vrrp.Peer {
	all := []vrrp.Peer{}
	for _, a := range addrs(list...) {
		all = append(all, vrrp.Peer{Addr: a})
	}
	return all
}

// unicast has the three hosts of a test as peers.
func unicast(c *vrrp.VirtualRouterConfig) {
	c.Peers = peers("192.0.2.1", "192.0.2.2", "192.0.2.3")
}

// reconfigure changes the configuration of a node. c is that of its election.
func (n *node) reconfigure(t testing.TB, c vrrp.Config, change ...func(*vrrp.VirtualRouterConfig)) {
	t.Helper()
	cfg := vrrp.VirtualRouterConfig{Config: c, Link: "eth0", Backend: n.addrs}
	for _, f := range change {
		f(&cfg)
	}
	if err := n.virtual.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
}

// destinations counts who sends to whom.
func destinations(sim *netiftest.Simulation) map[string]int {
	seen := map[string]int{}
	sim.Tap(func(p netiftest.Packet) { seen[fmt.Sprint(p.Src, " to ", p.Dst)]++ })
	return seen
}

// wantDestinations compares who sent to whom at all.
func wantDestinations(t testing.TB, seen map[string]int, want ...string) {
	t.Helper()
	got := []string{}
	for line := range seen {
		got = append(got, line)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("destinations (-want +got):\n%s", diff)
	}
}

// Peers are sent to by their addresses; all routers may have the same list.
func TestUnicast(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*vrrp.VirtualRouterConfig)
		want   []string
	}{
		"peers": {unicast, []string{"192.0.2.1 to 192.0.2.2", "192.0.2.1 to 192.0.2.3"}},
		"peers and group": {func(c *vrrp.VirtualRouterConfig) { unicast(c); c.WithGroup = true },
			[]string{"192.0.2.1 to 192.0.2.2", "192.0.2.1 to 192.0.2.3", "192.0.2.1 to 224.0.0.18"}},
		"the last octet of a group": {func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("192.0.2.1", "192.0.2.2", "192.0.2.224") },
			[]string{"192.0.2.1 to 192.0.2.2", "192.0.2.1 to 192.0.2.224"}},
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := pair(t, c.change)
			seen := destinations(sim)
			sim.Run(10 * time.Second)
			wantDestinations(t, seen, c.want...)
			if s := a.virtual.Status().Stats; s.Sent != b.virtual.Status().Stats.Received {
				if name != "peers and group" {
					t.Errorf("%d sent, %d received", s.Sent, b.virtual.Status().Stats.Received)
				}
			}
			sim.Crash(a.host)
			sim.Run(5 * time.Second)
			wantStates(t, []*node{b}, vrrp.Active)
		})
	}
}

// noted counts notices.
func noted(seen map[vrrp.Notice]int) func(*vrrp.VirtualRouter, vrrp.Notice) {
	return func(_ *vrrp.VirtualRouter, n vrrp.Notice) { seen[n]++ }
}

// The own addresses are told of, once: not only that which is sent from.
func TestOwnAddressesAreLeftOut(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24", "192.0.2.9/24")})
	seen := map[vrrp.Notice]int{}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now, Trace: vrrp.Trace{Notice: noted(seen)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := router.Add(vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0", Peers: peers("192.0.2.9", "192.0.2.2", "192.0.2.1")}); err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, router)
	to := destinations(sim)
	sim.Run(10 * time.Second)
	wantDestinations(t, to, "192.0.2.1 to 192.0.2.2")
	if seen[vrrp.NoticeOwnAddress] != 2 {
		t.Errorf("notices %v", seen)
	}
}

// What comes from others is not listened to, not even to the group, unless that is
// wished.
func TestUnicastFromPeersOnly(t *testing.T) {
	for _, withGroup := range []bool{false, true} {
		sim, a, b := pair(t, unicast, func(c *vrrp.VirtualRouterConfig) { c.WithGroup = withGroup })
		stranger := newNode(t, sim.LAN, "192.0.2.9/24", v3(priority(254)), func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("192.0.2.1", "192.0.2.2") })
		sim.Drive(stranger.host, stranger.router)
		sim.Run(20 * time.Second)
		wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
		for _, n := range []*node{a, b} {
			if s := n.virtual.Status().Stats; s.SourceErrors < 10 {
				t.Errorf("%v: %+v", n.host, s)
			}
		}
		group := newNode(t, sim.LAN, "192.0.2.10/24", v3(priority(254)))
		sim.Drive(group.host, group.router)
		sim.Run(20 * time.Second)
		want := vrrp.Active
		if withGroup {
			want = vrrp.Backup
		}
		wantStates(t, []*node{a, b}, want, vrrp.Backup)
	}
}

// A goodbye of the Active Router is followed if its hop limit is one that is allowed:
// by default, to a group, and from nobody that is no peer, 255 only.
func TestHopLimits(t *testing.T) {
	bounds := func(least, most uint8) func(*vrrp.VirtualRouterConfig) {
		return func(c *vrrp.VirtualRouterConfig) {
			c.Peers = []vrrp.Peer{{Addr: netip.MustParseAddr("192.0.2.1"), MinHopLimit: least, MaxHopLimit: most}}
		}
	}
	other := func(c *vrrp.VirtualRouterConfig) { bounds(1, 0)(c); c.Peers[0].Addr = netip.MustParseAddr("192.0.2.9") }
	for _, c := range []struct {
		name     string
		change   func(*vrrp.VirtualRouterConfig)
		dst      string
		hopLimit uint8
		want     vrrp.Fault
	}{
		{"a peer on the link", bounds(0, 0), "192.0.2.2", 255, vrrp.FaultNone},
		{"a peer that isn't", bounds(0, 0), "192.0.2.2", 254, vrrp.FaultHopLimit},
		{"a peer at the allowed distance", bounds(253, 0), "192.0.2.2", 253, vrrp.FaultNone},
		{"a peer too far", bounds(253, 0), "192.0.2.2", 252, vrrp.FaultHopLimit},
		{"a peer too near", bounds(60, 64), "192.0.2.2", 65, vrrp.FaultHopLimit},
		{"a peer of limit 64", bounds(60, 64), "192.0.2.2", 64, vrrp.FaultNone},
		{"any distance", bounds(1, 0), "192.0.2.2", 1, vrrp.FaultNone},
		{"a peer to the group", bounds(1, 0), "224.0.0.18", 254, vrrp.FaultHopLimit},
		{"no peer", other, "192.0.2.2", 254, vrrp.FaultHopLimit},
		{"no peer on the link", other, "192.0.2.2", 255, vrrp.FaultSource},
		{"without peers", func(*vrrp.VirtualRouterConfig) {}, "192.0.2.2", 254, vrrp.FaultHopLimit},
		{"without peers, on the link", func(*vrrp.VirtualRouterConfig) {}, "192.0.2.2", 255, vrrp.FaultNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
			b := newNode(t, sim.LAN, "192.0.2.2/24", v3(), c.change)
			sim.Drive(b.host, b.router)
			sim.Run(time.Millisecond)
			src, dst := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr(c.dst)
			message, err := advertisement(vrrp.PriorityGoodbye).Append(nil, src, dst, vrrp.ChecksumMessage)
			if err != nil {
				t.Fatal(err)
			}
			sim.Inject(netiftest.Packet{Src: src, Dst: dst, HopLimit: c.hopLimit, Payload: message})
			sim.Run(time.Millisecond)
			s := b.virtual.Status().Stats
			if s.GoodbyesReceived != map[bool]uint64{true: 1}[c.want == vrrp.FaultNone] ||
				s.HopLimitErrors != map[bool]uint64{true: 1}[c.want == vrrp.FaultHopLimit] || s.SourceErrors != map[bool]uint64{true: 1}[c.want == vrrp.FaultSource] {
				t.Errorf("%+v", s)
			}
		})
	}
}

// advertisement returns that of a peer of v3().
func advertisement(priority uint8) *vrrp.Advertisement {
	c := v3()
	a := &vrrp.Advertisement{Version: vrrp.V3, VRID: c.VRID, Priority: priority, Interval: time.Second}
	for _, p := range c.Addresses {
		a.Addresses = append(a.Addresses, p.Addr())
	}
	return a
}

// Peers can be changed, and taken out for the group, without leaving the state, and
// without a packet for the change.
func TestPeersAreReconfigured(t *testing.T) {
	sim, a, b := pair(t)
	seen := destinations(sim)
	for _, n := range []struct {
		*node
		priority uint8
	}{{a, 200}, {b, 100}} {
		n.reconfigure(t, v3(priority(n.priority)), unicast)
	}
	sim.Run(time.Microsecond)
	wantDestinations(t, seen)
	sim.Run(10 * time.Second)
	wantDestinations(t, seen, "192.0.2.1 to 192.0.2.2", "192.0.2.1 to 192.0.2.3")
	clear(seen)
	a.reconfigure(t, v3(priority(200)), func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("192.0.2.2") })
	sim.Run(10 * time.Second)
	wantDestinations(t, seen, "192.0.2.1 to 192.0.2.2")
	clear(seen)
	a.reconfigure(t, v3(priority(200)))
	b.reconfigure(t, v3(priority(100)))
	sim.Run(10 * time.Second)
	wantDestinations(t, seen, "192.0.2.1 to 224.0.0.18")
	if len(a.history()) != 2 || len(b.history()) != 1 {
		t.Errorf("%v; %v", a.history(), b.history())
	}
}

// Each peer is answered in the form of checksum that it has, that of keepalived before
// 1.3.7 included, and a peer that stays in the list keeps it.
func TestUnicastMirrorsChecksumOfEachPeer(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	n := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200)), func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("192.0.2.2", "192.0.2.3", "192.0.2.4") })
	sim.Drive(n.host, n.router)
	sim.Run(time.Millisecond)
	own := netip.MustParseAddr("192.0.2.1")
	for i, form := range []vrrp.ChecksumForm{vrrp.ChecksumMessage, vrrp.ChecksumPseudoHeader, vrrp.ChecksumPseudoGroup} {
		src := netip.AddrFrom4([4]byte{192, 0, 2, byte(2 + i)})
		message, err := advertisement(1).Append(nil, src, own, form)
		if err != nil {
			t.Fatal(err)
		}
		sim.Inject(netiftest.Packet{Src: src, Dst: own, HopLimit: 255, Payload: message})
	}
	sent := map[netip.Addr]vrrp.ChecksumForm{}
	sim.Tap(func(p netiftest.Packet) {
		var adv vrrp.Advertisement
		form, err := adv.Parse(p.Payload, vrrp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit})
		if err != nil {
			t.Errorf("%v: %v", p.Dst, err)
		}
		sent[p.Dst] = form
	})
	want := map[netip.Addr]vrrp.ChecksumForm{
		netip.MustParseAddr("192.0.2.2"): vrrp.ChecksumMessage,
		netip.MustParseAddr("192.0.2.3"): vrrp.ChecksumPseudoHeader,
		netip.MustParseAddr("192.0.2.4"): vrrp.ChecksumPseudoGroup,
	}
	sim.Run(10 * time.Second)
	if diff := cmp.Diff(want, sent, equalAddr()); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
	clear(sent)
	delete(want, netip.MustParseAddr("192.0.2.3"))
	n.reconfigure(t, v3(priority(200)), func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("192.0.2.4", "192.0.2.2") })
	sim.Run(2 * time.Second)
	if diff := cmp.Diff(want, sent, equalAddr()); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}

// IPv6 peers behind routers are sent to from an address of wider scope, which is to be
// asked for; those on the link from the link-local one.
func TestUnicastIPv6(t *testing.T) {
	for name, c := range map[string]struct{ a, b string }{"link-local": {"fe80::1", "fe80::2"}, "global": {"2001:db8:1::1", "2001:db8:1::2"}} {
		t.Run(name, func(t *testing.T) {
			sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
			var nodes []*node
			for i, own := range []string{c.a, c.b} {
				n := newNode(t, sim.LAN, fmt.Sprint("fe80::", i+1, "/64"), v6(priority(uint8(200-i))), func(cfg *vrrp.VirtualRouterConfig) {
					cfg.Source, cfg.Peers = netip.MustParseAddr(own), []vrrp.Peer{{Addr: netip.MustParseAddr(c.a), MinHopLimit: 200}, {Addr: netip.MustParseAddr(c.b), MinHopLimit: 200}}
				})
				if err := n.host.SetAddresses("eth0", prefixes(fmt.Sprint("fe80::", i+1, "/64"), fmt.Sprint("2001:db8:1::", i+1, "/64"))...); err != nil {
					t.Fatal(err)
				}
				sim.Drive(n.host, n.router)
				nodes = append(nodes, n)
			}
			seen := destinations(sim)
			sim.Run(20 * time.Second)
			wantStates(t, nodes, vrrp.Active, vrrp.Backup)
			wantDestinations(t, seen, c.a+" to "+c.b)
			if s := nodes[1].virtual.Status(); s.LinkError != nil || s.Source.String() != c.b {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Without being asked for, an address of wider scope is no source of a packet to the
// group (RFC 9568 section 5.1.2.1).
func TestSection5_1_2_1_SourceIsLinkLocal(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	n := newNode(t, sim.LAN, "2001:db8:1::1/64", v6())
	sim.Drive(n.host, n.router)
	sim.Run(20 * time.Second)
	if s := n.virtual.Status(); s.State != vrrp.Initialize || s.Source.IsValid() {
		t.Errorf("%+v", s)
	}
}

func TestPeersAreRefused(t *testing.T) {
	for name, change := range map[string]func(*vrrp.VirtualRouterConfig){
		"an empty list":       func(c *vrrp.VirtualRouterConfig) { c.Peers = []vrrp.Peer{} },
		"a group beside none": func(c *vrrp.VirtualRouterConfig) { c.WithGroup = true },
		"twice":               func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("192.0.2.2", "192.0.2.2") },
		"a group":             func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("224.0.0.18") },
		"everybody":           func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("255.255.255.255") },
		"nobody":              func(c *vrrp.VirtualRouterConfig) { c.Peers = []vrrp.Peer{{}} },
		"unspecified":         func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("0.0.0.0") },
		"itself":              func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("127.0.0.1") },
		"the service address": func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("192.0.2.100") },
		"IPv4 in IPv6":        func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("::ffff:192.0.2.2") },
		"the other family":    func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("fe80::2") },
		"a zone":              func(c *vrrp.VirtualRouterConfig) { c.Config, c.Peers = v6(), peers("fe80::2%eth0") },
		"hop limits": func(c *vrrp.VirtualRouterConfig) {
			unicast(c)
			c.Peers[0].MinHopLimit, c.Peers[0].MaxHopLimit = 65, 64
		},
		"a global source": func(c *vrrp.VirtualRouterConfig) { c.Config, c.Source = v6(), netip.MustParseAddr("2001:db8::1") },
		"the quirk besides the group": func(c *vrrp.VirtualRouterConfig) {
			unicast(c)
			c.WithGroup, c.Checksum = true, vrrp.ChecksumPseudoGroup
		},
		"the quirk instead of a group": func(c *vrrp.VirtualRouterConfig) { c.Checksum = vrrp.ChecksumPseudoGroup },
	} {
		t.Run(name, func(t *testing.T) {
			c := vrrp.VirtualRouterConfig{Link: "eth0", Config: v3()}
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			change(&c)
			var value *vrrp.ValueError
			if err := c.Validate(); !errors.As(err, &value) {
				t.Errorf("Validate = %v", err)
			}
		})
	}
}
