// SPDX-License-Identifier: Apache-2.0

package quietlog

import (
	"sync"
	"time"
)

// backlog is how much waits for a slow handler or reader before more is dropped.
const backlog = 1024

// Queue calls functions one after the other on a goroutine of its own, which it has while
// there are any. The zero value is ready. It is safe for concurrent use.
type Queue struct {
	mu      sync.Mutex
	waiting []call
	busy    bool
	dropped int           // since the last that was taken
	idle    chan struct{} // closed when nothing waits any more; nil if nobody wants to know
}

// call is a function, and how many were dropped before it.
type call struct {
	f       func(dropped int)
	dropped int
}

// Do has f called, and never waits for it: if too many wait already it is dropped. f is
// told how many before it were.
func (q *Queue) Do(f func(dropped int)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= backlog {
		q.dropped++
		return
	}
	q.waiting = append(q.waiting, call{f, q.dropped})
	q.dropped = 0
	if !q.busy {
		q.busy = true
		go q.work()
	}
}

// work calls what waits.
func (q *Queue) work() {
	for c, ok := q.next(); ok; c, ok = q.next() {
		c.f(c.dropped)
	}
}

// next returns the first that waits, and false if none does.
func (q *Queue) next() (c call, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.busy, q.waiting = false, nil
		if q.idle != nil {
			close(q.idle)
			q.idle = nil
		}
		return call{}, false
	}
	c = q.waiting[0]
	q.waiting[0] = call{}
	q.waiting = q.waiting[1:]
	return c, true
}

// Flush returns when nothing waits any more, or after grace.
func (q *Queue) Flush(grace time.Duration) {
	q.mu.Lock()
	if q.busy && q.idle == nil {
		q.idle = make(chan struct{})
	}
	idle := q.idle
	q.mu.Unlock()
	if idle == nil {
		return
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	}
}
