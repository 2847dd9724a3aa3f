// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestStalled(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		name                     string
		monotonic, wall, timeout time.Duration
		want                     bool
	}{
		{"in time", s / 2, s / 2, s, false},
		{"at the time-out", s, s, s, false},
		{"timer late by the time-out", 2 * s, 2 * s, s, false},
		{"timer later than that", 2*s + 1, 2*s + 1, s, true},
		{"suspended", s / 2, 3600 * s, s, true},
		{"suspended for less than the time-out", s / 2, s, s, false},
		{"clock set back", s / 2, -3600 * s, s, false},
		{"clock set back in a stall", 9 * s, -3600 * s, s, true},
	} {
		if got := stalled(c.monotonic, c.wall, c.timeout); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// stall makes the tracker's clock go ahead of its timers: they were late.
func (l *lab) stall(d time.Duration) { l.ahead.Add(int64(d)) }

// TestFieldReport74 has a host stall while the checks of four conditions run: all of them fail, and none is blamed.
func TestFieldReport74(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var labs []*lab
		for range 4 {
			runs := 0
			labs = append(labs, newLab(t, Config{Check: func(context.Context) error {
				runs++
				time.Sleep(300 * time.Millisecond)
				if runs == 2 { // the one that overlaps
					return errBroken
				}
				return nil
			}}).start())
		}
		labs[0].until(1.1)
		for _, l := range labs {
			l.stall(2100 * time.Millisecond)
		}
		labs[0].until(8)
		for _, l := range labs {
			l.want("0.3 unknown>up")
			if got := l.Status(); got.Discarded != 1 || got.Failures != 0 || got.Err != nil {
				t.Errorf("status %+v", got)
			}
			if err := l.stop(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestRepeatedAtOnce wants the run after a stall not to wait for its time.
func TestRepeatedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{begun: time.Now(), outcomes: "+-"}
		l := newLab(t, Config{Interval: time.Minute, Phase: time.Minute, Timeout: time.Second, Check: func(ctx context.Context) error {
			defer time.Sleep(100 * time.Millisecond)
			return s.check(ctx)
		}}).start()
		l.until(60.05)
		l.stall(5 * time.Second)
		l.until(60.1)
		l.want("0.1 unknown>up")
		l.until(60.2)
		l.want("0.1 unknown>up", "60.2 up>down")
		if len(s.runs) != 3 || l.Status().Discarded != 1 {
			t.Errorf("runs %v, %d discarded", s.runs, l.Status().Discarded)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestStallInTimeout has the time-out itself late: the check that hung meanwhile is waited for, and repeated.
func TestStallInTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		l := newLab(t, Config{Initial: Up, Check: func(context.Context) error {
			if runs++; runs == 1 {
				time.Sleep(1200 * time.Millisecond) // its timers are as late as the tracker's
			}
			return nil
		}}).start()
		l.until(0.5)
		l.stall(5 * time.Second)
		l.until(1.3)
		l.want()
		if got := l.Status(); got.Discarded != 1 || got.Runs != 1 || got.Failures != 0 || got.Hung || runs != 2 {
			t.Errorf("status %+v after %d runs", got, runs)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestHangAfterStall wants a check that goes on hanging after a stall to fail all the same.
func TestHangAfterStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{release: make(chan struct{})}
		l := newLab(t, Config{Initial: Up, Check: h.check}).start()
		l.until(0.5)
		l.stall(5 * time.Second)
		l.until(1.9)
		l.want()
		l.until(2.1)
		l.want("2 up>down")
		if got := l.Status(); got.Discarded != 1 || got.Failures != 1 || h.most.Load() != 1 {
			t.Errorf("status %+v, %d at once", got, h.most.Load())
		}
		close(h.release)
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestTimerLateByLess has timers late by less than the time-out, and what the check says there when they fire: it counts,
// and a failure is that of a time-out.
func TestTimerLateByLess(t *testing.T) {
	for text, result := range map[string]error{
		"": nil, "track: x: no outcome within 1s: broken": errBroken, "track: x: no outcome within 1s": context.DeadlineExceeded,
	} {
		synctest.Test(t, func(t *testing.T) {
			var l *lab
			l = newLab(t, Config{Check: func(context.Context) error {
				l.stall(1500 * time.Millisecond)
				return result
			}})
			l.start().until(0)
			got := l.Status()
			if got.Runs != 1 || got.Discarded != 0 || (got.Timeouts == 1) != (result != nil) || !errors.Is(got.Err, result) {
				t.Errorf("%v: status %+v", result, got)
			}
			if got.Err != nil && got.Err.Error() != text {
				t.Errorf("error %v, want %s", got.Err, text)
			}
			if err := l.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestStallsWithoutEnd wants a host that stalls each time to have outcomes all the same.
func TestStallsWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l *lab
		l = newLab(t, Config{Initial: Up, Check: func(context.Context) error {
			l.stall(3 * time.Second)
			return errBroken
		}})
		l.start().until(0.1)
		l.want("0 up>down")
		if got := l.Status(); got.Discarded != maxDiscards || got.Runs != 1 {
			t.Errorf("status %+v", got)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestStallBetweenRuns wants a stall that no check overlapped to discard nothing.
func TestStallBetweenRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{begun: time.Now(), outcomes: "+-"}
		l := newLab(t, Config{Check: s.check}).start()
		l.until(0.5)
		l.stall(time.Hour)
		l.until(1.1)
		l.want("0 unknown>up", "1 up>down")
		if got := l.Status(); got.Discarded != 0 {
			t.Errorf("status %+v", got)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}
