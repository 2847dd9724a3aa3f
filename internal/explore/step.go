// SPDX-License-Identifier: Apache-2.0

package explore

import "time"

// kind is what a step of a Cluster is.
type kind uint8

const (
	deliver   kind = iota // a packet arrives
	deliverAt             // a packet arrives at the time of the next event, before that
	expire                // a timer is met; time passes until then
	finish                // address work is done
	finishAt              // the same at the time of the next event
	pause                 // half of the time until the next event passes
	drop                  // a packet is lost
	duplicate             // a packet will arrive once more
	start
	stop
	crash
	crashWill
	linkDown
	linkUp
	isolate
	rejoin
	freeze
	wake
	fail
	mend
	claim
	input
)

func newStep(k kind, a, b int) Step { return Step(k)<<16 | Step(a)<<8 | Step(b) }

func (s Step) split() (k kind, a, b int) { return kind(s >> 16), int(s >> 8 & 0xff), int(s & 0xff) }

// Steps appends what can happen.
func (c *Cluster) Steps(buf []Step) []Step {
	next, any := c.next()
	due := any && !next.After(c.now)
	for k := range c.flights {
		if c.deliverable(k) {
			buf = append(buf, newStep(deliver, k, 0))
			if at := c.arrival(k); !due && any && (at.Equal(next) || c.rules.Races) {
				buf = append(buf, newStep(deliverAt, k, 0))
			}
		}
	}
	for i := range c.nodes {
		n := &c.nodes[i]
		if len(n.jobs) > 0 && !n.frozen {
			buf = append(buf, newStep(finish, i, 0))
			if !due && n.jobs[0].begun.Add(c.rules.Work).Equal(next) {
				buf = append(buf, newStep(finishAt, i, 0))
			}
		}
		if at, ok := c.deadline(i); ok && !at.After(later(next, c.now)) && !c.overdue(i) {
			buf = append(buf, newStep(expire, i, 0))
		}
		buf = c.turns(buf, i)
	}
	if c.rules.Faults == AnyNumber || c.spent < c.rules.Faults {
		buf = c.faults(buf, any && !due && !c.paused)
	}
	return buf
}

// turns appends what isn't a fault, but the end of one.
func (c *Cluster) turns(buf []Step, i int) []Step {
	n := &c.nodes[i]
	for _, t := range []struct {
		can  bool
		kind kind
	}{
		{!n.frozen && !n.linkDown && !n.status.Running, start},
		{n.linkDown, linkUp}, {n.isolated, rejoin}, {n.frozen, wake}, {n.failing, mend},
	} {
		if t.can {
			buf = append(buf, newStep(t.kind, i, 0))
		}
	}
	return buf
}

// faults appends the faults that can happen.
func (c *Cluster) faults(buf []Step, canPause bool) []Step {
	has := func(f Fault) bool { return c.rules.Kinds&f != 0 }
	for k := range c.flights {
		if has(FaultDrop) {
			buf = append(buf, newStep(drop, k, 0))
		}
		if has(FaultDuplicate) {
			buf = append(buf, newStep(duplicate, k, 0))
		}
	}
	if canPause && has(FaultPause) {
		buf = append(buf, newStep(pause, 0, 0))
	}
	for i := range c.nodes {
		n := &c.nodes[i]
		if !n.on || n.frozen {
			continue
		}
		s := &n.status
		for _, f := range []struct {
			can  bool
			kind kind
		}{
			{has(FaultStop) && s.Running, stop}, {has(FaultCrash), crash}, {has(FaultWill) && s.Active, crashWill},
			{has(FaultLink) && !n.linkDown, linkDown}, {has(FaultIsolate) && !n.isolated, isolate}, {has(FaultFreeze), freeze},
			{has(FaultFail) && !n.failing, fail}, {has(FaultClaim) && (s.Active || s.Releasing), claim},
		} {
			if f.can {
				buf = append(buf, newStep(f.kind, i, 0))
			}
		}
		for j := range c.rules.Inputs {
			buf = append(buf, newStep(input, i, j))
		}
	}
	return buf
}

// next returns the time of the next event, if there is any.
func (c *Cluster) next() (at time.Time, any bool) {
	take := func(t time.Time) {
		if !any || t.Before(at) {
			at, any = t, true
		}
	}
	for i := range c.nodes {
		n := &c.nodes[i]
		if t, ok := c.deadline(i); ok {
			take(t)
		}
		if len(n.jobs) > 0 && !n.frozen {
			take(n.jobs[0].begun.Add(c.rules.Work))
		}
	}
	for k := range c.flights {
		if !c.nodes[c.flights[k].to].frozen {
			take(c.arrival(k))
		}
	}
	return at, any
}

// deadline returns that of a node which can meet it.
func (c *Cluster) deadline(i int) (time.Time, bool) {
	n := &c.nodes[i]
	return n.deadline, !n.deadline.IsZero() && !n.frozen
}

// arrival returns when a packet arrives at the latest.
func (c *Cluster) arrival(k int) time.Time { return c.flights[k].sent.Add(c.rules.Delay) }

// overdue reports whether packets for a node have been waiting, because it was
// frozen: they are read before it does anything else.
func (c *Cluster) overdue(i int) bool {
	for k, f := range c.flights {
		if int(f.to) == i && c.arrival(k).Before(c.now) {
			return true
		}
	}
	return false
}

// deliverable reports whether a packet can be the next to arrive at its node.
func (c *Cluster) deliverable(k int) bool {
	f := &c.flights[k]
	if c.nodes[f.to].frozen {
		return false
	}
	strict := c.overdue(int(f.to))
	for _, earlier := range c.flights[:k] {
		if earlier.to == f.to && (strict || !c.rules.Reorder && earlier.from == f.from) {
			return false
		}
	}
	return true
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
