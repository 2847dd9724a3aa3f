// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// Service is what there is to be told of a service that runs a loop.
type Service struct {
	// Started is closed when the service is set up and its loop runs.
	Started <-chan struct{}
	// Ask returns when the loop has answered, and not before: a loop that stands still gives no sign of life.
	Ask func()
	// Summary says in a line how the service is. It may ask the loop, too.
	Summary func() string
	// Changed receives when Summary may say something else. It should have room for one, and whoever sends must not wait.
	Changed <-chan struct{}
	// Log is told at a bounded rate that the manager could not be told; nil for nobody.
	Log *slog.Logger
}

// breath is how long a status stands at least.
const breath = 100 * time.Millisecond

// Follow tells the manager of a service: that it is ready, once it has started; how it is, when that has changed; signs of life,
// twice in the time that the manager waits for one; and that it is stopping, when ctx has ended. That goes on until end is called,
// which returns when all of it has ended: after the service, because it asks the loop.
func (n *Notifier) Follow(ctx context.Context, s Service) (end func()) {
	if n == nil {
		return func() {}
	}
	f := &follower{notifier: n, service: s, over: make(chan struct{})}
	var all sync.WaitGroup
	all.Go(func() {
		if f.begin(ctx) {
			all.Go(f.watchdog)
			all.Go(f.states)
			f.stop(ctx)
		}
	})
	return func() {
		close(f.over)
		all.Wait()
	}
}

// Reload tells the manager that the service reads its configuration again, while f does so, and what came of it.
func (n *Notifier) Reload(f func() error, summary func() string) error {
	_ = n.Reloading() // that can't be told is no reason not to do it
	err := f()
	switch {
	case n == nil:
	case err != nil:
		_ = n.Ready("Reload failed: " + err.Error())
	default:
		_ = n.Ready(summary())
	}
	return err
}

// follower tells of one service.
type follower struct {
	notifier *Notifier
	service  Service
	over     chan struct{}

	mu    sync.Mutex
	limit quietlog.Limit
}

// begin tells that the service is ready, if that comes before its end.
func (f *follower) begin(ctx context.Context) bool {
	select {
	case <-f.service.Started:
		f.tell(f.notifier.Ready(f.service.Summary()))
		return true
	case <-ctx.Done():
	case <-f.over:
	}
	f.stop(ctx)
	return false
}

// stop tells that the service is stopping, when it is asked to.
func (f *follower) stop(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-f.over:
	}
	if ctx.Err() != nil {
		f.tell(f.notifier.Stopping())
	}
}

// watchdog gives signs of life, each after the loop has answered.
func (f *follower) watchdog() {
	if f.notifier.watchdog == 0 {
		return
	}
	ticker := time.NewTicker(f.notifier.watchdog / 2)
	defer ticker.Stop()
	for {
		f.service.Ask()
		f.tell(f.notifier.Alive())
		select {
		case <-ticker.C:
		case <-f.over:
			return
		}
	}
}

// states tells how the service is, when that has changed.
func (f *follower) states() {
	for {
		select {
		case <-f.service.Changed:
		case <-f.over:
			return
		}
		f.tell(f.notifier.Status(f.service.Summary()))
		select {
		case <-time.After(breath):
		case <-f.over:
			return
		}
	}
}

// tell notes that the manager could not be told.
func (f *follower) tell(err error) {
	if err == nil || f.service.Log == nil {
		return
	}
	f.mu.Lock()
	suppressed, ok := f.limit.Allow(time.Now())
	f.mu.Unlock()
	if ok {
		f.service.Log.Warn("the service manager could not be told", "error", err, "suppressed", suppressed)
	}
}
