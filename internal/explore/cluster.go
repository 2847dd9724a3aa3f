// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// Cluster is the [World] of a few nodes that run an election. What it holds is
// shared by those that come of it as far as it is the same.
type Cluster struct {
	rules      *Rules
	now        time.Time
	nodes      []node
	flights    []flight  // in the order in which they were sent
	touched    uint      // nodes whose machine is this cluster's own
	spent      int       // faults
	paused     bool      // since the last event
	twoSince   time.Time // two nodes that hear each other are Active; zero: not so
	quietSince time.Time // the last fault
	told       int       // 1 + the node that announced the addresses last
	record     *record   // nil: not wanted
	pool       *pool
}

// pool has clusters that are not needed any more.
type pool struct {
	free    []*Cluster
	settled hashes // from which a cluster is known to settle
	passed  []hash // on the way to that
	buf     []byte
}

// node is a machine and what surrounds it.
type node struct {
	machine  Member
	status   Status    // the machine's
	deadline time.Time // the machine's; zero: none
	on       bool      // there is a program
	frozen   bool
	linkDown bool
	isolated bool
	failing  bool
	held     bool      // the addresses are there
	tells    bool      // announces them as soon as they are
	leftAt   time.Time // when it was Active last
	turn     time.Time // when the machine had its last input
	jobs     []job
}

// flight is a packet on its way to one node.
type flight struct {
	from, to uint8
	claim    bool // it is the announcement of the addresses
	payload  uint64
	sent     time.Time
}

// job is address work under way.
type job struct {
	add   bool
	begun time.Time
}

// NewCluster returns a cluster whose nodes are not started.
func NewCluster(rules *Rules, now time.Time, machines ...Member) *Cluster {
	c := &Cluster{rules: rules, now: now, quietSince: now, pool: &pool{settled: newHashes()}}
	for _, m := range machines {
		c.nodes = append(c.nodes, node{machine: m})
		c.nodes[len(c.nodes)-1].ask()
	}
	return c
}

// Now returns the cluster's time.
func (c *Cluster) Now() time.Time { return c.now }

// Machine returns that of a node. It must not be changed.
func (c *Cluster) Machine(i int) Member { return c.nodes[i].machine }

// Boot starts all nodes at once, and lets them settle.
func (c *Cluster) Boot() (*Cluster, error) {
	n := c.copy()
	for i := range n.nodes {
		if err := n.start(i); err != nil {
			return n, err
		}
	}
	err := n.settle()
	n.spent, n.paused = 0, false
	return n, err
}

// Apply returns the cluster after a step.
func (c *Cluster) Apply(s Step) (World, error) {
	n := c.copy()
	err := n.do(s)
	n.watch()
	return n, err
}

// copy returns a cluster in which steps can be taken without changing c.
func (c *Cluster) copy() *Cluster {
	n := c.pool.get()
	nodes, flights := n.nodes, n.flights
	*n = *c
	n.nodes = append(nodes[:0], c.nodes...)
	n.flights = append(flights[:0], c.flights...)
	n.touched = 0
	return n
}

// Free has the memory used again: that of the machines too which are its own, for
// no other cluster has come of this one.
func (c *Cluster) Free() {
	for i := range c.nodes {
		if c.touched&(1<<i) != 0 {
			c.nodes[i].machine.Free()
		}
	}
	c.pool.free = append(c.pool.free, c)
}

// get returns a cluster whose content is of no meaning.
func (p *pool) get() *Cluster {
	last := len(p.free) - 1
	if last < 0 {
		return &Cluster{}
	}
	c := p.free[last]
	p.free = p.free[:last]
	return c
}

// own returns a node whose machine may be changed.
func (c *Cluster) own(i int) *node {
	n := &c.nodes[i]
	if c.touched&(1<<i) == 0 {
		c.touched |= 1 << i
		n.machine = n.machine.Clone()
	}
	return n
}

// ask takes down how the machine stands.
func (n *node) ask() {
	n.status = n.machine.Status()
	n.deadline, _ = n.machine.Deadline()
}

// event gives a machine an input, as of a time that isn't later than now, and has
// done what it wants done.
func (c *Cluster) event(i int, at time.Time, e Event) error {
	n := c.own(i)
	c.record.event(c, i, at, e)
	active := n.status.Active
	list, err := n.machine.Do(at, e)
	if err != nil {
		return fmt.Errorf("%s: %w", c.rules.Names[i], err)
	}
	n.turn = at
	n.ask()
	if active && !n.status.Active {
		n.leftAt, n.tells = at, false
	}
	jobs := 0
	for _, a := range list {
		switch a.Kind {
		case Send:
			c.send(i, flight{payload: a.Payload})
		case Announce:
			n.tells = true
		case Add, Remove:
			n.jobs = append(slices.Clip(n.jobs), job{a.Kind == Add, c.now})
			jobs++
		}
	}
	for ; jobs > 0 && c.rules.Work == 0; jobs-- {
		if err := c.finish(i); err != nil {
			return err
		}
	}
	c.tell(i)
	return nil
}

// tell announces the addresses of a node that is to and has them.
func (c *Cluster) tell(i int) {
	n := c.own(i)
	if s := &n.status; !n.tells || len(n.jobs) > 0 || !s.Active || !n.held && !s.Fixed {
		return
	}
	n.tells = false
	c.told = i + 1
	if c.rules.Claims {
		c.send(i, flight{claim: true})
	}
}

// finish ends the first job of a node.
func (c *Cluster) finish(i int) error {
	n := c.own(i)
	if len(n.jobs) == 0 { // an outcome had others finished
		return nil
	}
	add := n.jobs[0].add
	n.jobs = n.jobs[1:]
	switch {
	case !add:
		n.held = false
		return c.event(i, c.now, Event{Kind: Removed})
	case n.failing:
		return c.event(i, c.now, Event{Kind: NotAdded})
	}
	n.held = true
	return c.event(i, c.now, Event{Kind: Added})
}

// send puts a packet on its way to all who can hear it.
func (c *Cluster) send(from int, f flight) {
	f.from, f.sent = uint8(from), c.now
	for to := range c.nodes {
		if s := &c.nodes[to].status; to != from && c.hears(from, to) && (s.Running || s.Releasing) {
			f.to = uint8(to)
			c.flights = append(c.flights, f)
		}
	}
}

// hears reports whether packets from one node reach another.
func (c *Cluster) hears(from, to int) bool {
	a, b := &c.nodes[from], &c.nodes[to]
	return b.on && !a.linkDown && !b.linkDown && !a.isolated && !b.isolated
}

// Append writes the cluster down.
func (c *Cluster) Append(buf []byte) []byte {
	for i := range c.nodes {
		buf = c.nodes[i].append(buf, c.now)
	}
	for to := range c.nodes { // in which order packets to two nodes were sent doesn't matter
		for from := range c.nodes {
			for _, f := range c.flights {
				if int(f.to) == to && int(f.from) == from {
					buf = binary.LittleEndian.AppendUint64(append(buf, f.to, f.from, bits(f.claim)), f.payload)
					buf = age(buf, f.sent, c.now)
				}
			}
		}
	}
	if buf = append(buf, bits(c.paused, !c.twoSince.IsZero())); !c.twoSince.IsZero() {
		buf = age(buf, c.twoSince, c.now)
	}
	if c.rules.Faults != AnyNumber {
		buf = append(buf, byte(c.spent))
	}
	if c.rules.Told {
		buf = append(buf, byte(c.told))
	}
	quiet := c.quietSince
	if long := c.now.Add(-c.rules.Settle); quiet.Before(long) {
		quiet = long
	}
	return age(buf, quiet, c.now)
}

// append writes a node down.
func (n *node) append(buf []byte, now time.Time) []byte {
	buf = append(buf, bits(n.on, n.frozen, n.linkDown, n.isolated, n.failing, n.held, n.tells), byte(len(n.jobs)))
	if n.held && !n.status.Active {
		buf = age(buf, n.leftAt, now)
	}
	if n.frozen {
		buf = age(buf, n.turn, now)
	}
	for _, j := range n.jobs {
		buf = age(append(buf, bits(j.add)), j.begun, now)
	}
	return n.machine.Append(buf, now)
}

func age(buf []byte, since, now time.Time) []byte {
	return binary.LittleEndian.AppendUint64(buf, uint64(now.Sub(since)))
}

func bits(list ...bool) (b byte) {
	for i, set := range list {
		if set {
			b |= 1 << i
		}
	}
	return b
}
