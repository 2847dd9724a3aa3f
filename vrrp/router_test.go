// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// memory is a backend that only remembers.
type memory struct {
	mu    sync.Mutex
	held  map[netip.Prefix]bool
	fails error
}

func (m *memory) Add(_ context.Context, addrs []netip.Prefix) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return m.fails
	}
	if m.held == nil {
		m.held = map[netip.Prefix]bool{}
	}
	for _, p := range addrs {
		m.held[p] = true
	}
	return nil
}

func (m *memory) Remove(_ context.Context, addrs []netip.Prefix) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range addrs {
		delete(m.held, p)
	}
	return nil
}

func (m *memory) has() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.held)
}

// node is a router on a host of a virtual LAN.
type node struct {
	host    *netiftest.Host
	router  *vrrp.Router
	virtual *vrrp.VirtualRouter
	addrs   *memory
	changes []vrrp.Transition
}

// newNode makes a host with a router of the given priority.
func newNode(t testing.TB, lan *netiftest.LAN, addr string, c vrrp.Config, change ...func(*vrrp.VirtualRouterConfig)) *node {
	t.Helper()
	n := &node{addrs: &memory{}}
	n.host = lan.Host(addr, netiftest.Link{Addresses: prefixes(addr)})
	var err error
	n.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: n.host.Network(), Now: lan.Now,
		Trace: vrrp.Trace{Transition: func(_ *vrrp.VirtualRouter, t vrrp.Transition) { n.changes = append(n.changes, t) }}})
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
		if n.addrs.has() > 0 != (want[i] == vrrp.Active) {
			t.Errorf("%v is %v and holds %d addresses", n.host, want[i], n.addrs.has())
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
	last := nodes[1].changes[len(nodes[1].changes)-1]
	if last.Reason != vrrp.ReasonNoResponse || last.Peer != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("transition %v", last)
	}
}

func BenchmarkSimulatedDay(b *testing.B) {
	for b.Loop() {
		sim, nodes := three(b, netiftest.Config{Delay: 100 * time.Microsecond})
		sim.Run(24 * time.Hour)
		wantStates(b, nodes, vrrp.Active, vrrp.Backup, vrrp.Backup)
	}
}
