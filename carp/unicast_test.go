// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// unicast has the three hosts of a test as peers, by IPv4.
func unicast(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{ipv4(1), ipv4(2), ipv4(3)} }

// unicastBoth has them as peers in both families.
func unicastBoth(c *carp.VirtualHostConfig) {
	unicast(c)
	c.Peers = append(c.Peers, ipv6(1), ipv6(2), ipv6(3))
}

// destinations notes who sends to whom.
func destinations(sim *netiftest.Simulation) map[string]int {
	seen := map[string]int{}
	sim.Tap(func(p netiftest.Packet) { seen[fmt.Sprint(p.Src, " to ", p.Dst)]++ })
	return seen
}

// wantDestinations compares who sent to whom at all.
func wantDestinations(t *testing.T, seen map[string]int, want ...string) {
	t.Helper()
	var got []string
	for line := range seen {
		got = append(got, line)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("destinations (-want +got):\n%s", diff)
	}
}

// Peers are sent to by their addresses; all hosts may have the same list (peer and
// peer6 of FreeBSD's ifconfig).
func TestUnicast(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*carp.VirtualHostConfig)
		want   []string
	}{
		"IPv4 of both": {unicast, []string{"192.0.2.1 to 192.0.2.2", "192.0.2.1 to 192.0.2.3", "fe80::1 to ff02::12"}},
		"both":         {unicastBoth, []string{"192.0.2.1 to 192.0.2.2", "192.0.2.1 to 192.0.2.3", "fe80::1 to fe80::2", "fe80::1 to fe80::3"}},
		"the last octet of a group": {func(c *carp.VirtualHostConfig) { // FreeBSD PR 284872
			c.Peers = []netip.Addr{ipv4(1), ipv4(2), ipv4(224)}
		}, []string{"192.0.2.1 to 192.0.2.2", "192.0.2.1 to 192.0.2.224", "fe80::1 to ff02::12"}},
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := pair(t, config(five), c.change)
			seen := destinations(sim)
			sim.Run(10 * time.Second)
			wantDestinations(t, seen, c.want...)
			sim.Crash(a.host)
			sim.Run(5 * time.Second)
			wantStates(t, []*node{b}, carp.Master)
			if p := b.path(0); !slices.Contains(p.Peers, ipv4(1)) || p.HeardFrom != ipv4(1) {
				t.Errorf("%+v", p)
			}
		})
	}
}

// What comes from others is not listened to, not even to the group.
func TestUnicastFromPeersOnly(t *testing.T) {
	sim, a, b := pair(t, config(), unicast)
	stranger := newNode(t, sim.LAN, 9, config(timing(1, 0), preempt), func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{ipv4(1), ipv4(2)} })
	sim.Drive(stranger.host, stranger.carp)
	group := newNode(t, sim.LAN, 10, config(timing(1, 0), preempt))
	sim.Drive(group.host, group.carp)
	sim.Run(20 * time.Second)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	for _, n := range []*node{a, b} {
		if s := n.virtual.Status().Stats; s.SourceErrors < 20 || s.DigestErrors > 0 {
			t.Errorf("%v: %+v", n.host, s)
		}
	}
}

// hopLimits injects a bow-out of the Master's, which the Backup would follow, with a
// hop limit.
func hopLimits(t *testing.T, dst netip.Addr, hopLimit uint8, change func(*carp.VirtualHostConfig)) *node {
	t.Helper()
	sim, a, b := pair(t, config(), change)
	message := a.sign(t, carp.Advertisement{AdvBase: 255, AdvSkew: 255, Counter: 1})
	sim.Inject(netiftest.Packet{Src: ipv4(1), Dst: dst, HopLimit: hopLimit, Payload: message})
	sim.Run(time.Millisecond)
	return b
}

// sign returns an advertisement with the passphrase and addresses of the node.
func (n *node) sign(t testing.TB, adv carp.Advertisement) []byte {
	t.Helper()
	var addrs []netip.Addr
	for _, p := range n.cfg.Addresses {
		addrs = append(addrs, p.Addr())
	}
	adv.VHID = n.cfg.VHID
	newAuthenticator(t, carp.AuthenticatorConfig{VHID: n.cfg.VHID, Key: n.cfg.Key, Addresses: addrs}).Sign(&adv)
	message, err := adv.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// A packet from a peer may have come through routers, as many as are allowed; one to
// the group, or to a host that has no peers, must not.
func TestHopLimits(t *testing.T) {
	near := func(c *carp.VirtualHostConfig) { unicast(c); c.MinHopLimit = 254 }
	for _, c := range []struct {
		name     string
		change   func(*carp.VirtualHostConfig)
		dst      netip.Addr
		hopLimit uint8
		want     carp.State
	}{
		{"a peer far away", unicast, ipv4(2), 3, carp.Master},
		{"a peer at the allowed distance", near, ipv4(2), 254, carp.Master},
		{"a peer that is too far", near, ipv4(2), 253, carp.Backup},
		{"a peer to the group", unicast, carp.GroupIPv4(), 254, carp.Backup},
		{"to the group", func(*carp.VirtualHostConfig) {}, carp.GroupIPv4(), 254, carp.Backup},
		{"to a host without peers", func(*carp.VirtualHostConfig) {}, ipv4(2), 254, carp.Backup},
		{"to a host without peers, on the link", func(*carp.VirtualHostConfig) {}, ipv4(2), 255, carp.Master},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := hopLimits(t, c.dst, c.hopLimit, c.change)
			wantStates(t, []*node{b}, c.want)
			if s := b.virtual.Status().Stats; (s.HopLimitErrors == 1) != (c.want == carp.Backup) {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Peers can be changed, and taken out for the group, without leaving the state.
func TestPeersAreReconfigured(t *testing.T) {
	sim, a, b := pair(t, config(five))
	a.reconfigure(t, unicastBoth)
	b.reconfigure(t, unicastBoth)
	seen := destinations(sim)
	sim.Run(10 * time.Second)
	wantDestinations(t, seen, "192.0.2.1 to 192.0.2.2", "192.0.2.1 to 192.0.2.3", "fe80::1 to fe80::2", "fe80::1 to fe80::3")
	clear(seen)
	a.reconfigure(t, func(c *carp.VirtualHostConfig) { c.Peers = nil })
	b.reconfigure(t, func(c *carp.VirtualHostConfig) { c.Peers = nil })
	sim.Run(10 * time.Second)
	wantDestinations(t, seen, "192.0.2.1 to 224.0.0.18", "fe80::1 to ff02::12")
	if len(a.history()) != 2 || len(b.history()) != 1 {
		t.Errorf("%v; %v", a.history(), b.history())
	}
}

// Another group (ucarp --mcast) is another LAN for the same VHID.
func TestGroups(t *testing.T) {
	group := netip.MustParseAddr("239.1.2.3")
	sim, a, b := pair(t, config(five), func(c *carp.VirtualHostConfig) { c.GroupIPv4 = group })
	seen := destinations(sim)
	other, err := a.carp.Add(carp.VirtualHostConfig{Link: "eth0", Config: config(func(c *carp.Config) { c.VHID, c.Addresses = 7, prefixes("192.0.2.7/24") })})
	if err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	wantDestinations(t, seen, "192.0.2.1 to 239.1.2.3", "fe80::1 to ff02::12", "192.0.2.1 to 224.0.0.18")
	before := a.carp.Stats().VHIDErrors
	message := a.sign(t, carp.Advertisement{})
	sim.Inject(netiftest.Packet{Src: ipv4(9), Dst: carp.GroupIPv4(), HopLimit: 255, Payload: message})
	sim.Run(time.Second)
	if s := a.carp.Stats(); s.VHIDErrors != before+1 || other.Status().Stats.BecameMaster != 1 {
		t.Errorf("%+v", s)
	}
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
}

// IPv4 can be broadcast; IPv6 has the group alone.
func TestBroadcast(t *testing.T) {
	sim := newSimulation()
	n := newNode(t, sim.LAN, 1, config(five), func(c *carp.VirtualHostConfig) { c.Broadcast = true })
	sim.Drive(n.host, n.carp)
	seen := destinations(sim)
	sim.Run(10 * time.Second)
	wantDestinations(t, seen, "192.0.2.1 to 255.255.255.255", "fe80::1 to ff02::12")
}

// A broadcast reaches those who have the group as well, and its sender, who takes no
// notice.
func TestBroadcastIsHeard(t *testing.T) {
	sim := newSimulation()
	n := newNodeOf(t, sim.LAN, 1, func(h *carp.HostConfig) {
		h.Network = redirected{h.Network.(*netiftest.Network), netip.MustParseAddr("255.255.255.255")}
	}, config())
	sim.Drive(n.host, n.carp)
	sim.Tap(func(p netiftest.Packet) {
		if p.From != nil {
			payload := slices.Clone(p.Payload)
			sim.After(0, func() {
				sim.Inject(netiftest.Packet{Src: ipv4(1), Dst: carp.GroupIPv4(), HopLimit: 255, Payload: payload})
			})
		}
	})
	sim.Run(5 * time.Second)
	if s := n.virtual.Status(); s.Stats.Looped > 0 || s.Stats.SentIPv4 < 2 {
		t.Errorf("%+v", s.Stats)
	}
	message := n.sign(t, carp.Advertisement{AdvBase: 1, Counter: 1})
	sim.Inject(netiftest.Packet{Src: ipv4(2), Dst: carp.GroupIPv4(), HopLimit: 255, Payload: message})
	sim.Run(time.Millisecond)
	if n.state() != carp.Backup {
		t.Errorf("%v", n.last())
	}
	sim.Inject(netiftest.Packet{Src: ipv4(2), Dst: carp.GroupIPv4(), HopLimit: 254, Payload: message})
	sim.Run(time.Millisecond)
	if s := n.virtual.Status().Stats; s.HopLimitErrors != 1 {
		t.Errorf("%+v", s)
	}
}

// Advertisements to the group can be accepted from certain addresses only.
func TestAcceptFrom(t *testing.T) {
	sim, a, b := pair(t, config(five), func(c *carp.VirtualHostConfig) { c.AcceptFrom = []netip.Addr{ipv4(1), ipv4(2), ipv6(1), ipv6(2)} })
	stranger := newNode(t, sim.LAN, 9, config(five))
	sim.Drive(stranger.host, stranger.carp)
	sim.Run(time.Second)
	if err := stranger.virtual.Force(0); err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	if s := b.virtual.Status().Stats; s.SourceErrors == 0 {
		t.Errorf("%+v", s)
	}
}

func TestPeersAreRefused(t *testing.T) {
	for name, change := range map[string]func(*carp.VirtualHostConfig){
		"an empty list":       func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{} },
		"twice":               func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{ipv4(2), ipv4(2)} },
		"a group":             func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{carp.GroupIPv4()} },
		"everybody":           func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{netip.MustParseAddr("255.255.255.255")} },
		"nobody":              func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{{}} },
		"unspecified":         func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{netip.IPv4Unspecified()} },
		"itself":              func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{netip.MustParseAddr("127.0.0.1")} },
		"the service address": func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{netip.MustParseAddr("192.0.2.100")} },
		"IPv4 in IPv6":        func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{netip.MustParseAddr("::ffff:192.0.2.2")} },
		"a zone": func(c *carp.VirtualHostConfig) {
			five(&c.Config)
			c.Peers = []netip.Addr{netip.MustParseAddr("fe80::2%eth0")}
		},
		"the other family":        func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{ipv6(2)} },
		"broadcast":               func(c *carp.VirtualHostConfig) { unicast(c); c.Broadcast = true },
		"accepted from a group":   func(c *carp.VirtualHostConfig) { c.AcceptFrom = []netip.Addr{carp.GroupIPv4()} },
		"accepted from nobody":    func(c *carp.VirtualHostConfig) { c.AcceptFrom = []netip.Addr{{}} },
		"accepted from with zone": func(c *carp.VirtualHostConfig) { c.AcceptFrom = []netip.Addr{netip.MustParseAddr("fe80::2%eth0")} },
	} {
		t.Run(name, func(t *testing.T) {
			c := carp.VirtualHostConfig{Link: "eth0", Config: config()}
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			change(&c)
			var value *carp.ValueError
			if err := c.Validate(); !errors.As(err, &value) {
				t.Errorf("Validate = %v", err)
			}
		})
	}
}
