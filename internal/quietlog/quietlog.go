// SPDX-License-Identifier: Apache-2.0

// Package quietlog writes to a *slog.Logger without ever delaying the one who
// logs, and without drowning the reader in what strangers on the link provoke.
package quietlog

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// backlog is how many records wait for a slow handler before more are dropped.
const backlog = 1024

// Log passes records to a handler on a goroutine of its own while it runs, and
// directly otherwise. A nil *Log is silent. It is safe for concurrent use.
type Log struct {
	handler slog.Handler
	records chan slog.Record

	mu      sync.Mutex
	running bool
	dropped int
}

// New returns a log to logger, nil if logger is nil.
func New(logger *slog.Logger) *Log {
	if logger == nil {
		return nil
	}
	return &Log{handler: logger.Handler(), records: make(chan slog.Record, backlog)}
}

// Start begins to pass records on. The returned function ends that after the
// records that wait, or after grace if the handler doesn't take them.
func (l *Log) Start() (stop func(grace time.Duration)) {
	if l == nil {
		return func(time.Duration) {}
	}
	l.mu.Lock()
	l.running = true
	l.mu.Unlock()
	end, done := make(chan struct{}), make(chan struct{})
	go l.pass(end, done)
	return func(grace time.Duration) {
		l.mu.Lock()
		l.running = false
		l.mu.Unlock()
		close(end)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		}
	}
}

// pass hands records to the handler until end and until none waits.
func (l *Log) pass(end <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case r := <-l.records:
			l.handle(r)
		case <-end:
			for {
				select {
				case r := <-l.records:
					l.handle(r)
				default:
					return
				}
			}
		}
	}
}

// handle gives a record to the handler. That it failed can be told to nobody.
func (l *Log) handle(r slog.Record) { _ = l.handler.Handle(context.Background(), r) }

// Enabled reports whether records of the level go anywhere.
func (l *Log) Enabled(level slog.Level) bool {
	return l != nil && l.handler.Enabled(context.Background(), level)
}

// Log writes a record with attributes.
func (l *Log) Log(now time.Time, level slog.Level, message string, attrs ...slog.Attr) {
	if !l.Enabled(level) {
		return
	}
	r := slog.NewRecord(now, level, message, 0)
	r.AddAttrs(attrs...)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.running {
		l.handle(r)
		return
	}
	if l.dropped > 0 {
		r.AddAttrs(slog.Int("dropped_before", l.dropped))
	}
	select {
	case l.records <- r:
		l.dropped = 0
	default:
		l.dropped++
	}
}

// Limit lets one record through in a while and counts the others. The zero value
// is ready. It is not safe for concurrent use.
type Limit struct {
	next       time.Time
	suppressed int
}

// every is how far apart records of one limit are.
const every = 10 * time.Second

// Allow reports whether a record may be written now, and how many were not
// since the last that was.
func (l *Limit) Allow(now time.Time) (suppressed int, ok bool) {
	if now.Before(l.next) {
		l.suppressed++
		return 0, false
	}
	suppressed, l.suppressed, l.next = l.suppressed, 0, now.Add(every)
	return suppressed, true
}
