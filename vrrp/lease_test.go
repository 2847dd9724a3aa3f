// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// expiring is a backend whose leased addresses go when their time is over, by
// the clock of a simulation. Those that were added stay.
type expiring struct {
	now   func() time.Time
	held  map[netip.Prefix]time.Time // until when; zero for ever
	calls int
	fails error
}

func (e *expiring) Add(_ context.Context, addrs []netip.Prefix) error {
	for _, p := range addrs {
		e.held[p] = time.Time{}
	}
	return nil
}

func (e *expiring) Remove(_ context.Context, addrs []netip.Prefix) error {
	for _, p := range addrs {
		delete(e.held, p)
	}
	return nil
}

func (e *expiring) Lease(_ context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	e.calls++
	if e.fails != nil {
		return e.fails
	}
	for _, p := range addrs {
		e.held[p] = e.now().Add(lifetime)
	}
	return nil
}

// holds reports how many addresses are there now.
func (e *expiring) holds() (n int) {
	for _, until := range e.held {
		if until.IsZero() || e.now().Before(until) {
			n++
		}
	}
	return n
}

// leased makes a pair whose first router holds its address on a lease.
func leased(t *testing.T, change ...func(*vrrp.VirtualRouterConfig)) (*netiftest.Simulation, *node, *node, *expiring) {
	t.Helper()
	sim := netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
	backend := &expiring{now: sim.Now, held: map[netip.Prefix]time.Time{}}
	a := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200)), append(change, func(c *vrrp.VirtualRouterConfig) { c.Backend = backend })...)
	b := newNode(t, sim.LAN, "192.0.2.2/24", v3())
	sim.Drive(a.host, a.router)
	sim.Drive(b.host, b.router)
	sim.Run(5 * time.Minute)
	if a.state() != vrrp.Active || backend.holds() != 1 {
		t.Fatalf("%v, holds %d", a.state(), backend.holds())
	}
	return sim, a, b, backend
}

func TestLeaseIsRenewed(t *testing.T) {
	sim, _, _, backend := leased(t)
	before := backend.calls
	for range 3600 {
		sim.Run(time.Second)
		if backend.holds() != 1 {
			t.Fatalf("the lease ran out at %v", sim.Now())
		}
	}
	if calls := backend.calls - before; calls != 3600 {
		t.Errorf("%d renewals in an hour, want one with each advertisement", calls)
	}
}

func TestLeaseRunsOutBeforeAPeerClaims(t *testing.T) {
	for name, end := range map[string]func(*netiftest.Simulation, *netiftest.Host){
		"crash":  (*netiftest.Simulation).Crash,
		"freeze": func(s *netiftest.Simulation, h *netiftest.Host) { s.Freeze(h, time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b, backend := leased(t)
			end(sim, a.host)
			for b.state() != vrrp.Active {
				sim.Run(time.Millisecond)
			}
			if backend.holds() != 0 {
				t.Error("both have the address")
			}
			sim.Run(2 * time.Minute)
			if name == "freeze" && (a.state() != vrrp.Active || backend.holds() != 1) {
				t.Errorf("woken: %v, holds %d", a.state(), backend.holds())
			}
		})
	}
}

func TestLeaseLength(t *testing.T) {
	for _, c := range []struct{ interval, lifetime time.Duration }{
		{10 * time.Millisecond, 2 * time.Second}, {time.Second, 3 * time.Second}, {1300 * time.Millisecond, 3 * time.Second}, {40 * time.Second, 120 * time.Second},
	} {
		sim, _, _, backend := leased(t, func(v *vrrp.VirtualRouterConfig) { v.Interval = c.interval })
		sim.Run(c.lifetime)
		until := backend.held[prefixes("192.0.2.100/24")[0]]
		if left := until.Sub(sim.Now()); left < c.lifetime/2 || left > c.lifetime {
			t.Errorf("interval %v: %v left of a lease of %v", c.interval, left, c.lifetime)
		}
	}
}

func TestLeaseIsNotTakenAgainAfterRemoval(t *testing.T) {
	sim, a, _, backend := leased(t)
	a.router.Stop()
	sim.Run(time.Minute)
	if len(backend.held) != 0 {
		t.Errorf("left: %v", backend.held)
	}
}

func TestNoLease(t *testing.T) {
	sim, a, _, backend := leased(t, func(v *vrrp.VirtualRouterConfig) { v.NoLease = true })
	sim.Crash(a.host)
	sim.Run(time.Minute)
	if backend.holds() != 1 || backend.calls > 0 {
		t.Errorf("holds %d after %d leases", backend.holds(), backend.calls)
	}
}

func TestLeaseThatIsNotRenewedCostsTheRole(t *testing.T) {
	sim, a, b, backend := leased(t)
	backend.fails = errors.New("out of memory")
	sim.Run(10 * time.Second)
	if a.state() == vrrp.Active || b.state() != vrrp.Active || !errors.Is(a.virtual.Status().LastError, backend.fails) {
		t.Errorf("%v and %v, %v", a.state(), b.state(), a.virtual.Status().LastError)
	}
	backend.fails = nil
	sim.Run(2 * time.Minute)
	if a.state() != vrrp.Active || backend.holds() != 1 {
		t.Errorf("%v, holds %d", a.state(), backend.holds())
	}
}

func TestLeaseFollowsReconfigure(t *testing.T) {
	sim, a, _, backend := leased(t)
	err := a.virtual.Reconfigure(vrrp.VirtualRouterConfig{Link: "eth0", Config: v3(priority(200), func(c *vrrp.Config) { c.Interval = 10 * time.Second })})
	if err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Minute)
	if left := backend.held[prefixes("192.0.2.100/24")[0]].Sub(sim.Now()); left < 15*time.Second || backend.holds() != 1 {
		t.Errorf("%v left", left)
	}
}
