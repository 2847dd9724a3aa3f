// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// service is a Service as a test makes it.
type service struct {
	Service
	manager  *manager
	notifier *Notifier
	started  chan struct{}
	changed  chan struct{}
	asked    atomic.Int32
	stop     context.CancelFunc
	end      func()
}

// follow starts to tell of a service that the manager watches with this time.
func follow(t *testing.T, watchdog time.Duration, ask func()) *service {
	t.Helper()
	name := filepath.Join(t.TempDir(), "notify")
	s := &service{manager: listen(t, name), notifier: open(t, environment{"NOTIFY_SOCKET": name}), started: make(chan struct{}), changed: make(chan struct{}, 1)}
	s.notifier.watchdog = watchdog
	s.Service = Service{Started: s.started, Changed: s.changed, Summary: func() string { return "1 Active" }, Ask: func() {
		s.asked.Add(1)
		ask()
	}}
	ctx, stop := context.WithCancel(t.Context())
	s.stop, s.end = stop, s.notifier.Follow(ctx, s.Service)
	t.Cleanup(stop)
	return s
}

// TestLifeOfAService: ready when it has started, its states as they change, and stopping before it ends.
func TestLifeOfAService(t *testing.T) {
	s := follow(t, 0, func() {})
	close(s.started)
	s.manager.want("READY=1\nSTATUS=1 Active")
	for range 3 {
		s.changed <- struct{}{}
		s.manager.want("STATUS=1 Active")
	}
	s.stop()
	s.manager.want("STOPPING=1")
	s.changed <- struct{}{}
	s.manager.want("STATUS=1 Active") // the hand-over goes on
	s.end()
	if n := s.asked.Load(); n != 0 {
		t.Errorf("the loop was asked %d times, though the manager watches nothing", n)
	}
}

// TestStopBeforeReady: what never became ready doesn't say that it did.
func TestStopBeforeReady(t *testing.T) {
	s := follow(t, time.Second, func() {})
	s.stop()
	s.manager.want("STOPPING=1")
	s.end()
}

// TestEndBeforeReady: one that fails to start ends without a word.
func TestEndBeforeReady(t *testing.T) {
	s := follow(t, time.Second, func() {})
	s.end()
	if err := s.notifier.Alive(); err != nil {
		t.Error(err)
	}
	s.manager.want("WATCHDOG=1") // the first message
}

// TestShortStop: an end that comes right after the stop doesn't hide it.
func TestShortStop(t *testing.T) {
	for range 100 {
		s := follow(t, 0, func() {})
		close(s.started)
		s.manager.want("READY=1\nSTATUS=1 Active")
		s.stop()
		s.end()
		s.manager.want("STOPPING=1")
	}
}

// TestWatchdogAsksTheLoop: a sign of life comes after an answer only, and after every one of them.
func TestWatchdogAsksTheLoop(t *testing.T) {
	answer := make(chan struct{})
	s := follow(t, 2*time.Millisecond, func() { <-answer })
	close(s.started)
	s.manager.want("READY=1\nSTATUS=1 Active")
	for range 3 {
		answer <- struct{}{}
		s.manager.want("WATCHDOG=1")
	}
	// The loop stands still: the next message is not a sign of life, though there was time for some.
	for s.asked.Load() < 4 {
		time.Sleep(time.Millisecond)
	}
	s.changed <- struct{}{}
	s.manager.want("STATUS=1 Active")
	s.stop()
	s.manager.want("STOPPING=1")
	close(answer)
	s.manager.want("WATCHDOG=1") // while it hands over
	s.end()
}

// TestManagerIsGone: that nobody can be told is logged, and harms nothing.
func TestManagerIsGone(t *testing.T) {
	var log bytes.Buffer
	n := open(t, environment{"NOTIFY_SOCKET": filepath.Join(t.TempDir(), "notify"), "WATCHDOG_USEC": "100"})
	started, asked := make(chan struct{}), make(chan struct{}, 10)
	close(started)
	end := n.Follow(t.Context(), Service{Started: started, Summary: func() string { return "" }, Log: slog.New(slog.NewTextHandler(&log, nil)), Ask: func() {
		select {
		case asked <- struct{}{}:
		default:
		}
	}})
	for range 3 {
		<-asked
	}
	end()
	if got := strings.Count(log.String(), "the service manager could not be told"); got != 1 {
		t.Errorf("%d records:\n%s", got, log.String())
	}
}
