// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lab is a tracker in a bubble, with what it reports.
type lab struct {
	*Tracker
	t       *testing.T
	begun   time.Time
	ahead   atomic.Int64 // what the tracker's clock is ahead of its timers
	end     context.CancelFunc
	done    chan error
	mu      sync.Mutex
	reports []string
}

// newLab makes a tracker with interval, time-out and phase of a second, unless told otherwise.
func newLab(t *testing.T, cfg Config) *lab {
	t.Helper()
	l := &lab{t: t, begun: time.Now(), done: make(chan error, 1)}
	cfg.Name = "x"
	if cfg.Phase == 0 {
		cfg.Phase = time.Second
	}
	if cfg.Report == nil {
		cfg.Report = l.report
	}
	tr, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.Tracker = tr
	tr.clock = func() time.Time { return time.Now().Add(time.Duration(l.ahead.Load())) }
	return l
}

// report notes when a change was reported, in seconds, from what and to what.
func (l *lab) report(c Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reports = append(l.reports, fmt.Sprintf("%v %v>%v", time.Since(l.begun).Seconds(), c.Before, c.Now))
	if (c.Err != nil) != (c.Now.State == Down) || c.Name != "x" {
		l.t.Errorf("change %+v", c)
	}
}

// start runs the tracker until the test ends, or stop.
func (l *lab) start() *lab {
	ctx, cancel := context.WithCancel(l.t.Context())
	l.end = cancel
	go func() { l.done <- l.Run(ctx) }()
	return l
}

// stop ends the tracker and returns what Run returned.
func (l *lab) stop() error {
	l.end()
	return <-l.done
}

// until lets time pass, up to that many seconds after the beginning, and all settle.
func (l *lab) until(seconds float64) {
	time.Sleep(time.Until(l.begun.Add(time.Duration(seconds * float64(time.Second)))))
	synctest.Wait()
}

// want checks all that was reported.
func (l *lab) want(reports ...string) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if diff := cmp.Diff(reports, l.reports); diff != "" {
		l.t.Errorf("reports (-want +got):\n%s", diff)
	}
}

// scripted is a check with an outcome for each run by "+" and "-"; the last one lasts. It notes when it ran.
type scripted struct {
	begun    time.Time
	outcomes string
	runs     []float64
}

func (s *scripted) check(context.Context) error {
	o := script(rune(s.outcomes[min(len(s.runs), len(s.outcomes)-1)]))
	s.runs = append(s.runs, time.Since(s.begun).Seconds())
	return o.err
}

func TestReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{begun: time.Now(), outcomes: "++-+--+-++++---"}
		l := newLab(t, Config{Check: s.check, Rise: 2, Fall: 2}).start()
		l.until(14.5)
		l.want("0 unknown>up", "5 up>down", "9 down>up", "13 up>down")
		if err := l.stop(); err != nil {
			t.Error(err)
		}
		if got := l.Status(); got.Runs != 15 || got.Failures != 7 || got.Changes != 4 || got.Failed != 3 || got.Succeeded != 0 {
			t.Errorf("status %+v", got)
		}
	})
}

// TestGrid wants runs at absolute times, however long each takes, and none made up for.
func TestGrid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs []float64
		begun := time.Now()
		l := newLab(t, Config{Phase: 250 * time.Millisecond, Timeout: 10 * time.Second, Check: func(context.Context) error {
			runs = append(runs, time.Since(begun).Seconds())
			time.Sleep([]time.Duration{0, 100, 900, 2300, 0, 0}[min(len(runs)-1, 5)] * time.Millisecond)
			return nil
		}}).start()
		l.until(6)
		if diff := cmp.Diff([]float64{0, 0.25, 1.25, 2.25, 5.25}, runs); diff != "" {
			t.Errorf("runs at (-want +got):\n%s", diff)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestInitial wants the initial state reported by Status and not by Report.
func TestInitial(t *testing.T) {
	for _, c := range []struct {
		initial  State
		outcomes string
		want     []string
	}{
		{Unknown, "+", []string{"0 unknown>up"}},
		{Unknown, "-", []string{"0 unknown>down"}},
		{Up, "+", nil},
		{Up, "-", []string{"2 up>down"}},
		{Down, "-", nil},
		{Down, "+", []string{"1 down>up"}},
	} {
		t.Run(fmt.Sprint(c.initial, c.outcomes), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{begun: time.Now(), outcomes: c.outcomes}
				l := newLab(t, Config{Check: s.check, Initial: c.initial, Rise: 2, Fall: 3})
				if got := l.Status().Reading.State; got != c.initial || !l.Status().Since.IsZero() {
					t.Errorf("at first %v, want %v", got, c.initial)
				}
				l.start().until(5)
				l.want(c.want...)
				if err := l.stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestNumbers wants each number that differs reported.
func TestNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		l := newLab(t, Config{Fall: 2, Number: func(context.Context) (int, error) {
			runs++
			n := []int{0, 0, -20, -20, 666, 5, 666, 666, 5}[min(runs-1, 8)]
			if n == 666 {
				return n, errBroken
			}
			return n, nil
		}}).start()
		l.until(9)
		l.want("0 unknown>0", "2 0>-20", "5 -20>5", "7 5>down", "8 down>5")
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestStatus wants the cause of the last error found, and kept after the recovery.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{begun: time.Now(), outcomes: "+-+"}
		l := newLab(t, Config{Check: s.check})
		if got := l.Status(); got.Name != "x" || got.Err != nil || got.Runs != 0 {
			t.Errorf("before: %+v", got)
		}
		l.start().until(3.5)
		got := l.Status()
		if !errors.Is(got.Err, errBroken) || got.Err.Error() != "track: x: broken" {
			t.Errorf("error %v", got.Err)
		}
		if failed, recovered := got.ErrAt.Sub(l.begun), got.Since.Sub(l.begun); failed != time.Second || recovered != 2*time.Second {
			t.Errorf("failed at %v, up since %v", failed, recovered)
		}
		if got.Reading != (Reading{State: Up}) || got.Runs != 4 || got.Failures != 1 || got.Timeouts != 0 || got.Changes != 3 || got.Succeeded != 2 {
			t.Errorf("status %+v", got)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestSlowReport wants order, nothing lost, nothing twice, while the callback takes its time: the runs wait.
func TestSlowReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		var got []int // belongs to Run
		l := newLab(t, Config{
			Number: func(context.Context) (int, error) { n++; return n, nil },
			Report: func(c Change) {
				time.Sleep(2500 * time.Millisecond)
				got = append(got, c.Before.Number, c.Now.Number)
			},
		}).start()
		l.until(9)
		if err := l.stop(); err != nil {
			t.Error(err)
		}
		if want := []int{0, 1, 1, 2, 2, 3, 3, 4}; !slices.Equal(got, want) {
			t.Errorf("reports when Run has returned %v, want %v", got, want)
		}
	})
}

// TestNoReport wants a tracker without a callback to work.
func TestNoReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, err := New(Config{Check: fine})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := tr.Run(ctx); err != nil || tr.Status().Reading != (Reading{State: Up}) {
			t.Errorf("Run = %v, %v", err, tr.Status().Reading)
		}
	})
}

// TestRunOnce wants a second call refused.
func TestRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Config{Check: fine}).start()
		l.until(1)
		if err := l.stop(); err != nil {
			t.Error(err)
		}
		if err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "Run was called before") {
			t.Errorf("second Run = %v", err)
		}
	})
}

// TestEndedContext wants no run at all.
func TestEndedContext(t *testing.T) {
	for range 50 { // the choice is random
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, Config{Pool: NewPool(1), Check: func(context.Context) error { t.Error("the check ran"); return nil }})
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := l.Run(ctx); err != nil {
				t.Error(err)
			}
			l.want()
		})
	}
}
