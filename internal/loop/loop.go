// SPDX-License-Identifier: Apache-2.0

// Package loop is the event loop of a router: one goroutine that does everything
// in turns and blocks in one place, the wait for the next thing to do.
package loop

import (
	"context"
	"sync"
	"time"
)

// Waiter is where the loop blocks.
type Waiter interface {
	Bind() (unbind func(), err error)
	Wait(until time.Time)
	Wake()
}

// Loop runs turns on one goroutine and lets other goroutines have functions run
// between them. While it isn't running, whoever calls is the loop.
type Loop struct {
	waiter Waiter
	turn   sync.Mutex // held by whoever is the loop

	mu      sync.Mutex
	posted  []func()
	running bool
}

// New returns a loop that blocks in waiter.
func New(waiter Waiter) *Loop { return &Loop{waiter: waiter} }

// Run calls turn until it says that it is done. Each turn returns when it wants
// to be called again at the latest, the zero time for never. A ctx that ends
// ends the wait: turn has to look at it.
func (l *Loop) Run(ctx context.Context, turn func() (until time.Time, done bool)) error {
	unbind, err := l.waiter.Bind()
	if err != nil {
		return err
	}
	defer unbind()
	defer context.AfterFunc(ctx, l.waiter.Wake)()
	l.mu.Lock()
	l.running = true
	l.mu.Unlock()
	defer l.stop()
	for {
		l.turn.Lock()
		until, done := turn()
		l.turn.Unlock()
		if done {
			return nil
		}
		l.waiter.Wait(until)
	}
}

// stop makes callers the loop again, after what they have posted is done.
func (l *Loop) stop() {
	l.turn.Lock()
	defer l.turn.Unlock()
	l.mu.Lock()
	l.running = false
	l.mu.Unlock()
	l.RunPosted()
}

// Post has f run on the loop, without waiting for it.
func (l *Loop) Post(f func()) {
	l.mu.Lock()
	l.posted = append(l.posted, f)
	l.mu.Unlock()
	l.waiter.Wake()
}

// Do runs f on the loop and returns when it has run: at once if the loop isn't
// running. It must not be called from the loop itself.
func (l *Loop) Do(f func()) {
	l.mu.Lock()
	if !l.running {
		l.mu.Unlock()
		l.turn.Lock()
		defer l.waiter.Wake() // Run may have begun meanwhile
		defer l.turn.Unlock()
		f()
		return
	}
	done := make(chan struct{})
	l.posted = append(l.posted, func() { defer close(done); f() })
	l.mu.Unlock()
	l.waiter.Wake()
	<-done
}

// Turn runs f as a turn of a loop that somebody else runs, instead of Run.
func (l *Loop) Turn(f func()) {
	l.turn.Lock()
	defer l.turn.Unlock()
	f()
}

// RunPosted runs what was posted; turn calls it.
func (l *Loop) RunPosted() {
	l.mu.Lock()
	posted := l.take()
	l.mu.Unlock()
	for _, f := range posted {
		f()
	}
}

// Posted reports whether something waits to be run.
func (l *Loop) Posted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.posted) > 0
}

// take returns what was posted. The caller holds mu.
func (l *Loop) take() []func() {
	posted := l.posted
	l.posted = nil
	return posted
}
