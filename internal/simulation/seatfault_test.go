// SPDX-License-Identifier: Apache-2.0

package simulation

import "time"

// beginOnSeat has a node be asked for something in a group.
func (c *cluster) beginOnSeat(f *fault) (end func()) {
	for _, s := range c.groups[f.Group].seats {
		if s.st.node.index == f.Node && !s.st.node.frozen() {
			return s.ask(f)
		}
	}
	return nil
}

// ask asks the seat. What can't be asked of a program that is gone, is not.
func (s *seat) ask(f *fault) (end func()) {
	owner := s.want.Rank == 255 && !s.group.spec.Protocol.carp()
	switch value := uint8(f.Mask); {
	case f.Kind == rank && !owner:
		s.want.Rank = value
		s.group.lowest = min(s.group.lowest, value)
		s.apply()
		return nil
	case f.Kind == preempt:
		s.want.NoPreempt = f.Mask == 0
		s.apply()
		return nil
	case s.place == nil || s.st.life.stopping || owner:
		return nil
	case f.Kind == setPriority:
		if s.group.lowest = min(s.group.lowest, value); s.group.spec.Protocol.carp() {
			s.group.lowest = 1 // demotions add up
		}
		s.do(f, s.place.setPriority(value))
	case f.Kind == resign:
		s.do(f, s.place.resign(f.Size))
	case f.Kind == force:
		s.do(f, s.place.force(f.Size))
		s.c.after(f.Size-f.Size/64, func() { s.c.unsettle(f.Size / 32) }) // its rank changes, by its own clock
	case f.Kind == demote:
		s.group.lowest = 1
		s.do(f, s.place.demote(int(value)))
		return s.undemote
	}
	return nil
}

// undemote takes a demotion back, after the end of a freeze.
func (s *seat) undemote() {
	if left := s.st.node.thawAt.Sub(s.c.now()); left > 0 {
		s.c.after(left, s.undemote)
		return
	}
	if s.place != nil && !s.st.life.stopping && s.group.spec.Protocol.carp() {
		s.do(&fault{Kind: demote}, s.place.demote(0))
	}
}

// do notes that something was asked for.
func (s *seat) do(f *fault, err error) {
	if err != nil {
		s.c.violated(ruleRun, "node %d group %d: %s: %v", s.st.node.index, s.group.index, f.Kind, err)
	}
	s.c.disturb()
}

// reconfigure has all nodes of a group reconfigured, or those of a mask, one after the other within the
// fault's Size. Those that don't run find the configuration when they start.
func (c *cluster) reconfigure(f *fault) {
	g := c.groups[f.Group]
	for i, s := range g.seats {
		switch {
		case f.Kind == addresses:
			s.want.addresses = uint8(f.Mask)
		case f.Mask == 0 || f.Mask>>s.st.node.index&1 != 0:
			s.want.interval = f.For
			g.slowest = max(g.slowest, f.For)
		}
		c.after(f.Size*time.Duration(i)/time.Duration(len(g.seats)), func() { c.settle(s) })
	}
	c.unsettle(f.Size)
}

// settle applies what a seat is to be, after the end of a freeze.
func (c *cluster) settle(s *seat) {
	if left := s.st.node.thawAt.Sub(c.now()); left > 0 {
		c.after(left, func() { c.settle(s) })
		return
	}
	s.apply()
}
