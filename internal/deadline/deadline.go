// SPDX-License-Identifier: Apache-2.0

// Package deadline keeps many deadlines and knows the earliest.
package deadline

import "time"

// Queue is a heap of deadlines, each of which belongs to a value and can be moved
// or taken out. The zero value is empty. It is not safe for concurrent use.
//
// Most deadlines are put off again and again long before they are reached: those of
// the down timers, with each advertisement heard. So an entry that is moved to a
// later time stays where it is in the heap, and finds its place when it has come
// to the top.
type Queue[T any] struct {
	heap   []item[T]
	base   time.Time // that keys count from
	putOff int       // how often an entry was, since Next
}

// item has the key beside the entry, so that comparing doesn't touch the entries.
type item[T any] struct {
	key   time.Duration // not after the deadline of the entry
	entry *Entry[T]
}

// Entry is the deadline of one value. Its zero value but for Value is in no
// queue. An entry is moved by the queue that it is in and by no other.
type Entry[T any] struct {
	Value T
	at    time.Duration // as a key, while it is in a queue
	key   time.Duration // of its item
	place int           // 1 + index in the heap; 0: in no queue
}

// Next puts entries that were put off in their places as long as they hide the earliest
// deadline: whoever waits for that would wake up for them in vain, and a wake-up costs as much
// as fifty of them or more. It does so with one entry for every perPlace times that one was put
// off, and with perNext besides, which is all of them where there are few.
const (
	perPlace = 2
	perNext  = 2
)

// Set puts the entry into the queue, or moves it, to the deadline at.
func (q *Queue[T]) Set(e *Entry[T], at time.Time) {
	if len(q.heap) == 0 {
		q.base = at
	}
	key := at.Sub(q.base)
	e.at = key
	switch {
	case e.place == 0:
		q.heap = append(q.heap, item[T]{key, e})
		e.key, e.place = key, len(q.heap)
		q.up(e.place - 1)
	case key < e.key:
		e.key, q.heap[e.place-1].key = key, key
		q.up(e.place - 1)
	default:
		q.putOff++
	}
}

// Remove takes the entry out, if it is in.
func (q *Queue[T]) Remove(e *Entry[T]) {
	if e.place == 0 {
		return
	}
	i, last := e.place-1, len(q.heap)-1
	moved := q.heap[last]
	q.heap[last] = item[T]{}
	q.heap = q.heap[:last]
	e.place = 0
	if i < last {
		q.put(i, moved)
		q.down(i)
		q.up(i)
	}
}

// Next returns when Due is to be asked again, and whether there is any deadline: at
// the earliest one, or before that where entries that were put off hide it.
func (q *Queue[T]) Next() (time.Time, bool) {
	if len(q.heap) == 0 {
		return time.Time{}, false
	}
	most := perNext + q.putOff/perPlace
	q.putOff = 0
	for range most {
		if !q.settle() {
			break
		}
	}
	return q.base.Add(q.heap[0].key), true
}

// Due returns an entry whose deadline is not after now, the earliest first, nil
// if there is none. It stays in the queue until it is moved or removed.
func (q *Queue[T]) Due(now time.Time) *Entry[T] {
	if len(q.heap) == 0 {
		return nil
	}
	until := now.Sub(q.base)
	for q.heap[0].key <= until && q.settle() {
	}
	if q.heap[0].key > until {
		return nil
	}
	return q.heap[0].entry
}

// settle puts the entry at the top in its place, and reports whether it was in
// another one.
func (q *Queue[T]) settle() bool {
	top := &q.heap[0]
	if top.entry.at == top.key {
		return false
	}
	top.key, top.entry.key = top.entry.at, top.entry.at
	q.down(0)
	return true
}

// up moves the item at i towards the top, to where it belongs.
func (q *Queue[T]) up(i int) {
	moved := q.heap[i]
	for i > 0 {
		parent := (i - 1) / 2
		if moved.key >= q.heap[parent].key {
			break
		}
		q.put(i, q.heap[parent])
		i = parent
	}
	q.put(i, moved)
}

// down moves the item at i away from the top, to where it belongs.
func (q *Queue[T]) down(i int) {
	moved := q.heap[i]
	for {
		least := 2*i + 1
		if least >= len(q.heap) {
			break
		}
		if right := least + 1; right < len(q.heap) && q.heap[right].key < q.heap[least].key {
			least = right
		}
		if moved.key <= q.heap[least].key {
			break
		}
		q.put(i, q.heap[least])
		i = least
	}
	q.put(i, moved)
}

// put has an item at i.
func (q *Queue[T]) put(i int, it item[T]) {
	q.heap[i] = it
	it.entry.place = i + 1
}
