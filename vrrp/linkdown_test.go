// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// ignoring has a virtual router take part whatever its link does.
func ignoring(c *vrrp.VirtualRouterConfig) { c.IgnoreLinkDown = true }

// TestIgnoreLinkDown stays Active on a link that is down, for hours, and goes on by the protocol when it is up again. So does the
// other one, which becomes Active there.
func TestIgnoreLinkDown(t *testing.T) {
	sim, a, b, backend := leased(t, ignoring)
	before, peer := len(a.history()), len(b.history())
	if err := a.host.SetLink("eth0", false); err != nil {
		t.Fatal(err)
	}
	for range 3600 {
		sim.Run(time.Second)
		if backend.Holds() != 1 {
			t.Fatalf("the lease ran out at %v", sim.Now())
		}
	}
	wantStates(t, []*node{b}, vrrp.Active)
	if err := a.host.SetLink("eth0", true); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{b}, vrrp.Backup)
	if len(a.history()) != before || len(b.history()) != peer+2 {
		t.Errorf("%v and %v", a.history()[before:], b.history()[peer:])
	}
	if owner := sim.Owner(netip.MustParseAddr("192.0.2.100")); owner != a.host {
		t.Errorf("neighbours send to %v", owner)
	}
}

// TestIgnoreLinkDownBackup has the Backup become Active where it hears nobody, and the better one take over from it. That can be
// asked for, and not any more, while it takes part.
func TestIgnoreLinkDownBackup(t *testing.T) {
	sim, a, b := pair(t)
	change := func(ignore bool) {
		t.Helper()
		cfg := vrrp.VirtualRouterConfig{Config: v3(priority(100)), Link: "eth0", Backend: b.addrs, IgnoreLinkDown: ignore}
		if err := b.virtual.Reconfigure(cfg); err != nil {
			t.Fatal(err)
		}
		sim.Run(5 * time.Second)
	}
	if err := b.host.SetLink("eth0", false); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Initialize)
	change(true)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Active)
	change(false)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Initialize)
	change(true)
	if err := b.host.SetLink("eth0", true); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
}

// TestIgnoreLinkDownFirstWord has the first advertisement on the wire: nothing begins before the link is known.
func TestIgnoreLinkDownFirstWord(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	a := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(255)), ignoring)
	sent := 0
	sim.LAN.Tap(func(netiftest.Packet) { sent++ })
	sim.Drive(a.host, a.router)
	sim.Run(time.Millisecond)
	if a.state() != vrrp.Active || sent != 1 {
		t.Errorf("%v, %d advertisements", a.state(), sent)
	}
}
