// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"iter"
	"time"
)

// run is a turn of a program that may stand still in a slow backend, while the
// program is stepped by further turns.
type run struct {
	next  func() (struct{}, bool)
	yield func(struct{}) bool
	until time.Time
	done  bool
}

// newRun returns a turn that hasn't begun.
func (l *life) newRun() *run {
	r := &run{}
	r.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		r.yield = yield
		r.until, r.done = l.program.Turn()
	})
	return r
}

// step has the program do what is due. If the backend is slow the turn may stand
// still, and another one tells when the next is due.
func (l *life) step() (until time.Time, done bool) {
	if l.st.node.latency == 0 && len(l.paused) == 0 {
		return l.program.Turn()
	}
	for {
		r := l.newRun()
		if !l.resume(r) {
			return r.until, r.done || l.done
		}
	}
}

// resume goes on with a turn, and reports whether it stands still.
func (l *life) resume(r *run) bool {
	before := l.running
	l.running = r
	_, paused := r.next()
	l.running = before
	if paused {
		l.paused[r] = true
	} else {
		delete(l.paused, r)
	}
	return paused
}

// pause has the turn under way stand still. A turn that can't, because the backend
// became slow in the middle of it, goes on.
func (l *life) pause(d time.Duration) error {
	r := l.running
	if r == nil {
		return nil
	}
	l.c.after(d, func() { l.wakeRun(r) })
	r.yield(struct{}{})
	return nil
}

// wakeRun ends a pause, not before the end of a freeze.
func (l *life) wakeRun(r *run) {
	if l.ended || !l.paused[r] {
		return
	}
	if left := l.st.node.thawAt.Sub(l.c.now()); left > 0 {
		l.c.after(left, func() { l.wakeRun(r) })
		return
	}
	if !l.resume(r) {
		l.done = l.done || r.done
		l.wire.Network.Wake()
	}
}

// abandon ends all turns that stand still, of a program that has crashed.
func (l *life) abandon() {
	for len(l.paused) > 0 {
		for r := range l.paused {
			l.resume(r)
		}
	}
}
