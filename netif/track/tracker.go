// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// ErrHung is what the error of [Tracker.Run] matches if a check hasn't returned although its context had ended.
var ErrHung = errors.New("the check does not return")

// Tracker follows one condition. Make one with [New]. It runs while somebody uses it, see [Tracker.Use]: a router or host
// that runs does, for its virtual routers and hosts that name it, and the check runs once for all. By itself it runs by
// [Tracker.Run]. A check that hangs delays nothing, and has one goroutine; who uses a tracker waits for it at the end, up
// to its time-out. Its methods are safe for concurrent use.
type Tracker struct {
	cfg   Config
	ran   atomic.Bool
	clock func() time.Time

	one sync.Mutex // held by who follows the condition
	// run gets the outcome of the check that runs; nil if none does. It belongs to that one.
	run chan outcome

	mu     sync.Mutex
	tally  tally
	status Status // but for what tally has
	users  users
}

// New returns a tracker that doesn't run yet. The error says which value of the configuration is not allowed.
func New(cfg Config) (*Tracker, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg.complete()
	t := &Tracker{cfg: cfg, clock: time.Now, status: Status{Name: cfg.Name}}
	t.reset()
	return t, nil
}

// reset begins anew, with the initial state. The caller holds mu, or nobody else knows the tracker.
func (t *Tracker) reset() {
	t.tally = tally{rise: t.cfg.Rise, fall: t.cfg.Fall, reading: Reading{State: t.cfg.Initial, Numeric: t.cfg.Number != nil}}
	t.status.Since = time.Time{}
}

// Name returns what the condition is called.
func (t *Tracker) Name() string { return t.cfg.Name }

// Resume says what was known of the condition, by a tracker of another process whose
// place this one takes. It counts until there are as many outcomes as it takes to change
// it, and for nothing if there are that many. Those who use the tracker are told.
func (t *Tracker) Resume(r Reading) {
	t.mu.Lock()
	c := Change{Name: t.cfg.Name, Before: t.tally.reading, At: t.clock()}
	t.tally.resume(r)
	c.Now = t.tally.reading
	users := t.users.list
	t.mu.Unlock()
	if c.Now == c.Before {
		return
	}
	for _, u := range users {
		u.report(c)
	}
}

// Status returns what is known now.
func (t *Tracker) Status() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.status
	s.Reading, s.Succeeded, s.Failed = t.tally.reading, t.tally.risen, t.tally.failures
	return s
}

// Run runs the check until ctx ends, the first time at once. It can be called once, and not for what [Tracker.Use] does.
//
// At most one run of the check is under way at a time. One that exceeds the time-out has failed then. If it hangs
// nonetheless, the next run waits for it, up to the time-out, and has failed, too, if that is in vain: a check that never
// returns is Down after Fall intervals, and has one goroutine.
//
// A host that stalls, suspended or starved of its processor, is not its checks' fault. If the tracker finds at the end of
// a run that its timer was late by more than the time-out, it discards the outcome and runs the check again at once, up to
// three times in succession.
//
// After the end of ctx no outcome counts. Run ends the check that runs and waits for it, up to the time-out. It returns nil
// when no goroutine is left, else an error that matches [ErrHung].
func (t *Tracker) Run(ctx context.Context) error {
	if t.ran.Swap(true) {
		return fmt.Errorf("track: %s: Run was called before", t.cfg.Name)
	}
	return t.follow(ctx)
}

// follow does what Run says.
func (t *Tracker) follow(ctx context.Context) error {
	t.one.Lock()
	defer t.one.Unlock()
	second := t.clock().Add(t.cfg.Phase)
	t.turn(ctx)
	timer := time.NewTimer(untilNext(t.clock(), second, t.cfg.Interval))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return t.leave()
		case o := <-t.run:
			t.returned(o)
		case <-timer.C:
			t.turn(ctx)
			timer.Reset(untilNext(t.clock(), second, t.cfg.Interval))
		}
	}
}

// untilNext returns the time to the next run: to the second one, or the first after it on the grid of intervals.
func untilNext(now, second time.Time, interval time.Duration) time.Duration {
	if wait := second.Sub(now); wait > 0 {
		return wait
	}
	return interval - now.Sub(second)%interval
}

// turn makes one outcome: of the first run that overlapped no stall.
func (t *Tracker) turn(ctx context.Context) {
	for discarded := 0; ; discarded++ {
		o, stalled := t.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if !stalled || discarded == maxDiscards {
			t.take(o)
			return
		}
		t.discard()
	}
}

// take counts an outcome, and reports the change if it makes one.
func (t *Tracker) take(o outcome) {
	c, users := t.count(o)
	if c.Before == c.Now {
		return
	}
	if t.cfg.Report != nil {
		t.cfg.Report(c)
	}
	for _, u := range users {
		u.report(c)
	}
}

// count counts an outcome, and returns who uses the tracker then.
func (t *Tracker) count(o outcome) (Change, []*user) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := Change{Name: t.cfg.Name, Before: t.tally.reading, At: t.clock()}
	t.tally.apply(o)
	c.Now = t.tally.reading

	t.status.Runs++
	t.status.Hung = t.run != nil
	if o.err != nil {
		t.status.Failures++
		t.status.Err, t.status.ErrAt = o.err, c.At
	}
	if _, ok := errors.AsType[*timeoutError](o.err); ok {
		t.status.Timeouts++
	}
	if c.Now != c.Before {
		t.status.Changes++
		t.status.Since = c.At
	}
	if c.Now.State == Down {
		c.Err = o.err
	}
	return c, t.users.list
}

// discard counts an outcome that isn't taken.
func (t *Tracker) discard() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.Discarded++
}
