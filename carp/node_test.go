// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// node is a host of the virtual LAN that takes part in a virtual host.
type node struct {
	host    *netiftest.Host
	carp    *carp.Host
	virtual *carp.VirtualHost
	addrs   *viptest.Memory
	cfg     carp.VirtualHostConfig

	mu      sync.Mutex
	changes []carp.Transition
}

// changed is called on each transition.
func (n *node) changed(_ *carp.VirtualHost, t carp.Transition) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.changes = append(n.changes, t)
}

// history returns all transitions so far.
func (n *node) history() []carp.Transition {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.changes)
}

// last returns the last transition.
func (n *node) last() carp.Transition {
	all := n.history()
	return all[len(all)-1]
}

func (n *node) state() carp.State { return n.virtual.Status().State }

// path returns the status of the path of IPv4, for 0, or of IPv6, for 1.
func (n *node) path(i int) carp.PathStatus { return n.virtual.Status().Paths[i] }

// The addresses of the n-th host of the tests.
func ipv4(n int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}) }
func ipv6(n int) netip.Addr { return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 15: byte(n)}) }

// linkOf returns a link of the n-th host.
func linkOf(n int, name, sw string) netiftest.Link {
	return netiftest.Link{Name: name, Switch: sw, Addresses: []netip.Prefix{netip.PrefixFrom(ipv4(n), 24), netip.PrefixFrom(ipv6(n), 64)}}
}

// random returns numbers that are the n-th host's own and the same in each run.
func random(n int) func() uint64 { return rand.New(rand.NewPCG(uint64(n), 112)).Uint64 }

// five are service addresses of both families.
func five(c *carp.Config) {
	c.Addresses = prefixes("192.0.2.100/24", "192.0.2.101/24", "192.0.2.102/32", "2001:db8::100/64", "2001:db8::101/128")
}

// newNode makes the n-th host. It has the passphrase of all.
func newNode(t testing.TB, lan *netiftest.LAN, n int, c carp.Config, change ...func(*carp.VirtualHostConfig)) *node {
	t.Helper()
	return newNodeOf(t, lan, n, func(*carp.HostConfig) {}, c, change...)
}

// newNodeOf makes it with changes to the configuration of the host.
func newNodeOf(t testing.TB, lan *netiftest.LAN, n int, tune func(*carp.HostConfig), c carp.Config, change ...func(*carp.VirtualHostConfig)) *node {
	t.Helper()
	made := &node{addrs: &viptest.Memory{}, host: lan.Host(fmt.Sprint("host ", n), linkOf(n, "eth0", ""))}
	h := carp.HostConfig{Network: made.host.Network(), Now: lan.Now, Random: random(n), Trace: carp.Trace{Transition: made.changed}}
	tune(&h)
	var err error
	if made.carp, err = carp.NewHost(h); err != nil {
		t.Fatal(err)
	}
	made.cfg = carp.VirtualHostConfig{Config: c, Link: "eth0", Key: key(t, "mekmitasdigoat"), Backend: made.addrs}
	for _, f := range change {
		f(&made.cfg)
	}
	if made.virtual, err = made.carp.Add(made.cfg); err != nil {
		t.Fatal(err)
	}
	return made
}

// reconfigure changes the configuration of the virtual host.
func (n *node) reconfigure(t testing.TB, change ...func(*carp.VirtualHostConfig)) {
	t.Helper()
	for _, f := range change {
		f(&n.cfg)
	}
	if err := n.virtual.Reconfigure(n.cfg); err != nil {
		t.Fatal(err)
	}
}

// newSimulation returns a LAN on which packets take a tenth of a millisecond.
func newSimulation() *netiftest.Simulation {
	return netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
}

// pair makes a simulation of two hosts with advskew 0 and 100, of which the first
// is Master.
func pair(t testing.TB, c carp.Config, change ...func(*carp.VirtualHostConfig)) (*netiftest.Simulation, *node, *node) {
	t.Helper()
	sim := newSimulation()
	var nodes []*node
	for i := range 2 {
		c.AdvSkew = uint8(100 * i)
		n := newNode(t, sim.LAN, i+1, c, change...)
		sim.Drive(n.host, n.carp)
		nodes = append(nodes, n)
	}
	sim.Run(15 * time.Second)
	wantStates(t, nodes, carp.Master, carp.Backup)
	return sim, nodes[0], nodes[1]
}

// wantStates checks who is Master, and that all addresses are there and nowhere
// else.
func wantStates(t testing.TB, nodes []*node, want ...carp.State) {
	t.Helper()
	var got []carp.State
	for i, n := range nodes {
		got = append(got, n.state())
		held := 0
		if want[i] == carp.Master {
			held = len(n.cfg.Addresses)
		}
		if len(n.addrs.Held()) != held {
			t.Errorf("%v is to be %v and holds %v", n.host, want[i], n.addrs.Held())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("states %v, want %v", got, want)
	}
}

// wantOwner checks where the neighbours send to.
func wantOwner(t testing.TB, lan *netiftest.LAN, n *node) {
	t.Helper()
	for _, p := range n.cfg.Addresses {
		if owner := lan.Owner(p.Addr()); owner != n.host {
			t.Errorf("neighbours send to %v for %v", owner, p)
		}
	}
}
