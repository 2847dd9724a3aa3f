// SPDX-License-Identifier: Apache-2.0

package netiftest_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// stepper is a router that wants to be stepped at given times, and notes when it is.
type stepper struct {
	sim  *netiftest.Simulation
	want []time.Duration // since the beginning
	done bool            // after the last of these
	got  []time.Duration
}

func (s *stepper) Turn() (until time.Time, done bool) {
	s.got = append(s.got, s.sim.Now().Sub(epoch))
	if len(s.want) == 0 {
		return time.Time{}, s.done
	}
	next := s.want[0]
	s.want = s.want[1:]
	return epoch.Add(next), false
}

// stepped compares the times that the stepper was called at.
func (s *stepper) stepped(t *testing.T, want ...time.Duration) {
	t.Helper()
	if diff := cmp.Diff(want, s.got); diff != "" {
		t.Errorf("stepped at (-want +got):\n%s", diff)
	}
	s.got = nil
}

func TestDriveOnTime(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	s := &stepper{sim: sim, want: []time.Duration{time.Second, time.Minute, 24 * time.Hour}}
	sim.Drive(sim.Host("a"), s)
	sim.Run(time.Hour)
	s.stepped(t, 0, time.Second, time.Minute)
	if now := sim.Now(); now != epoch.Add(time.Hour) {
		t.Errorf("now is %v", now)
	}
	sim.Run(23 * time.Hour)
	s.stepped(t, 24*time.Hour)
	sim.Run(1000 * time.Hour)
	s.stepped(t)
}

// TestDone: a router that is done isn't stepped any more, whatever arrives.
func TestDone(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{})
	s := &stepper{sim: sim, want: []time.Duration{time.Second}, done: true}
	sim.Drive(host, s)
	sim.Run(time.Minute)
	host.Network().Wake()
	sim.Run(time.Minute)
	s.stepped(t, 0, time.Second)
}

// TestWakeSteps: a router is stepped when something wakes it: a call from outside, or its link.
func TestWakeSteps(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{})
	s := &stepper{sim: sim}
	sim.Drive(host, s)
	sim.After(time.Second, host.Network().Wake)
	sim.After(time.Minute, func() {
		if err := host.SetLink("eth0", false); err != nil {
			t.Error(err)
		}
	})
	sim.Run(time.Hour)
	s.stepped(t, 0, time.Second, time.Minute)
}

// TestAfter: events come in the order of their time, those of the same time in the order they were asked for, before
// the routers, and those at the end of Run belong to it.
func TestAfter(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	var got []string
	note := func(name string) func() {
		return func() { got = append(got, fmt.Sprint(name, " ", sim.Now().Sub(epoch))) }
	}
	s := &stepper{sim: sim, want: []time.Duration{2 * time.Second}}
	sim.Drive(sim.Host("a"), s)
	sim.After(3*time.Second, note("c"))
	sim.After(time.Second, note("a"))
	sim.After(2*time.Second, func() {
		if len(s.got) != 1 {
			t.Error("the router came before the event of the same time")
		}
		sim.After(time.Second, note("d"))
		sim.After(0, note("b"))
	})
	sim.After(3*time.Second+1, note("e"))
	sim.Run(3 * time.Second)
	if diff := cmp.Diff([]string{"a 1s", "b 2s", "c 3s", "d 3s"}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	s.stepped(t, 0, 2*time.Second)
	sim.Run(time.Second)
	if len(got) != 5 {
		t.Errorf("events %v", got)
	}
}

func TestCrash(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Second}, epoch)
	probes := newProbes(t, sim, 3)
	a, b, c := probes[0], probes[1], probes[2]
	a.send("one")
	sim.Crash(b.Host)
	sim.Run(time.Minute)
	a.send("two")
	sim.Run(time.Minute)
	b.want()
	c.want("1s port 0: one from 192.0.2.1 to 224.0.0.18", "1m1s port 0: two from 192.0.2.1 to 224.0.0.18")
}

// TestFreeze: what arrives meanwhile is there afterwards, with the time of its arrival.
func TestFreeze(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 2)
	a, b := probes[0], probes[1]
	b.until = epoch.Add(2 * time.Second)
	sim.Freeze(b.Host, 10*time.Second)
	sim.After(time.Second, func() { a.send("one") })
	sim.After(9*time.Second, func() { a.announce(b.addr4) })
	sim.Run(10*time.Second - 1)
	b.want()
	b.until = time.Time{}
	sim.Run(1)
	b.want("1s port 0: one from 192.0.2.1 to 224.0.0.18", "10s port 0: 192.0.2.2 claimed")
	a.send("two")
	sim.Run(0)
	b.want("10s port 0: two from 192.0.2.1 to 224.0.0.18")
}

// newRouter puts a router of one virtual router on a host.
func newRouter(t *testing.T, sim *netiftest.Simulation, host *netiftest.Host, priority uint8) *vrrp.VirtualRouter {
	t.Helper()
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now})
	if err != nil {
		t.Fatal(err)
	}
	virtual, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Config: vrrp.Config{
		VRID: 7, Priority: priority, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}})
	if err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, router)
	return virtual
}

// TestRestart: after a crash a new router takes part from the same host.
func TestRestart(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}})
	first := newRouter(t, sim, host, 200)
	sim.Run(10 * time.Second)
	if s := first.Status().State; s != vrrp.Active {
		t.Fatalf("the first router is %v", s)
	}
	sim.Crash(host)
	sim.Run(10 * time.Second)
	second := newRouter(t, sim, host, 200)
	sim.Run(10 * time.Second)
	if s := second.Status().State; s != vrrp.Active {
		t.Errorf("the second router is %v", s)
	}
}

// storm runs three routers on a bad LAN on which everything happens, and returns what was sent.
func storm(t *testing.T, seed uint64) []string {
	t.Helper()
	sim := netiftest.NewSimulation(netiftest.Config{Seed: seed, Delay: time.Millisecond, Jitter: 2 * time.Second, Loss: 0.5, Duplicate: 0.1}, epoch)
	var sent []string
	sim.Tap(func(p netiftest.Packet) { sent = append(sent, fmt.Sprintf("%v %v %x", p.At, p.From, p.Payload)) })
	var hosts []*netiftest.Host
	for i := range 3 {
		addr := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + i)}), 24)
		hosts = append(hosts, sim.Host(addr.String(), netiftest.Link{Addresses: []netip.Prefix{addr}}))
		newRouter(t, sim, hosts[i], uint8(100+50*i))
	}
	sim.After(time.Minute, func() { sim.Cut(hosts[2], hosts[1], true) })
	sim.After(2*time.Minute, func() { sim.Freeze(hosts[2], 20*time.Second) })
	sim.After(3*time.Minute, func() { sim.Partition(hosts[:1], hosts[1:]) })
	sim.After(4*time.Minute, func() { sim.Crash(hosts[2]) })
	sim.Run(5 * time.Minute)
	return sent
}

// TestReplay: a run of routers can be had again by its seed.
func TestReplay(t *testing.T) {
	for seed := range uint64(5) {
		first := storm(t, seed)
		if len(first) < 100 {
			t.Errorf("seed %d: only %d packets were sent", seed, len(first))
		}
		if diff := cmp.Diff(first, storm(t, seed)); diff != "" {
			t.Errorf("seed %d differs (-first +second):\n%s", seed, diff)
		}
	}
}
