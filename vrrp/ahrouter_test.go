// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// withAH has a virtual router of version 2 authenticate by the header.
func withAH(t testing.TB) func(*vrrp.VirtualRouterConfig) {
	data := password(t, "1066")
	return func(c *vrrp.VirtualRouterConfig) { c.AuthType, c.AuthData = vrrp.AuthAH, data }
}

// What a router sends from its start to its end is what keepalived did, octet by octet.
func TestAHRouterSendsWhatKeepalivedDoes(t *testing.T) {
	for file, to := range map[string][]vrrp.Peer{"ka-2.2.7-v2-ah.pcap": nil, "ka-2.4.3-v2-ah-unicast.pcap": peers("10.0.0.72", "10.0.0.73")} {
		want := readIPv4(t, file)
		sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
		host := sim.Host("a", netiftest.Link{Addresses: prefixes("10.0.0.71/24")})
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now})
		if err != nil {
			t.Fatal(err)
		}
		c := vrrp.VirtualRouterConfig{Link: "eth0", Peers: to, Config: vrrp.Config{Version: vrrp.V2, VRID: 51, Priority: 200, EagerStart: true, Addresses: prefixes("192.0.2.100/32")}}
		withAH(t)(&c)
		if _, err := router.Add(c); err != nil {
			t.Fatal(err)
		}
		var sent [][]byte
		sim.Tap(func(p netiftest.Packet) {
			if !p.AH {
				t.Errorf("%s: without header: %x", file, p.Payload)
			}
			sent = append(sent, slices.Clone(p.Payload))
		})
		sim.Drive(host, router)
		sim.Run(5500 * time.Millisecond)
		router.Stop()
		sim.Run(time.Second)
		if !slices.EqualFunc(sent, want, bytes.Equal) {
			t.Errorf("%s: sent %x, want %x", file, sent, want)
		}
	}
}

// ahPair makes a simulation of two routers with the header, the first Active.
func ahPair(t testing.TB, change ...func(*vrrp.VirtualRouterConfig)) (*netiftest.Simulation, *node, *node) {
	t.Helper()
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	change = append(change, withAH(t))
	a := newNode(t, sim.LAN, "192.0.2.1/24", v2(priority(200)), change...)
	b := newNode(t, sim.LAN, "192.0.2.2/24", v2(priority(100)), change...)
	sim.Drive(a.host, a.router)
	sim.Drive(b.host, b.router)
	sim.Run(15 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
	return sim, a, b
}

// All routers share one count: who takes the role is heard by all, and who comes back,
// too.
func TestAHHandOver(t *testing.T) {
	for name, change := range map[string]func(*vrrp.VirtualRouterConfig){"group": func(*vrrp.VirtualRouterConfig) {}, "peers": unicast} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := ahPair(t, change)
			if err := a.virtual.Resign(10 * time.Second); err != nil {
				t.Fatal(err)
			}
			sim.Run(5 * time.Second)
			wantStates(t, []*node{a, b}, vrrp.Backup, vrrp.Active)
			sim.Run(20 * time.Second)
			wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
			for _, n := range []*node{a, b} {
				if s := n.virtual.Status().Stats; s.ReplayErrors+s.DigestErrors+s.HeaderErrors > 0 || s.Received == 0 {
					t.Errorf("%v: %+v", n.host, s)
				}
			}
		})
	}
}

// What has no header, another password, or was recorded, changes nothing; nor does what
// is too short to have one.
func TestAHRejects(t *testing.T) {
	sim, a, b := ahPair(t)
	var recorded []netiftest.Packet
	sim.Tap(func(p netiftest.Packet) {
		if p.From == a.host {
			p.Payload = slices.Clone(p.Payload)
			recorded = append(recorded, p)
		}
	})
	sim.Run(2 * time.Second)
	sim.Crash(a.host)
	before := b.virtual.Status().Stats
	for _, p := range slices.Clone(recorded) {
		sim.Inject(p)
		bare := p
		bare.Payload, bare.AH = p.Payload[20+vrrp.AHLen:], false
		sim.Inject(bare)
		for n := range len(p.Payload) {
			cut := p
			cut.Payload = p.Payload[:n]
			sim.Inject(cut)
			changed := p
			changed.Payload = slices.Clone(p.Payload)
			changed.Payload[n] ^= 0x40
			sim.Inject(changed)
		}
	}
	stranger := newNode(t, sim.LAN, "192.0.2.9/24", v2(priority(254)), func(c *vrrp.VirtualRouterConfig) {
		c.AuthType, c.AuthData = vrrp.AuthAH, password(t, "other")
	})
	sim.Drive(stranger.host, stranger.router)
	sim.Run(10 * time.Second)
	s := b.virtual.Status().Stats
	if s.Received != before.Received || s.ReplayErrors == 0 || s.DigestErrors == 0 || s.AuthTypeErrors == 0 || s.LengthErrors+b.router.Stats().Rejected == 0 {
		t.Errorf("%+v, was %+v", s, before)
	}
	wantStates(t, []*node{b, stranger}, vrrp.Active, vrrp.Active)
}

// The password can be changed; whether there is a header can't.
func TestAHReconfigured(t *testing.T) {
	sim, a, b := ahPair(t)
	other := func(c *vrrp.VirtualRouterConfig) {
		c.AuthType, c.AuthData = vrrp.AuthAH, password(t, "other")
	}
	b.reconfigure(t, v2(priority(100)), other)
	a.reconfigure(t, v2(priority(200)), other)
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
	if s := b.virtual.Status().Stats; s.ReplayErrors+s.DigestErrors > 0 {
		t.Errorf("%+v", s)
	}
	a.reconfigure(t, v2(priority(201)), other) // goes on with its count
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
	if s := b.virtual.Status(); s.Stats.ReplayErrors > 0 || s.PeerPriority != 201 {
		t.Errorf("%+v", s)
	}
	var value *vrrp.ValueError
	if err := a.virtual.Reconfigure(vrrp.VirtualRouterConfig{Config: v2(priority(200)), Link: "eth0"}); !errors.As(err, &value) {
		t.Errorf("Reconfigure = %v", err)
	}
}

// headless is a network without the header.
type headless struct{ vrrp.Network }

func TestAHNeedsANetworkThatHasIt(t *testing.T) {
	lan := netiftest.New(netiftest.Config{})
	host := lan.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
	for name, network := range map[string]vrrp.Network{"no AHNetwork": headless{host.Network()}, "one that can't": refusing{host.Network()}} {
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network})
		if err != nil {
			t.Fatal(err)
		}
		c := vrrp.VirtualRouterConfig{Link: "eth0", Config: v2()}
		withAH(t)(&c)
		if _, err := router.Add(c); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
		c.AuthType = vrrp.AuthNone
		if _, err := router.Add(c); err != nil { // nothing was left behind
			t.Errorf("%s, without: %v", name, err)
		}
		router.Turn()
	}
}

// refusing is a network that has the header, but not on this port.
type refusing struct{ *netiftest.Network }

func (refusing) AttachAH(port int) error {
	return fmt.Errorf("port %d: %w", port, errors.ErrUnsupported)
}

// One that has no header where another has is told of the difference, and the other of
// its own.
func TestAHAgainstPassword(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	a := newNode(t, sim.LAN, "192.0.2.1/24", v2(priority(200)), withAH(t))
	b := newNode(t, sim.LAN, "192.0.2.2/24", v2(priority(100)), func(c *vrrp.VirtualRouterConfig) {
		c.AuthType, c.AuthData = vrrp.AuthPassword, password(t, "1066")
	})
	sim.Drive(a.host, a.router)
	sim.Drive(b.host, b.router)
	src, dst := netip.MustParseAddr("192.0.2.7"), vrrp.GroupIPv4()
	adv := vrrp.Advertisement{Version: vrrp.V2, VRID: 51, Priority: 9, Interval: time.Second, AuthType: vrrp.AuthAH, Addresses: addrs("192.0.2.100")}
	message, err := adv.Append(nil, src, dst, vrrp.ChecksumAuto)
	if err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	before := a.virtual.Status().Stats.AuthTypeErrors
	sim.Inject(netiftest.Packet{Src: src, Dst: dst, HopLimit: 255, Payload: message}) // says AH, and has none
	sim.Run(time.Millisecond)
	if s := a.virtual.Status().Stats; before == 0 || s.AuthTypeErrors != before+1 || s.Received > 0 {
		t.Errorf("%+v", s)
	}
}
