// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// crowd runs many trackers with one check until ctx ends, and returns when they have.
func crowd(ctx context.Context, t *testing.T, n int, cfg Config) []*Tracker {
	t.Helper()
	var wg sync.WaitGroup
	var list []*Tracker
	for range n {
		tr, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, tr)
		wg.Go(func() {
			if err := tr.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return list
}

// TestPoolBound wants no more checks at once than allowed, of thousands, and everybody's turn to come.
func TestPoolBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		ctx, cancel := context.WithTimeout(t.Context(), 5500*time.Millisecond)
		defer cancel()
		list := crowd(ctx, t, 3000, Config{Pool: NewPool(40), Check: func(context.Context) error {
			n := running.Add(1)
			defer running.Add(-1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			time.Sleep(10 * time.Millisecond)
			return nil
		}})
		if most.Load() != 40 {
			t.Errorf("%d at once, want 40", most.Load())
		}
		for _, tr := range list {
			if got := tr.Status(); got.Runs < 4 || got.Failures != 0 {
				t.Fatalf("status %+v", got)
			}
		}
	})
}

// TestSpread wants the runs of trackers that were started together to be spread over the interval.
func TestSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var tenths [10]atomic.Int32
		ctx, cancel := context.WithTimeout(t.Context(), 2999*time.Millisecond)
		defer cancel()
		crowd(ctx, t, 2000, Config{Check: func(context.Context) error {
			if d := time.Since(begun); d > 2*time.Second {
				tenths[(d-2*time.Second)/(100*time.Millisecond)].Add(1)
			}
			return nil
		}})
		for i := range tenths {
			if n := tenths[i].Load(); n < 100 || n > 300 {
				t.Errorf("tenth %d: %d runs of 2000", i, n)
			}
		}
	})
}

// TestPoolHang wants checks that hang not to keep others from running.
func TestPoolHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := NewPool(2)
		h := &hanging{release: make(chan struct{})}
		var hung []*lab
		for range 5 {
			hung = append(hung, newLab(t, Config{Check: h.check, Pool: pool}).start())
		}
		l := newLab(t, Config{Check: fine, Pool: pool}).start()
		l.until(10.5)
		if got := l.Status(); got.Failures != 0 || got.Runs < 7 {
			t.Errorf("status %+v", got)
		}
		close(h.release)
		for _, l := range append(hung, l) {
			if err := l.stop(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestPoolWaitIsNoFailure wants the time-out to begin with the run, not with the wait for it.
func TestPoolWaitIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := NewPool(1)
		long := newLab(t, Config{Pool: pool, Interval: time.Minute, Phase: time.Minute, Check: func(context.Context) error {
			time.Sleep(20 * time.Second)
			return nil
		}}).start()
		synctest.Wait()
		l := newLab(t, Config{Pool: pool, Check: fine}).start()
		l.until(19)
		l.want()
		l.until(21)
		l.want("20 unknown>up")
		if l.Status().Discarded != 0 {
			t.Errorf("status %+v", l.Status())
		}
		for _, l := range []*lab{long, l} {
			if err := l.stop(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestPoolStop wants a tracker that waits for its turn to end at once.
func TestPoolStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := NewPool(1)
		pool.slots <- struct{}{}
		l := newLab(t, Config{Pool: pool, Check: fine}).start()
		l.until(1)
		stopped := time.Now()
		if err := l.stop(); err != nil || time.Since(stopped) != 0 {
			t.Errorf("Run = %v after %v", err, time.Since(stopped))
		}
		l.want()
	})
}

func TestPoolDefault(t *testing.T) {
	for n, want := range map[int]int{0: defaultRuns, -3: defaultRuns, 1: 1, 500: 500} {
		if got := cap(NewPool(n).slots); got != want {
			t.Errorf("NewPool(%d) runs %d", n, got)
		}
	}
}
