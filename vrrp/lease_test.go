// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/protocoltest"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// leased makes a pair whose first router holds its address on a lease.
func leased(t *testing.T, change ...func(*vrrp.VirtualRouterConfig)) (*netiftest.Simulation, *node, *node, *protocoltest.Expiring) {
	t.Helper()
	sim := netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
	backend := protocoltest.NewExpiring(sim.Now)
	a := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200)), append(change, func(c *vrrp.VirtualRouterConfig) { c.Backend = backend })...)
	b := newNode(t, sim.LAN, "192.0.2.2/24", v3())
	sim.Drive(a.host, a.router)
	sim.Drive(b.host, b.router)
	sim.Run(5 * time.Minute)
	if a.state() != vrrp.Active || backend.Holds() != 1 {
		t.Fatalf("%v, holds %d", a.state(), backend.Holds())
	}
	return sim, a, b, backend
}

func TestLeaseIsRenewed(t *testing.T) {
	sim, _, _, backend := leased(t)
	before := backend.Calls
	for range 3600 {
		sim.Run(time.Second)
		if backend.Holds() != 1 {
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
			sim, a, b, backend := leased(t)
			end(sim, a.host)
			for b.state() != vrrp.Active {
				sim.Run(time.Millisecond)
			}
			if backend.Holds() != 0 {
				t.Error("both have the address")
			}
			sim.Run(2 * time.Minute)
			if name == "freeze" && (a.state() != vrrp.Active || backend.Holds() != 1) {
				t.Errorf("woken: %v, holds %d", a.state(), backend.Holds())
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
		until := backend.Held[prefixes("192.0.2.100/24")[0]]
		if left := until.Sub(sim.Now()); left < c.lifetime/2 || left > c.lifetime {
			t.Errorf("interval %v: %v left of a lease of %v", c.interval, left, c.lifetime)
		}
	}
}

func TestLeaseIsNotTakenAgainAfterRemoval(t *testing.T) {
	sim, a, _, backend := leased(t)
	a.router.Stop()
	sim.Run(time.Minute)
	if len(backend.Held) != 0 {
		t.Errorf("left: %v", backend.Held)
	}
}

func TestNoLease(t *testing.T) {
	sim, a, _, backend := leased(t, func(v *vrrp.VirtualRouterConfig) { v.NoLease = true })
	sim.Crash(a.host)
	sim.Run(time.Minute)
	if backend.Holds() != 1 || backend.Calls > 0 {
		t.Errorf("holds %d after %d leases", backend.Holds(), backend.Calls)
	}
}

func TestLeaseThatIsNotRenewedCostsTheRole(t *testing.T) {
	sim, a, b, backend := leased(t)
	backend.Fails = errors.New("out of memory")
	sim.Run(10 * time.Second)
	if a.state() == vrrp.Active || b.state() != vrrp.Active || !errors.Is(a.virtual.Status().LastError, backend.Fails) {
		t.Errorf("%v and %v, %v", a.state(), b.state(), a.virtual.Status().LastError)
	}
	backend.Fails = nil
	sim.Run(2 * time.Minute)
	if a.state() != vrrp.Active || backend.Holds() != 1 {
		t.Errorf("%v, holds %d", a.state(), backend.Holds())
	}
}

func TestLeaseFollowsReconfigure(t *testing.T) {
	sim, a, _, backend := leased(t)
	err := a.virtual.Reconfigure(vrrp.VirtualRouterConfig{Link: "eth0", Config: v3(priority(200), func(c *vrrp.Config) { c.Interval = 10 * time.Second })})
	if err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Minute)
	if left := backend.Held[prefixes("192.0.2.100/24")[0]].Sub(sim.Now()); left < 15*time.Second || backend.Holds() != 1 {
		t.Errorf("%v left", left)
	}
}

// mute is an announcer that hangs until its time is over.
type mute struct{}

func (mute) Announce(ctx context.Context, _ string, _ [6]byte, _ []netip.Addr) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestLeaseIsRenewedWhileAnAnnouncerHangs: addresses that are there stay, whether they are announced or not: those of one
// call, those of several, and those of several virtual routers in one call, however many.
func TestLeaseIsRenewedWhileAnAnnouncerHangs(t *testing.T) {
	for name, c := range map[string]struct{ routers, addresses int }{"one": {1, 1}, "many": {1, 200}, "several routers": {3, 1}, "more routers than workers": {100, 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := netiftest.New(netiftest.Config{}).Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")}).Network()
				router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Announcer: mute{}})
				if err != nil {
					t.Fatal(err)
				}
				backend := &viptest.Memory{}
				for n := range c.routers {
					cfg := v3(func(v *vrrp.Config) { v.VRID, v.Addresses = uint8(n+1), nil })
					for i := range c.addresses {
						cfg.Addresses = append(cfg.Addresses, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(n), byte(i)}), 32))
					}
					if _, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Backend: backend, Config: cfg}); err != nil {
						t.Fatal(err)
					}
				}
				run := protocoltest.Run(t, router.Run)
				time.Sleep(5 * time.Second)
				for at := range 20 {
					if held := len(backend.Held()); held != c.routers*c.addresses {
						t.Errorf("%d s later %d addresses are there", at, held)
					}
					time.Sleep(time.Second)
				}
				if err := run.Stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
