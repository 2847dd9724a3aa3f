// SPDX-License-Identifier: Apache-2.0

// Package deadline keeps many deadlines and knows the earliest.
package deadline

import "time"

// Queue is a heap of deadlines, each of which belongs to a value and can be moved
// or taken out. The zero value is empty. It is not safe for concurrent use.
type Queue[T any] struct{ heap []*Entry[T] }

// Entry is the deadline of one value. Its zero value but for Value is in no
// queue. An entry is moved by the queue that it is in and by no other.
type Entry[T any] struct {
	Value T
	at    time.Time
	place int // 1 + index in the heap; 0: in no queue
}

// Set puts the entry into the queue, or moves it, to the deadline at.
func (q *Queue[T]) Set(e *Entry[T], at time.Time) {
	if e.place == 0 {
		q.heap = append(q.heap, e)
		e.place, e.at = len(q.heap), at
		q.up(e.place - 1)
		return
	}
	later := at.After(e.at)
	e.at = at
	if later {
		q.down(e.place - 1)
	} else {
		q.up(e.place - 1)
	}
}

// Remove takes the entry out, if it is in.
func (q *Queue[T]) Remove(e *Entry[T]) {
	if e.place == 0 {
		return
	}
	i, last := e.place-1, len(q.heap)-1
	q.swap(i, last)
	q.heap[last] = nil
	q.heap = q.heap[:last]
	e.place = 0
	if i < last {
		q.down(i)
		q.up(i)
	}
}

// Next returns the earliest deadline, and whether there is one.
func (q *Queue[T]) Next() (time.Time, bool) {
	if len(q.heap) == 0 {
		return time.Time{}, false
	}
	return q.heap[0].at, true
}

// Due returns an entry whose deadline is not after now, the earliest first, nil
// if there is none. It stays in the queue until it is moved or removed.
func (q *Queue[T]) Due(now time.Time) *Entry[T] {
	if len(q.heap) == 0 || q.heap[0].at.After(now) {
		return nil
	}
	return q.heap[0]
}

func (q *Queue[T]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !q.heap[i].at.Before(q.heap[parent].at) {
			return
		}
		q.swap(i, parent)
		i = parent
	}
}

func (q *Queue[T]) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(q.heap); child++ {
			if q.heap[child].at.Before(q.heap[least].at) {
				least = child
			}
		}
		if least == i {
			return
		}
		q.swap(i, least)
		i = least
	}
}

func (q *Queue[T]) swap(i, j int) {
	q.heap[i], q.heap[j] = q.heap[j], q.heap[i]
	q.heap[i].place, q.heap[j].place = i+1, j+1
}
