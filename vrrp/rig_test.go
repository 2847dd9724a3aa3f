// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// rig is a host of a virtual LAN with several virtual routers on two links: "4" and
// "6" on eth0, one in each family, and "x" on eth1.
type rig struct {
	t       testing.TB
	host    *netiftest.Host
	router  *vrrp.Router
	virtual map[string]*vrrp.VirtualRouter
	addrs   map[string]*viptest.Memory
	groups  []*vrrp.Group

	mu  sync.Mutex
	log []string
}

// rigConfig is a virtual router of a rig.
func rigConfig(name string, priority uint8) vrrp.VirtualRouterConfig {
	cfg := vrrp.VirtualRouterConfig{Name: name, Link: "eth0"}
	cfg.Config = vrrp.Config{VRID: 51, Priority: priority, Announcements: vrrp.Announcements{Burst: 1, Delay: -1}}
	switch name {
	case "6":
		cfg.Addresses = prefixes("fe80::100/128")
	case "x":
		cfg.Link, cfg.Addresses = "eth1", prefixes("198.51.100.100/32")
	default:
		cfg.Addresses = prefixes("192.0.2.100/32")
	}
	return cfg
}

// newRig makes the nth host of a LAN, with virtual routers of these names.
func newRig(t testing.TB, lan *netiftest.LAN, n int, priority uint8, names ...string) *rig {
	t.Helper()
	r := &rig{t: t, virtual: map[string]*vrrp.VirtualRouter{}, addrs: map[string]*viptest.Memory{}}
	r.host = lan.Host(fmt.Sprint("host ", n),
		netiftest.Link{Addresses: prefixes(fmt.Sprintf("192.0.2.%d/24", n), fmt.Sprintf("fe80::%d/64", n))},
		netiftest.Link{Name: "eth1", Switch: "other", Addresses: prefixes(fmt.Sprintf("198.51.100.%d/24", n))})
	var err error
	r.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: r.host.Network(), Now: lan.Now,
		Trace: vrrp.Trace{Transition: r.changed, Moved: r.moved}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		r.add(rigConfig(name, priority))
	}
	return r
}

// add adds a virtual router.
func (r *rig) add(cfg vrrp.VirtualRouterConfig) *vrrp.VirtualRouter {
	r.t.Helper()
	r.addrs[cfg.Name] = &viptest.Memory{}
	cfg.Backend = r.addrs[cfg.Name]
	v, err := r.router.Add(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.virtual[cfg.Name] = v
	return v
}

// group makes a group of virtual routers of these names.
func (r *rig) group(cfg vrrp.GroupConfig, names ...string) *vrrp.Group {
	r.t.Helper()
	var members []*vrrp.VirtualRouter
	for _, name := range names {
		members = append(members, r.virtual[name])
	}
	cfg.Name = "g"
	g, err := r.router.NewGroup(cfg, members...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.groups = append(r.groups, g)
	return g
}

// groupOf returns the first group of a host.
func groupOf(t testing.TB, r *rig) *vrrp.Group {
	t.Helper()
	return r.groups[0]
}

// name returns the name of a virtual router. It is called on the loop.
func (r *rig) name(v *vrrp.VirtualRouter) string {
	for name, other := range r.virtual {
		if other == v {
			return name
		}
	}
	return "new"
}

func (r *rig) changed(v *vrrp.VirtualRouter, t vrrp.Transition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := fmt.Sprintf("%s %v %v", r.name(v), t.To, t.Reason)
	if t.By != "" {
		s += " by " + t.By
	}
	r.log = append(r.log, s)
}

func (r *rig) moved(g *vrrp.Group, t vrrp.GroupTransition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, fmt.Sprintf("%s %v", g.Name(), t.To))
}

// took returns what has happened since the last call, in alphabetical order but for
// the groups, which come where they do.
func (r *rig) took() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	log := r.log
	r.log = nil
	return log
}

// want checks what has happened since the last time.
func (r *rig) want(want ...string) {
	r.t.Helper()
	if got := r.took(); !slices.Equal(got, want) {
		r.t.Errorf("%v:\n got %q\nwant %q", r.host, got, want)
	}
}

// states returns the states of all virtual routers, "4 Active, 6 Active", and checks
// that the addresses are where they are to be.
func (r *rig) states() string {
	r.t.Helper()
	var list []string
	for name, v := range r.virtual {
		state := v.Status().State
		list = append(list, fmt.Sprint(name, " ", state))
		if held := len(r.addrs[name].Held()) > 0; held != (state == vrrp.Active) {
			r.t.Errorf("%v: %s is %v, and holds addresses: %v", r.host, name, state, held)
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// is checks the states.
func (r *rig) is(want string) {
	r.t.Helper()
	if got := r.states(); got != want {
		r.t.Errorf("%v: %s, want %s", r.host, got, want)
	}
}

func (r *rig) link(name string, up bool) {
	r.t.Helper()
	if err := r.host.SetLink(name, up); err != nil {
		r.t.Fatal(err)
	}
}

// duo is two hosts with the same virtual routers, of priorities 200 and 100, each of
// which has them in a group.
func duo(t testing.TB, names ...string) (sim *netiftest.Simulation, a, b *rig) {
	t.Helper()
	sim = netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
	a, b = newRig(t, sim.LAN, 1, 200, names...), newRig(t, sim.LAN, 2, 100, names...)
	for _, r := range []*rig{a, b} {
		r.group(vrrp.GroupConfig{}, names...)
		sim.Drive(r.host, r.router)
	}
	sim.Run(6 * time.Second)
	a.took()
	b.took()
	return sim, a, b
}

// owner returns the host that neighbours send to.
func owner(sim *netiftest.Simulation, addr string) *netiftest.Host {
	return sim.Owner(netip.MustParseAddr(addr))
}
