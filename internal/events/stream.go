// SPDX-License-Identifier: Apache-2.0

// Package events hands what happens on a loop to any number of readers, in order. A
// reader that is slow keeps neither the loop nor other readers waiting: what it
// can't keep up with it loses, and is told how much.
package events

import (
	"context"
	"iter"
	"sync"
)

// Stream is a sequence of events of which the last ones are kept. The zero value
// keeps none and has no readers: see [New]. It is safe for concurrent use.
type Stream[T any] struct {
	number func(event *T, number, lost uint64)

	mu      sync.Mutex
	size    uint64
	ring    []T           // the event of number n at n % size; nil before the first reader
	next    uint64        // number of the next event
	changed chan struct{} // closed at the next event; nil if nobody waits
	closed  bool
}

// New returns a stream that keeps size events. For each reader number tells an event its
// place, counted from 1, and how many before it the reader was too slow for.
func New[T any](size int, number func(event *T, number, lost uint64)) *Stream[T] {
	return &Stream[T]{number: number, size: uint64(size), next: 1}
}

// Append adds an event. It never waits.
func (s *Stream[T]) Append(event T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.ring != nil {
		s.ring[s.next%s.size] = event
	}
	s.next++
	s.wake()
}

// Close ends the stream: readers get what there still is for them, and end.
func (s *Stream[T]) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.wake()
}

// wake wakes all readers. The caller holds mu.
func (s *Stream[T]) wake() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// From returns the events that are appended after this call, until the stream is
// closed or ctx ends. Each iteration begins there, with those that are still kept.
func (s *Stream[T]) From(ctx context.Context) iter.Seq[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ring == nil && !s.closed {
		s.ring = make([]T, s.size)
	}
	first := s.next
	return func(yield func(T) bool) {
		for from := first; ; {
			event, at, ok := s.wait(ctx, from)
			if !ok {
				return
			}
			s.number(&event, at, at-from)
			if !yield(event) {
				return
			}
			from = at + 1
		}
	}
}

// wait returns the first event that is kept from a number on, with its own, as soon as
// there is one, and false if there is going to be none, or ctx has ended.
func (s *Stream[T]) wait(ctx context.Context, from uint64) (event T, at uint64, ok bool) {
	for ctx.Err() == nil {
		event, at, changed := s.get(from)
		if at != 0 || changed == nil {
			return event, at, at != 0
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return event, 0, false
}

// get returns the first event that is kept from a number on, with its own. If there is
// none that is 0, and changed is closed when there may be one, or nil if there never
// will.
func (s *Stream[T]) get(from uint64) (event T, at uint64, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case from < s.next:
		at = from
		if s.next > s.size {
			at = max(from, s.next-s.size)
		}
		return s.ring[at%s.size], at, nil
	case s.closed:
		return event, 0, nil
	case s.changed == nil:
		s.changed = make(chan struct{})
	}
	return event, 0, s.changed
}
