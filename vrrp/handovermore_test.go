// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// heirRig makes a rig that takes over from another one, with the same virtual routers in a
// group if that has one.
func heirRig(t testing.TB, sim *netiftest.Simulation, old *rig, n int, priority uint8, names ...string) *rig {
	t.Helper()
	r := newRig(t, sim.LAN, n, priority)
	var err error
	r.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: r.host.Network(), Now: sim.Now, Trace: vrrp.Trace{Transition: r.changed, Moved: r.moved},
		Inherit: func(take vrrp.Transfer) error { return old.router.HandOver(t.Context(), take) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		r.addrs[name] = old.addrs[name]
		cfg := rigConfig(name, priority)
		cfg.Backend = r.addrs[name]
		if r.virtual[name], err = r.router.Add(cfg); err != nil {
			t.Fatal(err)
		}
	}
	r.group(vrrp.GroupConfig{}, names...)
	sim.Drive(r.host, r.router)
	return r
}

// TestHandOverGroup: the members of a group, and the group, are where they were, on the Active and
// on the Backup side and while a member keeps all from taking part; and move together afterwards.
func TestHandOverGroup(t *testing.T) {
	names := []string{"4", "6", "x"}
	sim, a, b := duo(t, names...)
	handOver := func() {
		t.Helper()
		oldA, oldB := a, b
		a, b = heirRig(t, sim, a, 1, 200, names...), heirRig(t, sim, b, 2, 100, names...)
		sim.Run(5 * time.Second)
		for _, r := range []*rig{oldA, oldB, a, b} {
			r.want()
		}
	}
	handOver()
	a.is("4 Active, 6 Active, x Active")
	a.link("eth1", false)
	sim.Run(5 * time.Second)
	a.is("4 Initialize, 6 Initialize, x Initialize")
	b.is("4 Active, 6 Active, x Active")
	a.took()
	b.took()
	oldA := a
	a = heirRig(t, sim, oldA, 1, 200, names...)
	a.link("eth1", false)
	sim.Run(5 * time.Second)
	a.want()
	a.is("4 Initialize, 6 Initialize, x Initialize")
	if s := a.virtual["4"].Status(); s.Barred != vrrp.ReasonGroup || s.BarredBy != "x" {
		t.Errorf("barred: %v by %q", s.Barred, s.BarredBy)
	}
	a.link("eth1", true)
	sim.Run(10 * time.Second)
	a.is("4 Active, 6 Active, x Active")
	b.is("4 Backup, 6 Backup, x Backup")
	a.took()
	b.took()
	handOver()
	a.is("4 Active, 6 Active, x Active")
}

// TestHandOverAuthenticated: sequence numbers go on where they were: neither side takes what the new
// router sends for a replay, nor does that accept one.
func TestHandOverAuthenticated(t *testing.T) {
	for name, c := range map[string]struct {
		config vrrp.Config
		change func(*vrrp.VirtualRouterConfig)
	}{
		"HMAC":           {v3(), hmacOf(t, vrrp.HMACConfig{})},
		"HMAC monotonic": {v3(), hmacOf(t, vrrp.HMACConfig{Monotonic: true})},
		"AH":             {v2(), withAH(t)},
	} {
		t.Run(name, func(t *testing.T) {
			sim := netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
			config := func(p uint8) vrrp.Config { c := c.config; c.Priority = p; return c }
			a := newNode(t, sim.LAN, "192.0.2.1/24", config(200), c.change)
			b := newNode(t, sim.LAN, "192.0.2.2/24", config(100), c.change)
			sim.Drive(a.host, a.router)
			sim.Drive(b.host, b.router)
			sim.Run(15 * time.Second)
			transitions := len(b.history())
			var recorded []byte
			sim.Tap(func(p netiftest.Packet) {
				if p.Src == netip.MustParseAddr("192.0.2.1") {
					recorded = slices.Clone(p.Payload)
				}
			})
			for range 5 {
				sim.Run(700 * time.Millisecond)
				a = successor(t, sim, a, "192.0.2.1/24", config(200), direct, c.change).new
			}
			sim.Run(5 * time.Second)
			if s := b.virtual.Status().Stats; s.ReplayErrors+s.StaleErrors+s.DigestErrors > 0 || len(b.history()) > transitions {
				t.Errorf("%+v, transitions %v", s, b.history())
			}
			b = successor(t, sim, b, "192.0.2.2/24", config(100), direct, c.change).new
			sim.Inject(netiftest.Packet{Src: netip.MustParseAddr("192.0.2.1"), Dst: vrrp.GroupIPv4(), HopLimit: 255, Payload: recorded, AH: name == "AH"})
			sim.Run(100 * time.Millisecond)
			if s := b.virtual.Status().Stats; s.ReplayErrors != 1 {
				t.Errorf("a recorded packet is accepted: %+v", s)
			}
		})
	}
}

// TestHandOverTakesInHeadersOnce: the same is so of packets with an authentication header, which would be taken for replays.
func TestHandOverTakesInHeadersOnce(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
	a := newNode(t, sim.LAN, "192.0.2.1/24", v2(priority(200)), withAH(t))
	b := newNode(t, sim.LAN, "192.0.2.2/24", v2(priority(100)), withAH(t))
	sim.Drive(a.host, a.router)
	sim.Drive(b.host, b.router)
	sim.Run(5 * time.Second)
	w := listen(sim, "192.0.2.1")
	before := b.virtual.Status().Stats.Received
	for range 3 {
		c := heirApparent(t, sim, b, "192.0.2.2/24", v2(priority(100)), direct, withAH(t))
		sim.Run(2500 * time.Millisecond)
		sim.Drive(c.new.host, c.new.router)
		sim.Run(1 * time.Millisecond)
		if c.err != nil {
			t.Fatal(c.err)
		}
		b = c.new
	}
	sim.Run(5 * time.Second)
	s := b.virtual.Status().Stats
	if got := s.Received - before; got != uint64(len(w.at)) || got < 12 || s.ReplayErrors > 0 {
		t.Errorf("%d received of %d, %d taken for replays", got, len(w.at), s.ReplayErrors)
	}
}

// TestHandOverTakesInPacketsOnce: what comes while both have their sockets open is taken in by one of
// them, and by the new one what comes after that; however long the new one has waited.
func TestHandOverTakesInPacketsOnce(t *testing.T) {
	sim, a, b := pair(t)
	w := listen(sim, "192.0.2.1")
	before := b.virtual.Status().Stats.Received
	c := heirApparent(t, sim, b, "192.0.2.2/24", v3(priority(100)), direct)
	d := heirApparent(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct)
	for range 3 {
		sim.Run(2500 * time.Millisecond)
		calls := len(a.addrs.Calls())
		sim.Drive(c.new.host, c.new.router)
		sim.Drive(d.new.host, d.new.router)
		sim.Run(1 * time.Millisecond)
		if c.err != nil || d.err != nil {
			t.Fatal(c.err, d.err)
		}
		if got := d.new.addrs.Calls()[calls:]; len(got) != 1 || got[0].Op != vip.OpLease {
			t.Errorf("leases are not made sure of: %v", got)
		}
		b, a = c.new, d.new
		c, d = heirApparent(t, sim, b, "192.0.2.2/24", v3(priority(100)), direct), heirApparent(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct)
	}
	sim.Run(5 * time.Second)
	if got := b.virtual.Status().Stats.Received - before; got != 13 || len(w.at) != 13 || w.longest() != time.Second {
		t.Errorf("%d received of %d, longest gap %v", got, len(w.at), w.longest())
	}
	if s := a.virtual.Status().Stats; s.Received+s.Competitors > 0 {
		t.Errorf("%+v", s)
	}
}

// TestHandOverTrackers: a condition counts as what it was until the new router's own checks say
// otherwise: a weight isn't lost for a moment, nor is a fault forgotten.
func TestHandOverTrackers(t *testing.T) {
	for name, action := range map[string]track.Action{"weight": {Weight: 30}, "fault": {Fault: true}} {
		for _, bad := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					slow := func(c *track.Config) {
						check := c.Check
						c.Timeout, c.Interval = time.Minute, time.Minute
						c.Check = func(ctx context.Context) error {
							time.Sleep(5 * time.Second)
							return check(ctx)
						}
					}
					lan := netiftest.New(netiftest.Config{Delay: 100 * time.Microsecond})
					s := follow(t, slow)
					s.bad.Store(bad)
					old := run(t, newNode(t, lan, "192.0.2.1/24", v3(priority(100)), watched(s, action)))
					time.Sleep(20 * time.Second)
					before := old.virtual.Status()
					again := follow(t, slow)
					again.bad.Store(bad)
					n := heirNode(t, lan, old, v3(priority(100)), watched(again, action))
					heir := run(t, n)
					if err := old.Wait(); err != nil {
						t.Error(err)
					}
					for range 10 {
						got := n.virtual.Status()
						if got.Priority != before.Priority || got.State != before.State || got.BarredBy != before.BarredBy || len(n.history()) > 0 {
							t.Fatalf("before %v %d %q, after %v %d %q, %v", before.State, before.Priority, before.BarredBy, got.State, got.Priority, got.BarredBy, n.history())
						}
						time.Sleep(time.Second)
					}
					again.bad.Store(!bad)
					time.Sleep(2 * time.Minute)
					if got := n.virtual.Status(); got.Priority == before.Priority && got.State == before.State {
						t.Errorf("%v, %d: the condition has changed", got.State, got.Priority)
					}
					if err := heir.Stop(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// heirNode makes a router that takes over from one that runs.
func heirNode(t testing.TB, lan *netiftest.LAN, old *running, c vrrp.Config, change ...func(*vrrp.VirtualRouterConfig)) *node {
	t.Helper()
	n := &node{addrs: old.addrs, host: lan.Host("again", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})}
	var err error
	n.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: n.host.Network(), Now: lan.Now, Trace: vrrp.Trace{Transition: n.changed},
		Inherit: func(take vrrp.Transfer) error { return old.router.HandOver(t.Context(), take) }})
	cfg := vrrp.VirtualRouterConfig{Config: c, Link: "eth0", Backend: old.addrs}
	for _, f := range change {
		f(&cfg)
	}
	if err == nil {
		n.virtual, err = n.router.Add(cfg)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestHandOverWhileAddressesAreAdded waits until they are there, or ctx ends.
func TestHandOverWhileAddressesAreAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		n := newNode(t, lan, "192.0.2.1/24", v3(priority(200)))
		release := n.addrs.Block()
		old := run(t, n)
		time.Sleep(5 * time.Second)
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		called := false
		err := old.router.HandOver(soon, func(context.Context, []byte) ([]byte, error) { called = true; return nil, errors.New("called") })
		if !errors.Is(err, soon.Err()) || soon.Err() == nil || called {
			t.Errorf("HandOver = %v, called %v", err, called)
		}
		heir := run(t, heirNode(t, lan, old, v3(priority(200))))
		time.Sleep(time.Second)
		release()
		if err := old.Wait(); err != nil {
			t.Error(err)
		}
		if got := heir.virtual.Status(); got.State != vrrp.Active || !slices.Equal(got.Held, prefixes("192.0.2.100/24")) {
			t.Errorf("%+v", got)
		}
		if err := heir.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestHandOverOfAFailedRemoval: the new router tries again to remove what the old one could not.
func TestHandOverOfAFailedRemoval(t *testing.T) {
	sim, a, _ := pair(t)
	service := prefixes("192.0.2.100/24")
	a.addrs.Fail(errors.New("busy"), service...)
	if err := a.virtual.SetPriority(50); err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	if a.state() != vrrp.Backup || len(a.addrs.Held()) == 0 {
		t.Fatalf("%v, holds %v", a.state(), a.addrs.Held())
	}
	u := successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct)
	sim.Run(time.Second)
	a.addrs.Fail(nil, service...)
	sim.Run(2 * time.Minute)
	if held := a.addrs.Held(); u.err != nil || len(held) > 0 {
		t.Errorf("%v, left %v", u.err, held)
	}
}
