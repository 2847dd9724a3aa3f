// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestTimeout wants a check that returns at the end of its context to have failed then.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Config{Timeout: 300 * time.Millisecond, Check: func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Millisecond) // as long as it takes to kill a process
			return errors.Join(errBroken, ctx.Err())
		}}).start()
		l.until(0.3)
		l.want("0.3 unknown>down")
		if got := l.Status(); !errors.Is(got.Err, context.DeadlineExceeded) || !got.Hung || got.Timeouts != 1 ||
			got.Err.Error() != "track: x: no outcome within 300ms" {
			t.Errorf("at the time-out: %+v", got)
		}
		l.until(0.4)
		if got := l.Status(); !errors.Is(got.Err, context.DeadlineExceeded) || !errors.Is(got.Err, errBroken) || got.Hung ||
			got.Err.Error() != "track: x: no outcome within 300ms: broken\ncontext deadline exceeded" {
			t.Errorf("after it has returned: %+v", got)
		}
		l.until(5.9)
		if got := l.Status(); got.Runs != 6 || got.Timeouts != 6 {
			t.Errorf("after six runs: %+v", got)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestLateError wants the error of a check that returns as its context ends to be that of a time-out, too.
func TestLateError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Config{Check: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}}).start()
		l.until(1.5)
		l.want("1 unknown>down")
		if got := l.Status(); got.Timeouts != 1 || got.Err.Error() != "track: x: no outcome within 1s" {
			t.Errorf("status %+v", got)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// hanging is a check that heeds no context.
type hanging struct {
	release       chan struct{}
	running, most atomic.Int32
	runs          atomic.Int32
}

func (h *hanging) check(context.Context) error {
	h.runs.Add(1)
	h.most.Store(max(h.most.Load(), h.running.Add(1)))
	defer h.running.Add(-1)
	<-h.release
	return nil
}

// TestHang wants one goroutine, Down after Fall intervals, and the recovery.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{release: make(chan struct{})}
		l := newLab(t, Config{Check: h.check, Initial: Up, Fall: 3, Timeout: 500 * time.Millisecond}).start()
		l.until(100.1)
		l.want("2.5 up>down")
		if h.most.Load() != 1 || h.runs.Load() != 1 {
			t.Errorf("%d runs, %d at once, want 1", h.runs.Load(), h.most.Load())
		}
		got := l.Status()
		if !got.Hung || got.Runs != 100 || got.Timeouts != 100 || !errors.Is(got.Err, context.DeadlineExceeded) ||
			got.Err.Error() != "track: x: no outcome within 500ms: an earlier run has not returned" {
			t.Errorf("while it hangs: %+v", got)
		}
		close(h.release)
		l.until(101.1)
		l.want("2.5 up>down", "100.1 down>up")
		if got := l.Status(); got.Hung || h.most.Load() != 1 {
			t.Errorf("afterwards: %+v, %d at once", got, h.most.Load())
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestLateSuccess wants the success of a run that has exceeded its time-out not to count.
func TestLateSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Config{Check: func(context.Context) error {
			time.Sleep(1500 * time.Millisecond)
			return nil
		}}).start()
		l.until(20.9)
		l.want("1 unknown>down")
		if got := l.Status(); got.Failures != got.Runs || got.Runs < 10 {
			t.Errorf("status %+v", got)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestTimeoutBeyondInterval wants a run that is longer than the interval and shorter than the time-out to succeed.
func TestTimeoutBeyondInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Config{Timeout: 3 * time.Second, Check: func(context.Context) error {
			time.Sleep(2500 * time.Millisecond)
			return nil
		}}).start()
		l.until(20.9)
		l.want("2.5 unknown>up")
		if got := l.Status(); got.Failures != 0 || got.Runs != 7 {
			t.Errorf("status %+v", got)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestStopWaits wants Run to wait for a check that heeds its context, and to count no outcome.
func TestStopWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		returned := false
		l := newLab(t, Config{Check: func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(200 * time.Millisecond)
			returned = true
			return ctx.Err()
		}}).start()
		l.until(0.1)
		if err := l.stop(); err != nil || !returned {
			t.Errorf("Run = %v, the check has returned: %v", err, returned)
		}
		l.want()
		if got := l.Status(); got.Runs != 0 || got.Err != nil || got.Hung {
			t.Errorf("status %+v", got)
		}
	})
}

// TestStopLeavesTheError wants a run that was stopped to add nothing to an error of long ago.
func TestStopLeavesTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		l := newLab(t, Config{Check: func(ctx context.Context) error {
			if runs++; runs == 2 {
				return nil
			}
			<-ctx.Done()
			return errors.Join(errBroken, ctx.Err())
		}}).start()
		l.until(0.9)
		l.want()
		l.until(3.5)
		l.want("1 unknown>down", "2 down>up")
		before := l.Status()
		if err := l.stop(); err != nil {
			t.Error(err)
		}
		if after := l.Status(); after.Err.Error() != before.Err.Error() || errors.Is(after.Err, context.Canceled) {
			t.Errorf("error %v, before %v", after.Err, before.Err)
		}
	})
}

// TestStopIsBounded wants Run to give up on a check that does not end.
func TestStopIsBounded(t *testing.T) {
	for name, moment := range map[string]float64{"in a run": 0.1, "hung": 1.1, "while the next run waits": 2.2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &hanging{release: make(chan struct{})}
				l := newLab(t, Config{Check: h.check, Timeout: 700 * time.Millisecond}).start()
				l.until(moment)
				stopped := time.Now()
				if err := l.stop(); !errors.Is(err, ErrHung) || err.Error() != "track: x: the check does not return" {
					t.Errorf("Run = %v", err)
				}
				if took := time.Since(stopped); took != 700*time.Millisecond {
					t.Errorf("stopped after %v", took)
				}
				close(h.release)
			})
		})
	}
}
