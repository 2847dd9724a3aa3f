// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// upgrade is a router that another one, of the same address and with the same service
// addresses, takes over from. The two have a host each, as two processes have a socket each.
type upgrade struct {
	sim *netiftest.Simulation
	old *node
	new *node
	err error // of HandOver
}

// wire notes who advertises, with which priority and when.
type wire struct {
	at   []time.Time
	prio []uint8
	from []string
}

// listen notes the advertisements from an address.
func listen(sim *netiftest.Simulation, src string) *wire {
	w := &wire{}
	sim.Tap(func(p netiftest.Packet) {
		if p.Src == netip.MustParseAddr(src) && p.Payload != nil {
			w.at, w.prio, w.from = append(w.at, p.At), append(w.prio, p.Payload[2]), append(w.from, p.From.Name())
		}
	})
	return w
}

// longest returns the longest time between two of them.
func (w *wire) longest() (gap time.Duration) {
	for i := 1; i < len(w.at); i++ {
		gap = max(gap, w.at[i].Sub(w.at[i-1]))
	}
	return gap
}

// successor makes a router that takes over from old in its first turn, as transfer has it,
// which gets what that one's HandOver wants called.
func successor(t testing.TB, sim *netiftest.Simulation, old *node, addr string, c vrrp.Config, transfer func(vrrp.Transfer) vrrp.Transfer, change ...func(*vrrp.VirtualRouterConfig)) *upgrade {
	t.Helper()
	u := heirApparent(t, sim, old, addr, c, transfer, change...)
	sim.Drive(u.new.host, u.new.router)
	return u
}

// heirApparent makes such a router, which is to be driven.
func heirApparent(t testing.TB, sim *netiftest.Simulation, old *node, addr string, c vrrp.Config, transfer func(vrrp.Transfer) vrrp.Transfer, change ...func(*vrrp.VirtualRouterConfig)) *upgrade {
	t.Helper()
	u := &upgrade{sim: sim, old: old, new: &node{addrs: old.addrs}}
	u.new.host = sim.Host(addr+" again", netiftest.Link{Addresses: prefixes(addr)})
	var err error
	u.new.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: u.new.host.Network(), Now: sim.Now, Trace: vrrp.Trace{Transition: u.new.changed},
		Inherit: func(take vrrp.Transfer) error {
			u.err = old.router.HandOver(t.Context(), transfer(take))
			return u.err
		}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := vrrp.VirtualRouterConfig{Config: c, Link: "eth0", Backend: old.addrs}
	for _, f := range change {
		f(&cfg)
	}
	if u.new.virtual, err = u.new.router.Add(cfg); err != nil {
		t.Fatal(err)
	}
	return u
}

// removals returns the calls that have removed addresses.
func removals(n *node) []viptest.Call {
	return slices.DeleteFunc(n.addrs.Calls(), func(c viptest.Call) bool { return c.Op != vip.OpRemove })
}

// lasting returns of a status what a hand-over doesn't change, and what a turn doesn't.
func lasting(s vrrp.Status) string {
	s.Stats.Sent, s.Margin = 0, vrrp.Margin{}
	return fmt.Sprintf("%+v", s)
}

// direct is the transfer within one program.
func direct(take vrrp.Transfer) vrrp.Transfer { return take }

// TestHandOverActive: an Active Router is replaced at any moment, time and again: no
// advertisement is missed, its addresses aren't touched, and the peer notices nothing.
func TestHandOverActive(t *testing.T) {
	sim, a, b := pair(t)
	w := listen(sim, "192.0.2.1")
	random := rand.New(rand.NewPCG(1, 2))
	transitions, touched := len(b.history()), len(removals(a))
	since := a.virtual.Status().Last
	for i := range 20 {
		sim.Run(time.Duration(random.Int64N(int64(3 * time.Second))))
		before := a.virtual.Status()
		u := successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct)
		sim.Run(time.Millisecond)
		if u.err != nil || len(u.new.history()) > 0 {
			t.Fatalf("%d: %v, transitions %v", i, u.err, u.new.history())
		}
		if was, is := lasting(before), lasting(u.new.virtual.Status()); was != is {
			t.Errorf("%d: status before:\n%s\nafter:\n%s", i, was, is)
		}
		a = u.new
	}
	sim.Run(10 * time.Second)
	if gap := w.longest(); gap != time.Second || slices.Contains(w.prio, 0) {
		t.Errorf("longest time between advertisements %v, priorities %v", gap, w.prio)
	}
	if got := b.history()[transitions:]; len(got) > 0 {
		t.Errorf("the peer noticed: %v", got)
	}
	if removed := removals(a); len(removed) > touched {
		t.Errorf("addresses touched: %v", removed[touched:])
	}
	if got := a.virtual.Status(); !got.Last.At.Equal(since.At) || got.Stats.BecameActive != 1 {
		t.Errorf("last transition %v, was %v; became Active %d times", got.Last, since, got.Stats.BecameActive)
	}
}

// TestHandOverBackup: a Backup Router that is replaced claims when the one before would have,
// to the nanosecond.
func TestHandOverBackup(t *testing.T) {
	claimed := func(handOver time.Duration) time.Duration {
		sim, a, b := pair(t)
		sim.Run(300 * time.Millisecond)
		sim.Crash(a.host)
		start := sim.Now()
		if handOver > 0 {
			sim.Run(handOver)
			b = successor(t, sim, b, "192.0.2.2/24", v3(priority(100)), direct).new
		}
		sim.Run(10 * time.Second)
		if b.state() != vrrp.Active || b.last().Reason != vrrp.ReasonNoResponse || b.last().Peer != netip.MustParseAddr("192.0.2.1") {
			t.Fatalf("%v: %v", handOver, b.last())
		}
		return b.last().At.Sub(start)
	}
	want := claimed(0)
	for _, at := range []time.Duration{1, time.Millisecond, 1500 * time.Millisecond, want - time.Millisecond, want - 1} {
		if got := claimed(at); got != want {
			t.Errorf("handed over after %v: claimed after %v, want %v", at, got, want)
		}
	}
}

// TestHandOverFails: whatever is wrong with the new router, the old one goes on, nothing is
// sent twice, and the new one has done nothing.
func TestHandOverFails(t *testing.T) {
	broken := errors.New("broken")
	for name, transfer := range map[string]func(vrrp.Transfer) vrrp.Transfer{
		"not asked": func(vrrp.Transfer) vrrp.Transfer {
			return func(context.Context, []byte) ([]byte, error) { return nil, broken }
		},
		"garbled": func(take vrrp.Transfer) vrrp.Transfer {
			return func(ctx context.Context, legacy []byte) ([]byte, error) { return take(ctx, legacy[1:]) }
		},
		"lost on the way back": func(take vrrp.Transfer) vrrp.Transfer {
			return func(ctx context.Context, legacy []byte) ([]byte, error) {
				if _, err := take(ctx, legacy); err != nil {
					t.Error(err)
				}
				return nil, broken
			}
		},
		"receipt": func(take vrrp.Transfer) vrrp.Transfer {
			return func(ctx context.Context, legacy []byte) ([]byte, error) { return []byte(`{"taken":[7]}`), nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := pair(t)
			w := listen(sim, "192.0.2.1")
			transitions, touched := len(b.history()), len(removals(a))
			sim.Run(300 * time.Millisecond)
			u := successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), transfer)
			sim.Run(10 * time.Second)
			if u.err == nil || len(u.new.history()) > 0 || slices.Contains(w.from, u.new.host.Name()) {
				t.Errorf("error %v, transitions %v, sent by %v", u.err, u.new.history(), w.from)
			}
			if gap := w.longest(); gap != time.Second || len(b.history()) != transitions || len(removals(a)) != touched {
				t.Errorf("longest gap %v, peer %v, calls %v", gap, b.history()[transitions:], removals(a)[touched:])
			}
			wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
			again := successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct)
			sim.Run(10 * time.Second)
			wantStates(t, []*node{again.new, b}, vrrp.Active, vrrp.Backup)
		})
	}
}

// TestHandOverOtherVersion: a legacy in another form is refused by name.
func TestHandOverOtherVersion(t *testing.T) {
	sim, a, _ := pair(t)
	u := successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), func(take vrrp.Transfer) vrrp.Transfer {
		return func(ctx context.Context, _ []byte) ([]byte, error) {
			return take(ctx, []byte(`{"protocol":"vrrp","version":999,"state":{"whatever":[1]}}`))
		}
	})
	sim.Run(time.Second)
	if !errors.Is(u.err, vrrp.ErrLegacy) || a.state() != vrrp.Active {
		t.Errorf("error %v, state %v", u.err, a.state())
	}
}

// TestHandOverOtherConfiguration: what is configured differently is changed as by Reconfigure.
func TestHandOverOtherConfiguration(t *testing.T) {
	sim, a, b := pair(t)
	transitions := len(b.history())
	w := listen(sim, "192.0.2.1")
	u := successor(t, sim, a, "192.0.2.1/24", v3(priority(210), func(c *vrrp.Config) { c.Addresses = append(c.Addresses, prefixes("192.0.2.101/24")...) }), direct)
	sim.Run(5 * time.Second)
	if got, want := u.new.addrs.Held(), prefixes("192.0.2.100/24", "192.0.2.101/24"); !slices.Equal(got, want) {
		t.Errorf("held %v, want %v", got, want)
	}
	if w.prio[len(w.prio)-1] != 210 || len(b.history()) != transitions || w.longest() > time.Second {
		t.Errorf("priorities %v, peer %v, longest gap %v", w.prio, b.history()[transitions:], w.longest())
	}
}

// TestHandOverOtherVirtualRouters: those that the new router doesn't have say goodbye, those
// that it alone has begin.
func TestHandOverOtherVirtualRouters(t *testing.T) {
	sim, a, b := pair(t)
	gone, err := a.router.Add(vrrp.VirtualRouterConfig{Config: v3(func(c *vrrp.Config) { c.VRID, c.Addresses = 7, prefixes("192.0.2.107/32") }), Link: "eth0", Backend: a.addrs})
	if err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	if gone.Status().State != vrrp.Active {
		t.Fatal(gone.Status().State)
	}
	w := listen(sim, "192.0.2.1")
	u := successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct)
	begun, err := u.new.router.Add(vrrp.VirtualRouterConfig{Config: v3(func(c *vrrp.Config) { c.VRID, c.Addresses = 8, prefixes("192.0.2.108/32") }), Link: "eth0", Backend: a.addrs})
	if err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	if got, want := u.new.addrs.Held(), prefixes("192.0.2.100/24", "192.0.2.108/32"); !slices.Equal(got, want) {
		t.Errorf("held %v, want %v", got, want)
	}
	if n := len(w.prio); begun.Status().State != vrrp.Active || b.state() != vrrp.Backup || slices.Index(w.prio, 0) < 0 || n == 0 {
		t.Errorf("%v, %v, priorities %v", begun.Status().State, b.state(), w.prio)
	}
	if _, err := a.router.Add(vrrp.VirtualRouterConfig{}); err == nil {
		t.Error("the old router is in use")
	}
	if err := gone.Resign(0); !errors.Is(err, vrrp.ErrClosed) {
		t.Errorf("Resign = %v", err)
	}
}

// TestHandOverControls: a priority that was set by SetPriority stays in force, a role that is
// forced stays so, maintenance goes on.
func TestHandOverControls(t *testing.T) {
	sim, a, b := pair(t)
	if err := errors.Join(a.virtual.SetPriority(180), b.virtual.Maintenance(true)); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	a = successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct).new
	b = successor(t, sim, b, "192.0.2.2/24", v3(priority(100)), direct).new
	sim.Run(time.Second)
	if got := a.virtual.Status().Priority; got != 180 {
		t.Errorf("priority %d", got)
	}
	if got := b.virtual.Status(); got.Barred != vrrp.ReasonMaintenance || got.State != vrrp.Initialize {
		t.Errorf("%+v", got)
	}
	if err := errors.Join(b.virtual.Maintenance(false), a.virtual.Force(time.Minute)); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	a = successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct).new
	sim.Run(time.Second)
	if got := a.virtual.Status().Priority; got != vrrp.PriorityForced {
		t.Errorf("forced priority %d", got)
	}
	sim.Run(time.Minute)
	if got := a.virtual.Status().Priority; got != 180 {
		t.Errorf("priority %d after that", got)
	}
}

// TestHandOverWhileReleasing: addresses that are kept for a successor on the link go when they would
// have gone.
func TestHandOverWhileReleasing(t *testing.T) {
	sim, a, b := pair(t)
	if err := a.virtual.Resign(time.Hour); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Millisecond)
	if len(a.addrs.Held()) == 0 {
		t.Fatal("gone at once")
	}
	u := successor(t, sim, a, "192.0.2.1/24", v3(priority(200)), direct)
	sim.Run(5 * time.Second)
	wantStates(t, []*node{u.new, b}, vrrp.Backup, vrrp.Active)
}

// TestHandOverRun does it with two routers that run, in which one waits for the other.
func TestHandOverRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: 100 * time.Microsecond})
		old := run(t, newNode(t, lan, "192.0.2.1/24", v3(priority(200))))
		peer := run(t, newNode(t, lan, "192.0.2.2/24", v3()))
		time.Sleep(5*time.Second + 300*time.Millisecond)
		transitions := len(peer.history())
		n := &node{addrs: old.addrs, host: lan.Host("again", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})}
		var err error
		n.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: n.host.Network(), Now: lan.Now, Trace: vrrp.Trace{Transition: n.changed},
			Inherit: func(take vrrp.Transfer) error { return old.router.HandOver(t.Context(), take) }})
		if err != nil {
			t.Fatal(err)
		}
		if n.virtual, err = n.router.Add(vrrp.VirtualRouterConfig{Config: v3(priority(200)), Link: "eth0", Backend: old.addrs}); err != nil {
			t.Fatal(err)
		}
		heir := run(t, n)
		if err := old.Wait(); err != nil {
			t.Errorf("the old one's Run = %v", err)
		}
		if err := old.router.HandOver(t.Context(), nil); !errors.Is(err, vrrp.ErrClosed) {
			t.Errorf("second HandOver = %v", err)
		}
		time.Sleep(10 * time.Second)
		wantStates(t, []*node{heir.node, peer.node}, vrrp.Active, vrrp.Backup)
		if got := peer.history()[transitions:]; len(got) > 0 || len(heir.history()) > 0 {
			t.Errorf("peer %v, heir %v", got, heir.history())
		}
		if err := errors.Join(heir.Stop(), peer.Stop()); err != nil || len(heir.addrs.Held()) > 0 {
			t.Errorf("Run = %v, held %v", err, heir.addrs.Held())
		}
	})
}

// TestHandOverRefused: a router whose predecessor refuses returns from Run with that error, without
// having touched anything.
func TestHandOverRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		n := newNode(t, lan, "192.0.2.1/24", v3(priority(200)))
		refused := errors.New("refused")
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: n.host.Network(), Now: lan.Now, Inherit: func(vrrp.Transfer) error { return refused }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := router.Add(vrrp.VirtualRouterConfig{Config: v3(priority(255)), Link: "eth0", Backend: n.addrs}); err != nil {
			t.Fatal(err)
		}
		if err := router.Run(t.Context()); !errors.Is(err, refused) || len(n.addrs.Calls()) > 0 {
			t.Errorf("Run = %v, calls %v", err, n.addrs.Calls())
		}
	})
}
