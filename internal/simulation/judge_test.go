// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"time"
)

// judge watches a cluster. After each step it says what will break a rule, and when
// that will be if nothing changes until then.
type judge struct {
	c     *cluster
	stale bool      // something has changed since it has looked
	quiet time.Time // nothing has happened since
	noise int       // faults that nothing can be expected under
	parts []islet
	next  limit
	found *violation
}

// limit is when a rule will be broken, the zero time for none.
type limit struct {
	at    time.Time
	rule  rule
	seat  *seat
	group *group
}

// mostGroups is how many groups a cluster can have.
const mostGroups = 3

// islet is a set of nodes that are connected, in one direction at least.
type islet struct {
	nodes     uint8
	healthy   bool // each hears each
	none, two [mostGroups]time.Time
}

// has reports whether a node belongs to it.
func (p *islet) has(node int) bool { return p.nodes&(1<<node) != 0 }

// expect notes a limit if it is the first.
func (j *judge) expect(at time.Time, r rule, s *seat, g *group) {
	if j.next.at.IsZero() || at.Before(j.next.at) {
		j.next = limit{at, r, s, g}
	}
}

// advance reports the rule that was broken before now, if one was.
func (j *judge) advance() {
	if j.next.at.IsZero() || !j.c.now().After(j.next.at) || j.found != nil {
		return
	}
	if l := j.next; l.seat != nil {
		s := l.seat
		j.c.violated(l.rule, "node %d group %d, Active %v since %v: has %v of %v", s.st.node.index, s.group.index, s.active, s.since.Sub(j.c.epoch),
			j.c.present(s), s.held())
	} else {
		j.c.violated(l.rule, "group %d: Active are nodes %v, and it has been quiet since %v", l.group.index, j.c.active(l.group), j.quiet.Sub(j.c.epoch))
	}
}

// look judges what has changed.
func (j *judge) look() {
	if !j.stale {
		return
	}
	j.stale, j.next = false, limit{}
	for _, st := range j.c.stations {
		for _, s := range st.seats {
			j.judgeSeat(s)
		}
	}
	for i := range j.parts {
		for _, g := range j.c.groups {
			j.judgeGroup(g, &j.parts[i])
		}
	}
}

// present lists the addresses of a seat that are there.
func (c *cluster) present(s *seat) []string {
	var list []string
	for _, p := range s.pool {
		if until := s.st.book.has(p, c.now().Add(-1)); !until.IsZero() {
			list = append(list, p.String())
		}
	}
	return list
}

// active lists the nodes of a group that are Active.
func (c *cluster) active(g *group) []int {
	list := []int{}
	for _, s := range g.seats {
		if s.active {
			list = append(list, s.st.node.index)
		}
	}
	return list
}

// disturb begins the quiet time anew, and finds out who hears whom.
func (c *cluster) disturb() {
	j := &c.judge
	j.quiet, j.stale = later(j.quiet, c.now()), true
	j.parts = j.parts[:0]
	seen := uint8(0)
	for i, n := range c.nodes {
		if seen&(1<<i) == 0 && n.present() {
			p := c.islet(i)
			seen |= p.nodes
			j.parts = append(j.parts, p)
		}
	}
}

// unsettle has the quiet time begin after a while.
func (c *cluster) unsettle(d time.Duration) {
	c.judge.quiet = later(c.judge.quiet, c.now().Add(d))
	c.disturb()
}

// islet returns the nodes that are connected with one.
func (c *cluster) islet(first int) islet {
	p := islet{nodes: 1 << first, healthy: true}
	for grown := true; grown; {
		grown = false
		for b, n := range c.nodes {
			if p.has(b) || !n.present() {
				continue
			}
			for a := range c.nodes {
				if p.has(a) && (c.hears(a, b) || c.hears(b, a)) {
					p.nodes |= 1 << b
					grown = true
					break
				}
			}
		}
	}
	for a := range c.nodes {
		for b := range c.nodes {
			p.healthy = p.healthy && (a == b || !p.has(a) || !p.has(b) || c.hears(a, b))
		}
	}
	return p
}

// hears reports whether packets get from a to b.
func (c *cluster) hears(a, b int) bool { return c.cuts[[2]int{a, b}] == 0 && c.nodes[b].deaf == 0 }
