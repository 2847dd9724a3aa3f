// SPDX-License-Identifier: Apache-2.0

package deadline_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// Where thousands of deadlines are put off again and again, as those of the down timers are by
// advertisements that come in bursts, nobody wakes up at a time that one was put off from.
func TestPutOffDeadlinesWakeNobody(t *testing.T) {
	for _, bursts := range []int{4, 25, 125} { // in an interval
		b := putOffBench{bursts: bursts, entries: make([]deadline.Entry[int], 1000)}
		for range 10 * bursts {
			b.burst(t)
		}
		b.vain = 0
		for range 100 * bursts {
			b.burst(t)
		}
		if b.vain > 0 {
			t.Errorf("%d bursts in an interval: %d wake-ups for nothing in 100 intervals", bursts, b.vain)
		}
	}
}

// putOffBench hears from everybody once in an interval of a second, in so many bursts, and would
// act on a silence of 3.6.
type putOffBench struct {
	bursts  int
	queue   deadline.Queue[int]
	entries []deadline.Entry[int]
	heard   int
	vain    int // wake-ups between bursts
}

// burst is one of them and the time up to the next one.
func (b *putOffBench) burst(t *testing.T) {
	now, size := at(b.heard*int(time.Second)/b.bursts), len(b.entries)/b.bursts
	for i := range size {
		arrival := now.Add(time.Duration(i) * 5 * time.Microsecond)
		b.queue.Set(&b.entries[(b.heard*size+i)%len(b.entries)], arrival.Add(3600*time.Millisecond))
	}
	b.heard++
	for end := at(b.heard * int(time.Second) / b.bursts); now.Before(end); b.vain++ {
		if e := b.queue.Due(now); e != nil {
			t.Fatalf("due at %v although put off", now)
		}
		now, _ = b.queue.Next()
	}
	b.vain--
}
