// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// newRunning makes a bench whose clock is that of the bubble.
func newRunning(t *testing.T) *bench {
	b := newBench(t, func(c *engine.Config) { c.Now = nil })
	b.network.clock = time.Now
	b.network.quiet = true
	b.network.note = func(string, ...any) {}
	return b
}

// silent is a backend for tests with goroutines.
type silent struct{ fails error }

func (d *silent) Add(context.Context, []netip.Prefix) error { return nil }

func (d *silent) Remove(context.Context, []netip.Prefix) error { return d.fails }

// run runs the engine until the returned function is called, which returns what Run
// did.
func run(b *bench) (stop func() error) {
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan error, 1)
	go func() { done <- b.engine.Run(ctx) }()
	synctest.Wait()
	return func() error {
		cancel()
		return <-done
	}
}

// Run ends with its context, after the hand-over.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newRunning(t)
		m := b.add(1)
		stop := run(b)
		m.hold()
		time.Sleep(5 * time.Second)
		begin := time.Now()
		if err := stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(begin); took != handOver {
			t.Errorf("stopped after %v", took)
		}
		if err := b.engine.Run(t.Context()); !errors.Is(err, errClosed) {
			t.Errorf("the second Run = %v", err)
		}
		if err := m.seat.Do(func(time.Time) error { return nil }); !errors.Is(err, errClosed) {
			t.Errorf("Do after Run = %v", err)
		}
	})
}

// Stop does what the end of the context does.
func TestStopEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newRunning(t)
		stop := run(b)
		if err := b.engine.Run(t.Context()); !errors.Is(err, errClosed) {
			t.Errorf("a second Run at the same time = %v", err)
		}
		b.engine.Stop()
		synctest.Wait()
		if err := stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// Seats come and go while the engine runs, from any goroutine.
func TestAddAndRemoveWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newRunning(t)
		stop := run(b)
		var all sync.WaitGroup
		for i := range uint8(20) {
			all.Go(func() {
				m, err := b.tryAdd(i + 1)
				if err != nil {
					t.Error(err)
					return
				}
				m.hold()
				time.Sleep(time.Second)
				if err := m.seat.Remove(t.Context()); err != nil {
					t.Errorf("Remove = %v", err)
				}
			})
		}
		all.Wait()
		if n := len(b.engine.Members()); n != 0 || b.network.users() != 0 {
			t.Errorf("%d members, %d users of ports", n, b.network.users())
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestRunTellsWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newRunning(t)
		d := &silent{fails: os.ErrPermission}
		m := b.add(1, with(d))
		stop := run(b)
		m.hold()
		time.Sleep(time.Second)
		if err := stop(); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "192.0.2.101/32") {
			t.Errorf("Run = %v", err)
		}
	})
}

// A network that can't be waited on ends Run at once.
func TestRunCannotBind(t *testing.T) {
	b := newBench(t)
	b.engine = engine.New(engine.Config{Closed: errClosed, Network: &unbound{b.network}})
	if err := b.engine.Run(t.Context()); !errors.Is(err, os.ErrPermission) {
		t.Errorf("Run = %v", err)
	}
}

// unbound is a network that can't be waited on.
type unbound struct{ *network }

func (*unbound) Bind() (func(), error) { return nil, os.ErrPermission }
