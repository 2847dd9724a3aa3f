// SPDX-License-Identifier: Apache-2.0

package track

import "context"

// defaultRuns is how many checks a pool runs at once unless told otherwise. Most of a check is waiting, for a connection
// or a process.
const defaultRuns = 64

// Pool bounds how many checks of many trackers run at once; others wait in turn. What has exceeded its time-out is no
// longer counted, so that checks that hang don't keep others from running: there can be as many goroutines as the bound,
// and one for each tracker whose check hangs.
//
// A tracker that waits for its turn keeps its state: a pool too small for its checks makes them less frequent, and fails
// none.
//
// It is safe for concurrent use.
type Pool struct{ slots chan struct{} }

// NewPool returns a pool that runs up to n checks at once; 0 or less is 64.
func NewPool(n int) *Pool {
	if n <= 0 {
		n = defaultRuns
	}
	return &Pool{make(chan struct{}, n)}
}

// enter waits for a turn, and returns false if the context ended before.
func (p *Pool) enter(ctx context.Context) bool {
	if p == nil || ctx.Err() != nil {
		return ctx.Err() == nil
	}
	select {
	case p.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// leave lets the next one in.
func (p *Pool) leave() {
	if p != nil {
		<-p.slots
	}
}
