// SPDX-License-Identifier: Apache-2.0

// Package question asks what may never answer, as an election loop that stands still.
package question

import (
	"context"
	"sync"
)

// Question is asked by many at a time, and put once for all of them: however many there are, and however long the answer takes,
// there is one goroutine that waits for it. It is safe for concurrent use.
type Question[T any] struct {
	put func() T

	mu      sync.Mutex
	pending *answer[T] // nil if nobody waits
}

// answer is one that is on its way.
type answer[T any] struct {
	done  chan struct{}
	value T // when done is closed
}

// New returns a question whose answer is what put returns.
func New[T any](put func() T) *Question[T] { return &Question[T]{put: put} }

// Ask returns an answer that was given after the call, or the error of ctx. Others may have been given the same one: it must not be
// changed.
func (q *Question[T]) Ask(ctx context.Context) (T, error) {
	a := q.join()
	select {
	case <-a.done:
		return a.value, nil
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// join returns the answer that is on its way, or sends for one.
func (q *Question[T]) join() *answer[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pending == nil {
		q.pending = &answer[T]{done: make(chan struct{})}
		go q.wait(q.pending)
	}
	return q.pending
}

// wait puts the question.
func (q *Question[T]) wait(a *answer[T]) {
	a.value = q.put()
	q.mu.Lock()
	q.pending = nil
	q.mu.Unlock()
	close(a.done)
}
