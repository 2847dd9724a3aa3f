// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// reader writes down the events of a node, in short.
func reader(t testing.TB, sim *netiftest.Simulation, n *node) (all func() []string) {
	t.Helper()
	events := n.router.Events(t.Context())
	return func() []string {
		n.router.Stop()
		sim.Run(5 * time.Second)
		var lines []string
		for e := range events {
			line := fmt.Sprintf("%d %v", e.Number, e.Kind)
			switch e.Kind {
			case vrrp.EventTransition:
				line += fmt.Sprintf(": %v", e.Transition)
			case vrrp.EventConflict:
				line += fmt.Sprintf(": %v by %x", e.Addr, e.MAC)
			case vrrp.EventNotice:
				line += fmt.Sprintf(": %v of %v", e.Notice, e.Peer)
			case vrrp.EventFailure:
				line += fmt.Sprintf(": %s: %v", e.What, e.Err)
			case vrrp.EventAddressesAdded, vrrp.EventAddressesRemoved:
				line += fmt.Sprintf(": %v", e.Held)
			}
			lines = append(lines, line+fmt.Sprintf(", now %v", e.State))
			if e.VirtualRouter != n.virtual || e.Name != n.virtual.Status().Name || e.Link != "eth0" || e.At.IsZero() || e.Lost != 0 {
				t.Errorf("event %+v", e)
			}
		}
		return lines
	}
}

// TestEventsAreInOrder: a reader is told of all that happens, with the state after it, and its reasons.
func TestEventsAreInOrder(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	n := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200)), func(c *vrrp.VirtualRouterConfig) {
		c.Hooks.AfterAdd = func(context.Context, []netip.Prefix) error { return errors.New("no mail today") }
	})
	all := reader(t, sim, n)
	sim.Drive(n.host, n.router)
	sim.Run(4 * time.Second)
	if err := n.virtual.Resign(time.Minute); err != nil {
		t.Fatal(err)
	}
	sim.Run(2 * time.Second)
	if diff := cmp.Diff([]string{
		"1 transition: Initialize -> Backup: startup, now Backup",
		"2 addresses removed: [], now Backup",
		"3 transition: Backup -> Active: no advertisement heard, now Active",
		"4 addresses added: [192.0.2.100/24], now Active",
		"5 failure: hook failed: hook after adding [192.0.2.100/24]: no mail today, now Active",
		"6 transition: Active -> Backup: resigned, now Backup",
		"7 addresses removed: [], now Backup",
		"8 transition: Backup -> Initialize: shutdown, now Initialize",
	}, all()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestEventsOfTrouble: conflicts and odd advertisements are events at a bounded rate, whatever the link is flooded with.
func TestEventsOfTrouble(t *testing.T) {
	sim, a, b := pair(t)
	all := reader(t, sim, a)
	claimant := sim.LAN.Host("claimant", netiftest.Link{Addresses: prefixes("192.0.2.7/24")})
	for range 100 {
		if err := claimant.Network().Announce(t.Context(), "eth0", [6]byte{2, 3, 4, 5, 6, 7}, []netip.Addr{netip.MustParseAddr("192.0.2.100")}); err != nil {
			t.Fatal(err)
		}
		sim.Run(10 * time.Millisecond)
	}
	if got := a.virtual.Status().Stats.Conflicts; got != 100 {
		t.Errorf("%d conflicts", got)
	}
	if err := errors.Join(a.virtual.SetPriority(vrrp.PriorityForced), b.virtual.Force(time.Minute)); err != nil {
		t.Fatal(err)
	}
	sim.Run(100 * time.Millisecond)
	if diff := cmp.Diff([]string{
		"5 conflict: 192.0.2.100 by 020304050607, now Active",
		"6 notice: peer of equal priority of 192.0.2.2, now Backup",
		"7 transition: Active -> Backup: peer of equal priority has higher address (peer 192.0.2.2, priority 254), now Backup",
		"8 addresses removed: [], now Backup",
		"9 transition: Backup -> Initialize: shutdown, now Initialize",
	}, all()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestHookForbidsTheRole: an error of the hook before is as if the addresses could not be added: the role goes to another.
func TestHookForbidsTheRole(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	a := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200)), func(c *vrrp.VirtualRouterConfig) {
		c.Hooks.BeforeAdd = func(context.Context, []netip.Prefix) error { return errors.New("the disk is not mine") }
	})
	b := newNode(t, sim.LAN, "192.0.2.2/24", v3(priority(100)))
	for _, n := range []*node{a, b} {
		sim.Drive(n.host, n.router)
	}
	sim.Run(6 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Backup, vrrp.Active)
	if last := a.last(); last.Reason != vrrp.ReasonAddresses || last.Err == nil {
		t.Errorf("transition %v", last)
	}
}

// ExampleRouter_Events reads what happens while the router runs.
func ExampleRouter_Events() {
	lan := netiftest.New(netiftest.Config{})
	host := lan.Host("n1", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network()})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	events := router.Events(ctx)
	if _, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Config: vrrp.Config{VRID: 51, Interval: 10 * time.Millisecond,
		Addresses: prefixes("192.0.2.100/32")}}); err != nil {
		fmt.Println(err)
		return
	}
	ended := make(chan error)
	go func() { ended <- router.Run(ctx) }()
	for e := range events {
		if e.Kind == vrrp.EventTransition {
			fmt.Println(e.Name, e.Transition)
		}
		if e.State == vrrp.Active {
			stop()
		}
	}
	fmt.Println(<-ended)
	// Output:
	// eth0 IPv4 VRID 51 Initialize -> Backup: startup
	// eth0 IPv4 VRID 51 Backup -> Active: no advertisement heard
	// <nil>
}
