// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/loop"
)

// waiter waits by the clock of package time, and notes what is done with it.
type waiter struct {
	wake  chan struct{}
	bound int // 1 between Bind and unbind
	err   error
}

func newWaiter() *waiter { return &waiter{wake: make(chan struct{}, 1)} }

func (w *waiter) Bind() (func(), error) {
	if w.err != nil {
		return nil, w.err
	}
	w.bound++
	return func() { w.bound-- }, nil
}

func (w *waiter) Wait(until time.Time) {
	if w.bound != 1 {
		panic("Wait outside of Bind and unbind")
	}
	var timer <-chan time.Time
	if !until.IsZero() {
		timer = time.After(time.Until(until))
	}
	select {
	case <-w.wake:
	case <-timer:
	}
}

func (w *waiter) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// running is a loop that runs in a bubble, and the number of its turns.
type running struct {
	*loop.Loop
	turns int // belongs to the loop
	stop  context.CancelFunc
	ended chan struct{}
}

// start runs a loop that waits for ever between turns, until stop.
func start(t *testing.T) *running {
	r := &running{Loop: loop.New(newWaiter()), ended: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	r.stop = cancel
	go func() {
		defer close(r.ended)
		err := r.Run(ctx, func() (time.Time, bool) {
			r.turns++
			r.RunPosted()
			return time.Time{}, ctx.Err() != nil
		})
		if err != nil {
			t.Error(err)
		}
	}()
	synctest.Wait()
	return r
}

func TestRunReturnsWhenDone(t *testing.T) {
	w := newWaiter()
	turns := 0
	err := loop.New(w).Run(t.Context(), func() (time.Time, bool) {
		turns++
		return time.Now(), turns == 3
	})
	if err != nil || turns != 3 || w.bound != 0 {
		t.Errorf("%d turns, bound %d, error %v", turns, w.bound, err)
	}
}

func TestRunFailsToBind(t *testing.T) {
	w := newWaiter()
	w.err = errors.New("bind")
	err := loop.New(w).Run(t.Context(), func() (time.Time, bool) { t.Error("a turn"); return time.Time{}, true })
	if !errors.Is(err, w.err) {
		t.Errorf("error %v", err)
	}
}

// TestTurnsAreOnTime: a turn comes at the time that the one before asked for.
func TestTurnsAreOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		err := loop.New(newWaiter()).Run(t.Context(), func() (time.Time, bool) {
			now := time.Since(start)
			at = append(at, now)
			return start.Add(now + time.Hour), len(at) == 3
		})
		if want := []time.Duration{0, time.Hour, 2 * time.Hour}; err != nil || !slices.Equal(at, want) {
			t.Errorf("turns at %v, want %v, error %v", at, want, err)
		}
	})
}

// TestContextEndsWait: the end of the context is seen in a turn, also by a loop that has nothing to do.
func TestContextEndsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.stop()
		<-r.ended
		if r.turns != 2 {
			t.Errorf("%d turns, want 2", r.turns)
		}
	})
}

// TestContextEndedBefore: a loop whose context has ended has one turn, to see that.
func TestContextEndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		turns := 0
		err := loop.New(newWaiter()).Run(ctx, func() (time.Time, bool) { turns++; return time.Time{}, ctx.Err() != nil })
		if err != nil || turns != 1 {
			t.Errorf("%d turns, error %v", turns, err)
		}
	})
}

func TestDoWhileNotRunning(t *testing.T) {
	l := loop.New(newWaiter())
	done := false
	l.Do(func() { done = true })
	if !done {
		t.Error("Do returned before its function has run")
	}
}

// TestDoWhileRunning: the function runs as a part of a turn, before Do returns.
func TestDoWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		turn := 0
		r.Do(func() { turn = r.turns })
		if turn != 2 {
			t.Errorf("Do ran in turn %d, want 2", turn)
		}
		r.stop()
		<-r.ended
		r.Do(func() { turn = -1 })
		if turn != -1 {
			t.Error("Do did not run after the end of Run")
		}
	})
}

// TestDoWhenRunEnds: what Do has posted is run though no turn comes any more.
func TestDoWhenRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loop.New(newWaiter())
		inTurn, end := make(chan struct{}), make(chan struct{})
		go func() {
			if err := l.Run(t.Context(), func() (time.Time, bool) { close(inTurn); <-end; return time.Time{}, true }); err != nil {
				t.Error(err)
			}
		}()
		<-inTurn
		done := make(chan struct{})
		go l.Do(func() { close(done) })
		synctest.Wait()
		close(end)
		<-done
	})
}

// TestPost: what is posted runs in order, in the next turn, and Post doesn't wait for it.
func TestPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		var order []int
		r.Do(func() {
			for i := range 3 {
				r.Post(func() { order = append(order, i) })
			}
			if len(order) > 0 || !r.Posted() {
				t.Errorf("in the same turn ran %v, posted %v", order, r.Posted())
			}
		})
		synctest.Wait()
		r.Do(func() {
			if !slices.Equal(order, []int{0, 1, 2}) || r.Posted() {
				t.Errorf("ran %v, posted %v", order, r.Posted())
			}
		})
		r.stop()
		<-r.ended
	})
}

// TestPostBeforeRun: what is posted before Run waits for its first turn.
func TestPostBeforeRun(t *testing.T) {
	l := loop.New(newWaiter())
	ran := false
	l.Post(func() { ran = true })
	if ran || !l.Posted() {
		t.Errorf("ran %v, posted %v before Run", ran, l.Posted())
	}
	err := l.Run(t.Context(), func() (time.Time, bool) { l.RunPosted(); return time.Time{}, true })
	if err != nil || !ran {
		t.Errorf("ran %v, error %v", ran, err)
	}
}

// TestTurn: a loop that is stepped lets others in between turns only. The count has no lock, for the race detector to
// see whether two ever run at once.
func TestTurn(t *testing.T) {
	l := loop.New(newWaiter())
	count := 0
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 1000 {
			l.Do(func() { count++ })
		}
	})
	for range 1000 {
		l.Turn(func() { count++ })
	}
	wg.Wait()
	if count != 2000 {
		t.Errorf("count is %d, want 2000", count)
	}
}

// TestOneAtATime has many goroutines call while the loop is started and stopped; the count is as in TestTurn.
func TestOneAtATime(t *testing.T) {
	l := loop.New(newWaiter())
	const callers, calls = 4, 200
	count := 0
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range calls {
				l.Do(func() { count++ })
				l.Post(func() { count++ })
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { wg.Wait(); cancel() }()
	for ctx.Err() == nil {
		turns := 0
		err := l.Run(ctx, func() (time.Time, bool) {
			l.RunPosted()
			turns++
			return time.Time{}, turns == 20 || ctx.Err() != nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	l.Turn(l.RunPosted)
	if want := 2 * callers * calls; count != want {
		t.Errorf("%d functions ran, want %d", count, want)
	}
}
