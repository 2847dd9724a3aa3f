// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// guardedRouter is a Backup Router that listens only to who has its keys.
type guardedRouter struct {
	sim  *netiftest.Simulation
	node *node
	src  netip.Addr // of a peer
	ah   bool
}

// newGuardedRouter returns one with a kind of authentication.
func newGuardedRouter(t testing.TB, kind uint8) guardedRouter {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	g := guardedRouter{sim: sim, src: netip.MustParseAddr("192.0.2.3"), ah: kind%4 == 3}
	switch kind % 4 {
	case 0:
		g.node = newNode(t, sim.LAN, "192.0.2.2/24", bothVersions(), hmacOf(t, vrrp.HMACConfig{}), unicast, func(c *vrrp.VirtualRouterConfig) { c.WithGroup = true })
	case 1:
		g.src = netip.MustParseAddr("fe80::3")
		g.node = newNode(t, sim.LAN, "fe80::2/64", v6(), hmacOf(t, vrrp.HMACConfig{Monotonic: true}), func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("fe80::3") })
	case 2:
		g.node = newNode(t, sim.LAN, "192.0.2.2/24", v2(), hmacOf(t, vrrp.HMACConfig{}), unicast)
	case 3:
		g.node = newNode(t, sim.LAN, "192.0.2.2/24", v2(), withAH(t), unicast)
	}
	sim.Drive(g.node.host, g.node.router)
	sim.Run(time.Millisecond)
	return g
}

// Nobody without a key changes anything, whatever he sends.
func FuzzForgery(f *testing.F) {
	for kind := range uint8(4) {
		f.Add(kind, []byte{0x31, 51, 200, 1, 0, 100, 0, 0, 192, 0, 2, 100})
		f.Add(kind, []byte{0x21, 51, 255, 0})
	}
	for _, file := range hmacCaptures() {
		for i, p := range readCapture(f, "hmac/ka-2.4.3-hmac-"+file+".pcap")[:2] {
			f.Add(uint8(i), p.message) // of keys that the router has, for another source and at another time
		}
	}
	for _, p := range readIPv4(f, "ka-2.2.7-v2-ah.pcap")[:2] {
		f.Add(uint8(3), p)
	}
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte) {
		g := newGuardedRouter(t, kind)
		before := g.node.virtual.Status()
		for _, dst := range []netip.Addr{before.Source, vrrp.GroupIPv4(), vrrp.GroupIPv6()} {
			if dst.Is6() == g.src.Is6() {
				g.sim.Inject(netiftest.Packet{Src: g.src, Dst: dst, HopLimit: 255, Payload: payload, AH: g.ah})
			}
		}
		g.sim.Run(0)
		after := g.node.virtual.Status()
		if after.Stats.Received > 0 || after.State != before.State || after.Peer != before.Peer || after.DownInterval != before.DownInterval || len(g.node.history()) != 1 {
			t.Errorf("%+v, was %+v", after, before)
		}
		if g.node.router.Stats().Rejected == 0 && !(g.ah && len(payload) < 20) {
			t.Error("not rejected")
		}
		g.sim.Run(before.DownInterval)
		if s := g.node.state(); s != vrrp.Active {
			t.Errorf("%v when the timer ran out", s)
		}
	})
}
