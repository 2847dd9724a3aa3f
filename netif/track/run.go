// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// timeoutError is the error of a run that exceeded its time-out.
type timeoutError struct {
	name    string
	timeout time.Duration
	earlier bool  // it was an earlier run that did not end
	cause   error // what the check said
}

// Error says which condition it is, and what its check said.
func (e *timeoutError) Error() string {
	s := fmt.Sprintf("track: %s: no outcome within %v", e.name, e.timeout)
	if e.earlier {
		s += ": an earlier run has not returned"
	}
	if e.cause != context.DeadlineExceeded {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *timeoutError) Unwrap() []error { return []error{context.DeadlineExceeded, e.cause} }

// timedOut returns the error of a run at its time-out.
func (t *Tracker) timedOut(earlier bool, cause error) error {
	return &timeoutError{t.cfg.Name, t.cfg.Timeout, earlier, cause}
}

// once runs the check, and reports whether the host stalled meanwhile. It does not if ctx ends.
func (t *Tracker) once(ctx context.Context) (o outcome, stalled bool) {
	earlier := t.run != nil
	watch := stopwatch{t.clock()}
	if _, ok := t.await(ctx.Done()); !ok {
		return outcome{err: t.timedOut(earlier, context.DeadlineExceeded)}, watch.stalled(t.clock(), t.cfg.Timeout)
	}
	if !t.cfg.Pool.enter(ctx) {
		return outcome{}, false
	}
	defer t.cfg.Pool.leave()

	watch = stopwatch{t.clock()}
	t.start(ctx)
	o, ok := t.await(ctx.Done())
	passed := t.clock().Sub(watch.begun)
	switch {
	case !ok:
		o.err = t.timedOut(false, context.DeadlineExceeded)
	case o.err != nil && passed >= t.cfg.Timeout:
		o.err = t.timedOut(false, o.err)
	case o.err != nil:
		o.err = fmt.Errorf("track: %s: %w", t.cfg.Name, o.err)
	}
	return o, watch.stalled(t.clock(), t.cfg.Timeout)
}

// start starts the check on a goroutine.
func (t *Tracker) start(ctx context.Context) {
	run := make(chan outcome, 1)
	t.run = run
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Timeout)
	go func() {
		defer cancel()
		run <- t.cfg.look(ctx)
	}()
}

// await waits until the check that runs has returned, for up to the time-out, and reports whether it has. What is there
// by then counts, however late this goroutine gets to see it.
func (t *Tracker) await(stop <-chan struct{}) (outcome, bool) {
	if t.run == nil {
		return outcome{}, true
	}
	timer := time.NewTimer(t.cfg.Timeout)
	defer timer.Stop()
	select {
	case o := <-t.run:
		t.returned(o)
		return o, true
	case <-timer.C:
	case <-stop:
	}
	select {
	case o := <-t.run:
		t.returned(o)
		return o, true
	default:
		return outcome{}, false
	}
}

// returned notes that no run goes on. If its time-out was counted, what the check has to say is added to the error.
func (t *Tracker) returned(o outcome) {
	t.run = nil
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := errors.AsType[*timeoutError](t.status.Err); ok && t.status.Hung && o.err != nil {
		t.status.Err = t.timedOut(e.earlier, o.err)
	}
	t.status.Hung = false
}

// leave waits for the check that runs, whose context has ended.
func (t *Tracker) leave() error {
	if _, ok := t.await(nil); !ok {
		return fmt.Errorf("track: %s: %w", t.cfg.Name, ErrHung)
	}
	return nil
}
