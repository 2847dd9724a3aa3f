// SPDX-License-Identifier: Apache-2.0

package simulation

import "time"

// begin has a fault of the node begin.
func (n *node) begin(f *fault) (end func()) {
	switch f.Kind {
	case crash, crashWill, stop:
		return n.leave(f.Kind)
	case freeze, suspend:
		return n.freeze(f)
	case linkDown:
		return n.counted(&n.down)
	case unplug:
		return n.counted(&n.away)
	case renumber:
		return n.counted(&n.bare)
	case fail:
		return n.fail()
	case slow:
		return n.slow(f.Size)
	}
	panic("no such fault: " + string(f.Kind))
}

// counted has one more fault of the link, and one less.
func (n *node) counted(count *int) (end func()) {
	change := func(d int) {
		if *count += d; d > 0 && *count == 1 || d < 0 && *count == 0 {
			n.plug()
		}
	}
	change(1)
	return func() { change(-1) }
}

// fail has the backend fail. Removals that have failed are tried again at intervals
// that double, so that the first one after the end comes when as much time has passed
// again.
func (n *node) fail() (end func()) {
	if n.failing == 0 && !n.frail.After(n.c.now()) {
		n.failedAt = n.c.now()
	}
	n.failing++
	n.c.disturb()
	return func() {
		n.failing--
		again := min(backOffMost, n.c.now().Sub(n.failedAt)+2*time.Second)
		n.frail = later(n.frail, n.onward().Add(n.c.atMost(again)))
		n.c.disturb()
	}
}

// slow has calls to the backend take time. Those that are under way at the end take
// theirs.
func (n *node) slow(d time.Duration) (end func()) {
	if n.latency > 0 {
		return nil
	}
	n.latency = d
	n.c.disturb()
	return func() {
		n.latency = 0
		end := n.onward().Add(n.c.atMost(2 * min(d, backendTimeout)))
		n.busy, n.frail = later(n.busy, end), later(n.frail, end)
		if d >= backendTimeout {
			n.frail = later(n.frail, end.Add(backOffMost))
		}
		n.c.unsettle(end.Sub(n.c.now()))
	}
}

// onward returns when the node does the next thing: now, or when it wakes.
func (n *node) onward() time.Time { return later(n.c.now(), n.thawAt) }

// leave ends the programs of the node, and starts them again in the end.
func (n *node) leave(k kind) (end func()) {
	left := false
	for _, st := range n.stations {
		if st.life == nil || st.life.stopping || n.suspended || n.frozen() && k == stop {
			continue
		}
		left = true
		if k == stop {
			st.life.stop()
			continue
		}
		wills := st.life.wills
		st.crash()
		if k == crashWill {
			n.c.after(willTakes, func() {
				if st.life == nil {
					wills.execute()
				}
			})
			st.will, st.died = n.sound() && !n.trouble(), st.died.Add(willTakes)
		}
	}
	n.c.disturb()
	if !left {
		return nil
	}
	return n.startAgain
}

// startAgain starts the programs when they have come to their end.
func (n *node) startAgain() {
	for _, st := range n.stations {
		if st.life != nil && st.life.stopping {
			n.c.after(time.Second, n.startAgain)
			return
		}
	}
	n.start()
}

// freeze has the node stand still, with its clock and the leases of its kernel if
// it is suspended. After the fault's Size, if it has one, the queue of what arrives
// for it is full.
func (n *node) freeze(f *fault) (end func()) {
	if n.frozen() {
		return nil
	}
	n.frozeAt, n.thawAt = n.c.now(), n.c.now().Add(f.For)
	for _, st := range n.stations {
		n.c.sim.Freeze(st.host, f.For)
	}
	if n.suspended = f.Kind == suspend; n.suspended {
		n.postpone(f.For)
	}
	n.c.disturb()
	full := 0 // the queue of what arrives
	if f.Size > 0 && f.Size < f.For {
		n.c.after(f.Size, func() { full = 1; n.deaf++; n.c.connect() })
	}
	return func() {
		n.deaf -= full
		n.c.connect()
		if n.suspended {
			n.clock.lost += f.For
		}
		n.suspended = false
		n.c.disturb()
	}
}

// postpone has all that waits for a time by the clock of the node come later.
func (n *node) postpone(d time.Duration) {
	n.frail, n.busy = n.frail.Add(d), n.busy.Add(d)
	for _, st := range n.stations {
		st.book.postpone(d)
		st.died = st.died.Add(d)
		for _, s := range st.seats {
			s.excused = s.excused.Add(d)
		}
	}
}
