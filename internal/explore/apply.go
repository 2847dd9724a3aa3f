// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"slices"
	"time"
)

// do takes a step.
func (c *Cluster) do(s Step) error {
	k, a, b := s.split()
	if k != pause {
		c.paused = false
	}
	switch k {
	case deliver:
		return c.deliver(a)
	case deliverAt, finishAt, pause:
		return c.pass(k, a)
	case expire:
		at, _ := c.deadline(a)
		if err := c.advance(at); err != nil {
			return err
		}
		return c.event(a, c.now, Event{Kind: Expire})
	case finish:
		return c.finish(a)
	case start:
		return c.start(a)
	case rejoin, wake, mend, linkUp:
		return c.end(k, a)
	}
	c.spent++
	return c.fault(k, a, b)
}

// pass has time pass to the next event, or half of it, and something happen
// then.
func (c *Cluster) pass(k kind, a int) error {
	next, _ := c.next()
	if k == pause {
		c.paused = true
		c.spent++
		next = c.now.Add(next.Sub(c.now) / 2)
	}
	if err := c.advance(next); err != nil {
		return err
	}
	switch k {
	case deliverAt:
		return c.deliver(a)
	case finishAt:
		return c.finish(a)
	}
	return nil
}

// advance moves the clock, but not backwards.
func (c *Cluster) advance(to time.Time) error {
	c.now = later(c.now, to)
	if d := c.now.Sub(c.twoSince); !c.twoSince.IsZero() && d > c.rules.TwoActive {
		return fmt.Errorf("two that hear each other have been Active for %v, more than %v", d, c.rules.TwoActive)
	}
	return nil
}

// deliver has a packet arrive. One that has been waiting arrived when it was due.
func (c *Cluster) deliver(k int) error {
	f := c.flights[k]
	c.flights = slices.Delete(c.flights, k, k+1)
	e := Event{Kind: Receive, From: int(f.from), Payload: f.payload}
	if f.claim {
		e = Event{Kind: Claimed, From: int(f.from)}
	}
	at := c.now
	if due := f.sent.Add(c.rules.Delay); due.Before(at) {
		at = later(due, c.nodes[f.to].turn)
	}
	return c.event(int(f.to), at, e)
}

// start starts a node that doesn't run.
func (c *Cluster) start(i int) error {
	c.own(i).on = true
	c.disturb()
	return c.event(i, c.now, Event{Kind: Start})
}

// disturb notes that what must hold in undisturbed times can't be expected.
func (c *Cluster) disturb() { c.quietSince, c.twoSince = c.now, time.Time{} }

// end ends a fault that lasts.
func (c *Cluster) end(k kind, i int) error {
	n := c.own(i)
	c.disturb()
	switch k {
	case rejoin:
		n.isolated = false
		c.record.comment(c, "%s is connected again", c.rules.Names[i])
	case mend:
		n.failing = false
		c.record.comment(c, "%s can add addresses again", c.rules.Names[i])
	case linkUp:
		n.linkDown = false
		if !n.on {
			return nil
		}
		return c.event(i, c.now, Event{Kind: LinkUp})
	case wake:
		n.frozen = false
		if n.deadline.IsZero() || c.now.Sub(n.deadline) <= n.status.Patience {
			c.record.comment(c, "%s goes on", c.rules.Names[i])
			return nil
		}
		c.lose(func(f flight) bool { return int(f.to) == i })
		return c.event(i, c.now, Event{Kind: Slept})
	}
	return nil
}

// lose takes packets away.
func (c *Cluster) lose(which func(flight) bool) { c.flights = slices.DeleteFunc(c.flights, which) }

// fault has one happen.
func (c *Cluster) fault(k kind, a, b int) error {
	c.disturb()
	switch k {
	case drop:
		c.record.comment(c, "a packet from %s to %s is lost", c.rules.Names[c.flights[a].from], c.rules.Names[c.flights[a].to])
		c.flights = slices.Delete(c.flights, a, a+1)
		return nil
	case duplicate:
		c.record.comment(c, "a packet from %s to %s will arrive twice", c.rules.Names[c.flights[a].from], c.rules.Names[c.flights[a].to])
		c.flights = slices.Insert(c.flights, a+1, c.flights[a])
		return nil
	case crash, crashWill:
		return c.crash(k, a)
	case stop:
		return c.event(a, c.now, Event{Kind: Stop})
	case claim:
		return c.event(a, c.now, Event{Kind: Claimed, From: a})
	case input:
		return c.event(a, c.now, Event{Kind: Input, Payload: uint64(b)})
	}
	n := c.own(a)
	switch k {
	case linkDown:
		n.linkDown = true
		return c.event(a, c.now, Event{Kind: LinkDown})
	case isolate:
		n.isolated = true
		c.record.comment(c, "%s is cut off", c.rules.Names[a])
	case freeze:
		n.frozen = true
		c.record.comment(c, "%s stands still", c.rules.Names[a])
	case fail:
		n.failing = true
		c.record.comment(c, "%s can't add addresses", c.rules.Names[a])
	}
	return nil
}

// crash ends a program, with its addresses and what it hasn't read.
func (c *Cluster) crash(k kind, i int) error {
	e := Event{Kind: Crash}
	if k == crashWill {
		e.Kind = CrashWill
	}
	err := c.event(i, c.now, e)
	n := c.own(i)
	n.on, n.held, n.tells, n.jobs = false, false, false, nil
	c.lose(func(f flight) bool { return int(f.to) == i })
	return err
}
