// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// reboot has a host come up again, after its program died with it.
func reboot(t *testing.T, sim *netiftest.Simulation, old *node, n int) *node {
	t.Helper()
	fresh := &node{host: old.host, addrs: old.addrs, cfg: old.cfg}
	var err error
	fresh.carp, err = carp.NewHost(carp.HostConfig{Network: old.host.Network(), Now: sim.Now, Random: random(n), Trace: carp.Trace{Transition: fresh.changed}})
	if err != nil {
		t.Fatal(err)
	}
	if fresh.virtual, err = fresh.carp.Add(fresh.cfg); err != nil {
		t.Fatal(err)
	}
	sim.Drive(fresh.host, fresh.carp)
	return fresh
}

// The setting of the FreeBSD handbook, section "Common Address Redundancy Protocol
// (CARP)": hosta is the primary with advskew 0, hostb the backup with 100, both
// with vhid 1 and net.inet.carp.preempt=1. The primary reboots; its interface is
// taken down; it comes back.
func TestHandbook(t *testing.T) {
	c := carp.Config{VHID: 1, Preempt: true, Addresses: prefixes("192.0.2.50/24")}
	sim, a, b := pair(t, c)

	sim.Crash(a.host)
	_ = a.addrs.Remove(t.Context(), a.cfg.Addresses) // a kernel that boots has none
	sim.Run(5 * time.Second)
	wantStates(t, []*node{b}, carp.Master)
	wantOwner(t, sim.LAN, b)
	a = reboot(t, sim, a, 11)
	sim.Run(2 * time.Second)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	wantOwner(t, sim.LAN, a)

	_ = a.host.SetLink("eth0", false)
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, carp.Init, carp.Master)
	_ = a.host.SetLink("eth0", true)
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	wantOwner(t, sim.LAN, a)

	var reasons []carp.Reason
	for _, change := range b.history()[1:] {
		reasons = append(reasons, change.Reason)
	}
	want := []carp.Reason{carp.ReasonTimedOut, carp.ReasonMoreFrequent, carp.ReasonTimedOut, carp.ReasonMoreFrequent}
	if !slices.Equal(reasons, want) {
		t.Errorf("hostb changed for %v, want %v", reasons, want)
	}
}

// firewall is a host with a virtual host on each of two links.
type firewall struct {
	*node
	inside, outside *carp.VirtualHost
}

// newFirewalls makes two, of which the first is the better, and preempts.
func newFirewalls(t *testing.T, change func(*carp.HostConfig)) (*netiftest.Simulation, *firewall, *firewall) {
	t.Helper()
	sim := newSimulation()
	var list []*firewall
	for i := range 2 {
		host := sim.Host([]string{"a", "b"}[i], linkOf(i+1, "inside", "lan"), linkOf(i+1, "outside", "wan"))
		cfg := carp.HostConfig{Network: host.Network(), Now: sim.Now, Random: random(i)}
		change(&cfg)
		h, err := carp.NewHost(cfg)
		if err != nil {
			t.Fatal(err)
		}
		f := &firewall{node: &node{host: host, carp: h}}
		f.inside = f.add(t, "inside", uint8(100*i), five)
		f.outside = f.add(t, "outside", uint8(100*i), func(c *carp.Config) {
			c.Addresses = prefixes("198.51.100.1/24", "198.51.100.2/24", "198.51.100.3/24", "2001:db8:1::1/64", "2001:db8:1::2/64")
		})
		sim.Drive(host, h)
		list = append(list, f)
	}
	sim.Run(10 * time.Second)
	wantTogether(t, carp.Master, list[0])
	wantTogether(t, carp.Backup, list[1])
	return sim, list[0], list[1]
}

func (f *firewall) add(t *testing.T, link string, skew uint8, change func(*carp.Config)) *carp.VirtualHost {
	t.Helper()
	v, err := f.carp.Add(carp.VirtualHostConfig{Link: link, Config: config(timing(1, skew), preempt, change), Key: key(t, "mekmitasdigoat")})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// wantTogether checks that both virtual hosts of a firewall are in a state.
func wantTogether(t *testing.T, want carp.State, f *firewall) {
	t.Helper()
	if in, out := f.inside.Status(), f.outside.Status(); in.State != want || out.State != want {
		t.Errorf("%v: %v and %v, want %v: %v; %v", f.host, in.State, out.State, want, in.Last, out.Last)
	}
}

// Of a firewall that loses one link, all virtual hosts move to the other one
// (net.inet.carp.ifdown_demotion_factor), and back when the link is.
func TestFirewallsFailOverAsOne(t *testing.T) {
	sim, a, b := newFirewalls(t, func(*carp.HostConfig) {})
	_ = a.host.SetLink("outside", false)
	sim.Run(5 * time.Second)
	wantTogether(t, carp.Master, b)
	if s := a.inside.Status(); s.State != carp.Backup || s.Rank.AdvSkew != 240 || s.Demotion != 240 || s.Last.Reason != carp.ReasonMoreFrequent {
		t.Errorf("%+v", s)
	}
	if got := a.carp.Demotions(); !slices.Equal(got, []carp.Demotion{{Reason: "link down: outside", Weight: 240}}) {
		t.Errorf("demotions %v", got)
	}
	_ = a.host.SetLink("outside", true)
	sim.Run(5 * time.Second)
	wantTogether(t, carp.Master, a)
	wantTogether(t, carp.Backup, b)
	if got := a.carp.Demotions(); len(got) > 0 {
		t.Errorf("demotions %v", got)
	}
}

// Without it each is for itself.
func TestFirewallsWithoutLinkDownDemotion(t *testing.T) {
	sim, a, b := newFirewalls(t, func(c *carp.HostConfig) { c.LinkDownDemotion = -1 })
	_ = a.host.SetLink("outside", false)
	sim.Run(10 * time.Second)
	if a.inside.Status().State != carp.Master || b.outside.Status().State != carp.Master || len(a.carp.Demotions()) > 0 {
		t.Errorf("inside %v; demotions %v", a.inside.Status().Last, a.carp.Demotions())
	}
}

// A link that can be used in one family only is not down.
func TestOneFamilyKeepsALinkUp(t *testing.T) {
	sim := newSimulation()
	n := newNodeOf(t, sim.LAN, 1, func(h *carp.HostConfig) { h.Network = only{h.Network.(*netiftest.Network)} }, config(five))
	sim.Drive(n.host, n.carp)
	sim.Run(10 * time.Second)
	if s := n.virtual.Status(); s.State != carp.Master || s.Demotion != 0 || s.Paths[1].LinkError == nil {
		t.Errorf("%+v", s)
	}
}

// only is a network without IPv6.
type only struct{ *netiftest.Network }

func (n only) Links(f func(port int, up bool, addrs []netip.Addr, err error)) {
	n.Network.Links(func(port int, up bool, addrs []netip.Addr, err error) {
		if port == 1 {
			up, err = false, errors.New("no IPv6")
		}
		f(port, up, addrs, err)
	})
}

// A link that isn't there is down.
func TestAMissingLinkDemotes(t *testing.T) {
	sim, a, b := newFirewalls(t, func(*carp.HostConfig) {})
	if err := a.host.RemoveLink("outside"); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantTogether(t, carp.Master, b)
	if err := a.host.AddLink(linkOf(1, "outside", "wan")); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantTogether(t, carp.Master, a)
}

// A link that nobody takes part on any more doesn't matter.
func TestRemovalEndsTheDemotionForItsLink(t *testing.T) {
	sim, a, b := newFirewalls(t, func(*carp.HostConfig) {})
	_ = a.host.SetLink("outside", false)
	sim.Run(5 * time.Second)
	if err := a.outside.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	if len(a.carp.Demotions()) > 0 || a.inside.Status().State != carp.Master || b.inside.Status().State != carp.Backup {
		t.Errorf("demotions %v, %v", a.carp.Demotions(), a.inside.Status().Last)
	}
}

// A link that nothing is known of yet is not down.
func TestAnotherLinkDoesNotDemote(t *testing.T) {
	sim := newSimulation()
	host := sim.Host("a", linkOf(1, "inside", "lan"), linkOf(1, "outside", "wan"))
	h, err := carp.NewHost(carp.HostConfig{Network: host.Network(), Now: sim.Now})
	if err != nil {
		t.Fatal(err)
	}
	f := &firewall{node: &node{host: host, carp: h}}
	f.inside = f.add(t, "inside", 0, five)
	sim.Drive(host, h)
	sim.Run(10 * time.Second)
	said := listen(sim, f.node)
	f.outside = f.add(t, "outside", 0, func(c *carp.Config) { c.Addresses = prefixes("198.51.100.1/24") })
	if len(h.Demotions()) > 0 {
		t.Errorf("demotions %v", h.Demotions())
	}
	sim.Run(10 * time.Second)
	wantTogether(t, carp.Master, f)
	for _, line := range *said {
		if !strings.HasSuffix(line, "advbase 1 advskew 0") {
			t.Error(line)
		}
	}
}

// A host that is demoted by hand gives all roles to a peer that preempts, and its
// reasons add up (net.inet.carp.demotion).
func TestHostDemotion(t *testing.T) {
	sim, a, b := newFirewalls(t, func(*carp.HostConfig) {})
	a.carp.Demote("firewall state", 60)
	sim.Run(5 * time.Second)
	wantTogether(t, carp.Master, a)
	if err := a.inside.Demote("inside only", 60); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	if s := a.inside.Status(); s.State != carp.Backup || s.Demotion != 120 || !slices.Equal(s.Demotions, []carp.Demotion{{Reason: "inside only", Weight: 60}}) {
		t.Errorf("%+v", s)
	}
	if a.outside.Status().State != carp.Master {
		t.Errorf("%v", a.outside.Status().Last)
	}
	a.carp.Demote("firewall state", 200) // in the place of 60
	sim.Run(5 * time.Second)
	wantTogether(t, carp.Master, b)
	late := a.add(t, "inside", 0, func(c *carp.Config) { c.VHID, c.Addresses = 7, prefixes("192.0.2.7/24") })
	if got := late.Status().Demotion; got != 200 {
		t.Errorf("added later: demoted by %d", got)
	}
	a.carp.Undemote("firewall state")
	a.carp.Undemote("unknown")
	if err := a.inside.Undemote("inside only"); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantTogether(t, carp.Master, a)
	wantTogether(t, carp.Backup, b)
}
