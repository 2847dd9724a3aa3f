// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// watch notes since when two are Active.
func (c *Cluster) watch() {
	two := false
	for _, p := range c.parts() {
		two = two || p.active > 1
	}
	switch {
	case !two:
		c.twoSince = time.Time{}
	case c.twoSince.IsZero():
		c.twoSince = c.now
	}
}

// part is some nodes that hear each other, and none besides.
type part struct {
	running, active, failing int
	told                     bool // one that is Active has announced the addresses last
}

// mostNodes is how many nodes a cluster can have.
const mostNodes = 5

// parts returns the parts: nodes that are cut off are one each, the others are
// one. Those that are frozen, or whose link is down, are in none.
func (c *Cluster) parts() (list [mostNodes + 1]part) {
	for i := range c.nodes {
		n := &c.nodes[i]
		s := &n.status
		if n.frozen || n.linkDown || !s.Running {
			continue
		}
		p := &list[len(c.nodes)]
		if n.isolated {
			p = &list[i]
		}
		p.running++
		if s.Active {
			p.active++
			p.told = p.told || c.told == i+1
		}
		if n.failing {
			p.failing++
		}
	}
	return list
}

// Check returns what is wrong with the state.
func (c *Cluster) Check() error {
	for i := range c.nodes {
		if n := &c.nodes[i]; c.touched&(1<<i) != 0 && !n.frozen {
			if err := n.machine.Probe(c.now); err != nil {
				return fmt.Errorf("%s: %w", c.rules.Names[i], err)
			}
		}
	}
	return c.check()
}

// check is Check without the machines.
func (c *Cluster) check() error {
	for i := range c.nodes {
		if err := c.checkAddresses(&c.nodes[i]); err != nil {
			return fmt.Errorf("%s: %w", c.rules.Names[i], err)
		}
	}
	return c.checkSettled()
}

// checkAddresses wants addresses where the role is, and nowhere else for longer
// than a hand-over takes.
func (c *Cluster) checkAddresses(n *node) error {
	s := &n.status
	held := n.held
	for _, j := range n.jobs {
		held = j.add // when all that was asked for is done
	}
	late := !n.deadline.IsZero() && !n.deadline.After(c.now) // it has yet to do what is due
	left := c.now.Sub(n.leftAt)
	switch {
	case !n.on || n.frozen || s.Fixed:
	case s.Active && !held:
		return errors.New("is Active and doesn't hold the addresses, or not for long")
	case s.Active || !held || late:
	case !s.Releasing:
		return errors.New("holds the addresses, and is neither Active nor to remove them")
	case left > c.rules.HandOver:
		return fmt.Errorf("holds the addresses %v after it was Active, longer than %v", left, c.rules.HandOver)
	}
	return nil
}

// settledAt returns when everything must be in order, if nothing comes in
// between.
func (c *Cluster) settledAt() time.Time {
	at := c.quietSince
	for i := range c.nodes {
		at = later(at, c.nodes[i].status.Excused)
	}
	return at.Add(c.rules.Settle)
}

// checkSettled wants one node Active among those that hear each other. More than
// one is for advance to judge: a better one may take over at any time. Where one
// can't add addresses, it is Active or not, time and again.
func (c *Cluster) checkSettled() error {
	if c.now.Before(c.settledAt()) {
		return nil
	}
	for _, p := range c.parts() {
		if p.running > 0 && p.failing == 0 && p.active == 0 {
			return fmt.Errorf("%v after the last fault none of %d that hear each other is Active", c.now.Sub(c.quietSince), p.running)
		}
		if c.rules.Told && !c.split() && p.failing == 0 && p.active == 1 && !p.told {
			return fmt.Errorf("%v after the last fault the neighbours believe another one than the one that is Active", c.now.Sub(c.quietSince))
		}
	}
	return nil
}

// split reports whether a node is cut off.
func (c *Cluster) split() bool {
	return slices.ContainsFunc(c.nodes, func(n node) bool { return n.isolated })
}

// Final lets the cluster settle: what lasts ends, and packets arrive at once.
func (c *Cluster) Final() error {
	n, err := c.rest()
	n.Free()
	return err
}

// rest is Final, and returns the cluster as it is then.
func (c *Cluster) rest() (*Cluster, error) {
	n := c.copy()
	n.spent, n.paused = 0, false
	for i := range n.nodes {
		for _, e := range []struct {
			is   bool
			kind kind
		}{{n.nodes[i].frozen, wake}, {n.nodes[i].failing, mend}} {
			if !e.is {
				continue
			}
			if err := n.end(e.kind, i); err != nil {
				return n, err
			}
		}
	}
	return n, n.settle()
}

// settle goes on without faults until everything must be in order.
func (c *Cluster) settle() error {
	p := c.pool
	p.passed = p.passed[:0]
	for c.watch(); ; c.watch() {
		if err := c.check(); err != nil {
			return err
		}
		if !c.now.Before(c.settledAt()) && c.twoSince.IsZero() || c.known() {
			p.settled.add(p.passed...)
			return nil
		}
		if err := c.onward(); err != nil {
			return err
		}
	}
}

// known reports whether the cluster is known to settle from here, because another
// has come by on its way and did.
func (c *Cluster) known() bool {
	if len(c.flights) > 0 || c.record != nil {
		return false
	}
	p := c.pool
	p.buf = c.Append(p.buf[:0])
	h := p.settled.hash(p.buf)
	if p.settled.has(h) {
		return true
	}
	p.passed = append(p.passed, h)
	return false
}

// onward does what comes next if packets and address work take no time.
func (c *Cluster) onward() error {
	for k := range c.flights {
		if c.deliverable(k) {
			return c.deliver(k)
		}
	}
	for i := range c.nodes {
		if len(c.nodes[i].jobs) > 0 {
			return c.finish(i)
		}
	}
	end := c.settledAt()
	next, _ := c.next()
	for i := range c.nodes {
		if at, ok := c.deadline(i); ok && at.Equal(next) && (c.now.Equal(end) || !at.After(end)) {
			return c.do(newStep(expire, i, 0))
		}
	}
	return c.advance(end)
}
