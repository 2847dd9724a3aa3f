// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// rig is a host of a virtual LAN with virtual hosts "a" on eth0, of both families, and
// "b" on eth1, in a group.
type rig struct {
	t       testing.TB
	host    *netiftest.Host
	carp    *carp.Host
	virtual map[string]*carp.VirtualHost
	addrs   map[string]*viptest.Memory
	group   *carp.Group

	mu  sync.Mutex
	log []string
}

// rigConfig is a virtual host of a rig, which preempts.
func rigConfig(name string, advSkew uint8) carp.VirtualHostConfig {
	cfg := carp.VirtualHostConfig{Name: name, Link: "eth0"}
	cfg.Config = carp.Config{VHID: 42, AdvSkew: advSkew, Preempt: true, Addresses: prefixes("192.0.2.100/32", "2001:db8::100/128"),
		Announcements: carp.Announcements{Burst: 1, Delay: -1}}
	if name == "b" {
		cfg.Link, cfg.Addresses = "eth1", prefixes("198.51.100.100/32")
	}
	return cfg
}

// newRig makes the nth host of a LAN.
func newRig(t testing.TB, lan *netiftest.LAN, n int, advSkew uint8, g carp.GroupConfig) *rig {
	t.Helper()
	r := &rig{t: t, virtual: map[string]*carp.VirtualHost{}, addrs: map[string]*viptest.Memory{}}
	r.host = lan.Host(fmt.Sprint("host ", n),
		netiftest.Link{Addresses: prefixes(fmt.Sprintf("192.0.2.%d/24", n), fmt.Sprintf("fe80::%d/64", n))},
		netiftest.Link{Name: "eth1", Switch: "other", Addresses: prefixes(fmt.Sprintf("198.51.100.%d/24", n))})

	var err error
	r.carp, err = carp.NewHost(carp.HostConfig{Network: r.host.Network(), Now: lan.Now, LinkDownDemotion: -1,
		Random: random(n), Trace: carp.Trace{Transition: r.changed, Moved: r.moved}})
	if err != nil {
		t.Fatal(err)
	}
	var members []*carp.VirtualHost
	for _, name := range []string{"a", "b"} {
		cfg := rigConfig(name, advSkew)
		cfg.Preempt = !g.Leave
		r.addrs[name] = &viptest.Memory{}
		cfg.Backend = r.addrs[name]
		if r.virtual[name], err = r.carp.Add(cfg); err != nil {
			t.Fatal(err)
		}
		members = append(members, r.virtual[name])
	}
	g.Name = "g"
	if r.group, err = r.carp.NewGroup(g, members...); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) changed(v *carp.VirtualHost, t carp.Transition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := "a"
	if r.virtual["b"] == v {
		name = "b"
	}
	s := fmt.Sprintf("%s %v %v", name, t.To, t.Reason)
	if t.By != "" {
		s += " by " + t.By
	}
	r.log = append(r.log, s)
}

func (r *rig) moved(g *carp.Group, t carp.GroupTransition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, fmt.Sprint(g.Name(), " ", t.To))
}

// want checks what has happened since the last time.
func (r *rig) want(want ...string) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.log, want) {
		r.t.Errorf("%v:\n got %q\nwant %q", r.host, r.log, want)
	}
	r.log = nil
}

// is checks the states, "a Master, b Master", and that the addresses are where they are
// to be.
func (r *rig) is(want string) {
	r.t.Helper()
	var list []string
	for _, name := range []string{"a", "b"} {
		state := r.virtual[name].Status().State
		list = append(list, fmt.Sprint(name, " ", state))
		if held := len(r.addrs[name].Held()) > 0; held != (state == carp.Master) {
			r.t.Errorf("%v: %s is %v, and holds addresses: %v", r.host, name, state, held)
		}
	}
	if got := strings.Join(list, ", "); got != want {
		r.t.Errorf("%v: %s, want %s", r.host, got, want)
	}
}

func (r *rig) link(name string, up bool) {
	r.t.Helper()
	if err := r.host.SetLink(name, up); err != nil {
		r.t.Fatal(err)
	}
}

// duo is two hosts of advskew 0 and 100 with the same group.
func duo(t testing.TB, cfg carp.GroupConfig) (sim *netiftest.Simulation, first, second *rig) {
	t.Helper()
	sim = netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
	first, second = newRig(t, sim.LAN, 1, 0, cfg), newRig(t, sim.LAN, 2, 100, cfg)
	for _, r := range []*rig{first, second} {
		sim.Drive(r.host, r.carp)
	}
	sim.Run(6 * time.Second)
	first.is("a Master, b Master")
	second.is("a Backup, b Backup")
	first.log, second.log = nil, nil
	return sim, first, second
}
