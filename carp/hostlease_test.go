// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/protocoltest"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// leased makes a pair whose first host holds its addresses on a lease.
func leased(t *testing.T, c carp.Config, change ...func(*carp.VirtualHostConfig)) (*netiftest.Simulation, *node, *node, *protocoltest.Expiring) {
	t.Helper()
	sim := newSimulation()
	backend := protocoltest.NewExpiring(sim.Now)
	a := newNode(t, sim.LAN, 1, c, append(change, func(v *carp.VirtualHostConfig) { v.Backend = backend })...)
	c.AdvSkew += 100
	b := newNode(t, sim.LAN, 2, c)
	sim.Drive(a.host, a.carp)
	sim.Drive(b.host, b.carp)
	sim.Run(5 * time.Minute)
	if a.state() != carp.Master || backend.Holds() != len(c.Addresses) {
		t.Fatalf("%v, holds %d", a.state(), backend.Holds())
	}
	return sim, a, b, backend
}

// leasing is a configuration of advskew 0 with addresses of both families.
func leasing(change ...func(*carp.Config)) carp.Config {
	return config(append([]func(*carp.Config){timing(1, 0), five, preempt}, change...)...)
}

// A lease is renewed once with each advertisement, for all addresses.
func TestLeaseIsRenewed(t *testing.T) {
	sim, _, _, backend := leased(t, leasing())
	before := backend.Calls
	for range 3600 {
		sim.Run(time.Second)
		if backend.Holds() != 5 {
			t.Fatalf("the lease ran out at %v", sim.Now())
		}
	}
	if calls := backend.Calls - before; calls != 3600 {
		t.Errorf("%d renewals in an hour, want one with each advertisement", calls)
	}
}

func TestLeaseRunsOutBeforeAPeerClaims(t *testing.T) {
	for name, end := range map[string]func(*netiftest.Simulation, *netiftest.Host){
		"crash":  (*netiftest.Simulation).Crash,
		"freeze": func(s *netiftest.Simulation, h *netiftest.Host) { s.Freeze(h, time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b, backend := leased(t, leasing())
			end(sim, a.host)
			for b.state() != carp.Master {
				sim.Run(time.Millisecond)
			}
			if backend.Holds() != 0 {
				t.Error("both have the address")
			}
			sim.Run(2 * time.Minute)
			if name == "freeze" && (a.state() != carp.Master || backend.Holds() != 5) {
				t.Errorf("woken: %v, holds %d", a.state(), backend.Holds())
			}
		})
	}
}

// Three times what the peers' timers count with: a demotion, which has this host
// advertise less often, doesn't have them wait longer.
func TestLeaseLength(t *testing.T) {
	for _, c := range []struct {
		base, skew uint8
		demotion   int
		lifetime   time.Duration
	}{
		{0, 3, 0, 2 * time.Second}, {0, 100, 150, 2 * time.Second}, {0, 1, 254, 2 * time.Second},
		{1, 0, 0, 3 * time.Second}, {1, 128, 0, 3 * time.Second}, {1, 0, 254, 3 * time.Second}, {1, 154, 100, 3 * time.Second}, {40, 0, 0, 120 * time.Second},
	} {
		sim, a, _, backend := leased(t, config(timing(c.base, c.skew), five))
		if err := a.virtual.Demote("test", c.demotion); err != nil {
			t.Fatal(err)
		}
		var longest, shortest time.Duration = 0, time.Hour
		for range 5000 {
			sim.Run(c.lifetime / 500)
			left := backend.Held[prefixes("192.0.2.100/24")[0]].Sub(sim.Now())
			longest, shortest = max(longest, left), min(shortest, left)
		}
		if longest > c.lifetime || longest < c.lifetime-c.lifetime/100 || shortest < c.lifetime/4 || a.state() != carp.Master {
			t.Errorf("%d/%d demoted by %d: %v to %v left of a lease of %v", c.base, c.skew, c.demotion, shortest, longest, c.lifetime)
		}
	}
}

func TestLeaseIsNotTakenAgainAfterRemoval(t *testing.T) {
	sim, a, _, backend := leased(t, leasing())
	a.carp.Stop()
	sim.Run(time.Minute)
	if len(backend.Held) != 0 {
		t.Errorf("left: %v", backend.Held)
	}
}

func TestNoLease(t *testing.T) {
	sim, a, _, backend := leased(t, leasing(), func(v *carp.VirtualHostConfig) { v.NoLease = true })
	sim.Crash(a.host)
	sim.Run(time.Minute)
	if backend.Holds() != 5 || backend.Calls > 0 {
		t.Errorf("holds %d after %d leases", backend.Holds(), backend.Calls)
	}
}

func TestLeaseThatIsNotRenewedCostsTheRole(t *testing.T) {
	sim, a, b, backend := leased(t, leasing())
	backend.Fails = errors.New("out of memory")
	sim.Run(10 * time.Second)
	if a.state() == carp.Master || b.state() != carp.Master || !errors.Is(a.virtual.Status().LastError, backend.Fails) {
		t.Errorf("%v and %v, %v", a.state(), b.state(), a.virtual.Status().LastError)
	}
	backend.Fails = nil
	sim.Run(2 * time.Minute)
	if a.state() != carp.Master || backend.Holds() != 5 {
		t.Errorf("%v, holds %d", a.state(), backend.Holds())
	}
}

func TestLeaseFollowsReconfigure(t *testing.T) {
	sim, a, b, backend := leased(t, leasing())
	for _, n := range []*node{b, a} {
		n.reconfigure(t, func(v *carp.VirtualHostConfig) { v.AdvBase = 10 })
	}
	sim.Run(time.Minute)
	if left := backend.Held[prefixes("192.0.2.100/24")[0]].Sub(sim.Now()); left < 15*time.Second || left > 30*time.Second {
		t.Errorf("%v left", left)
	}
}
