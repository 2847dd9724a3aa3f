// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// cluster runs a scenario.
type cluster struct {
	scenario *scenario
	sim      *netiftest.Simulation
	random   *rand.Rand
	epoch    time.Time
	make     func(l *life) program
	judge    judge

	nodes    []*node
	stations []*station
	groups   []*group
	cuts     map[[2]int]int // faults that cut one node off from another
	losses   []float64      // of the faults that lose packets
	delays   []time.Duration
	doubles  []float64
	heard    []netiftest.Packet // the last ones, to forge others
	told     *[]string          // the transcript, nil for none
}

// newCluster makes the cluster of a scenario, whose programs are made by maker.
func newCluster(s *scenario, maker func(l *life) program) *cluster {
	c := &cluster{scenario: s, make: maker, epoch: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), cuts: map[[2]int]int{}}
	c.random = rand.New(rand.NewPCG(s.Seed, 1))
	c.sim = netiftest.NewSimulation(c.lanConfig(), c.epoch)
	c.judge.c = c
	for i, spec := range s.Nodes {
		c.nodes = append(c.nodes, &node{c: c, index: i, clock: clock{epoch: c.epoch, drift: spec.Drift}})
	}
	for i := range s.Groups {
		c.addGroup(i, &s.Groups[i])
	}
	c.record()
	return c
}

// addGroup seats the members of a group.
func (c *cluster) addGroup(i int, spec *groupSpec) {
	g := &group{index: i, spec: spec, slowest: spec.Interval, lowest: 255}
	c.groups = append(c.groups, g)
	for n, m := range spec.Members {
		if m.Rank == 0 {
			continue
		}
		st := c.nodes[n].station(spec.Protocol.carp())
		s := &seat{c: c, st: st, group: g, pool: pool(i, spec.Protocol), want: settings{m, spec.Interval, spec.Addresses}}
		g.lowest = min(g.lowest, m.Rank)
		g.seats, st.seats = append(g.seats, s), append(st.seats, s)
	}
}

// station returns the node's for a protocol.
func (n *node) station(carp bool) *station {
	for _, st := range n.stations {
		if st.carp == carp {
			return st
		}
	}
	st := &station{c: n.c, node: n, carp: carp, will: true}
	st.host = n.c.sim.Host(fmt.Sprint("n", n.index), netiftest.Link{Name: link, Addresses: st.addrs()})
	n.stations, n.c.stations = append(n.stations, st), append(n.c.stations, st)
	return st
}

// pool returns the addresses that a group can have.
func pool(group int, p protocol) []netip.Prefix {
	v4 := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(100 + 10*group + i)}), 24)
	}
	v6 := func(i int) netip.Prefix {
		a := [16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 14: byte(group), 15: byte(i)}
		if i == 0 {
			a = [16]byte{0: 0xfe, 1: 0x80, 13: 1, 14: byte(group), 15: 1}
		}
		return netip.PrefixFrom(netip.AddrFrom16(a), 64)
	}
	switch p {
	case vrrp3IPv6:
		return []netip.Prefix{v6(0), v6(1), v6(2), v6(3)}
	case carp46:
		return []netip.Prefix{v4(0), v6(1), v4(2), v6(3)}
	}
	return []netip.Prefix{v4(0), v4(1), v4(2), v4(3)}
}

// now returns the true time.
func (c *cluster) now() time.Time { return c.sim.Now() }

// after has f called later, if the run isn't over then.
func (c *cluster) after(d time.Duration, f func()) {
	c.sim.After(d, func() {
		if c.judge.advance(); !c.over() {
			f()
			c.judge.look()
		}
	})
}

// over reports whether a rule was broken.
func (c *cluster) over() bool { return c.judge.found != nil }

// run lets everything happen, and returns what rule is broken, if one is.
func (c *cluster) run() *violation {
	for i, n := range c.nodes {
		c.after(c.scenario.Nodes[i].Start, func() { n.start() })
	}
	for i := range c.scenario.Faults {
		f := &c.scenario.Faults[i]
		c.after(f.At, func() { c.happen(f) })
	}
	c.sim.Run(c.scenario.Length)
	c.judge.advance()
	for _, st := range c.stations {
		if st.life != nil {
			st.life.ended = true
			st.life.abandon()
		}
	}
	return c.judge.found
}

// start starts what doesn't run on the node, not before the end of a freeze.
func (n *node) start() {
	if n.frozen() {
		n.c.after(n.thawAt.Sub(n.c.now()), n.start)
		return
	}
	for _, st := range n.stations {
		if st.life == nil {
			st.start()
		}
	}
	n.c.disturb()
}

// note takes down what happens, if a transcript is wanted.
func (c *cluster) note(node int, format string, args ...any) {
	if c.told == nil {
		return
	}
	who := "           "
	if node >= 0 {
		who = fmt.Sprintf("  node %d   ", node)
	}
	*c.told = append(*c.told, fmt.Sprintf("%12v %s %s", c.now().Sub(c.epoch), who, fmt.Sprintf(format, args...)))
}
