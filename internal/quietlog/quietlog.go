// SPDX-License-Identifier: Apache-2.0

// Package quietlog writes to a *slog.Logger without ever delaying the one who
// logs, and without drowning the reader in what strangers on the link provoke.
package quietlog

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// Log passes records to a handler on a goroutine of its own while it runs, and
// directly otherwise. A nil *Log is silent. It is safe for concurrent use.
type Log struct {
	handler slog.Handler
	running atomic.Bool
	relay   relay
}

// New returns a log to logger, nil if logger is nil.
func New(logger *slog.Logger) *Log {
	if logger == nil {
		return nil
	}
	return &Log{handler: logger.Handler()}
}

// Start begins to pass records on. The returned function ends that after the
// records that wait, or after grace if the handler doesn't take them.
func (l *Log) Start() (stop func(grace time.Duration)) {
	if l == nil {
		return func(time.Duration) {}
	}
	l.running.Store(true)
	return func(grace time.Duration) {
		l.relay.Flush(grace)
		l.running.Store(false)
	}
}

// Log writes a record with attributes. Whether the handler takes its level is asked on the
// other goroutine as well, for the answer may take its time.
func (l *Log) Log(now time.Time, level slog.Level, message string, attrs ...slog.Attr) {
	if l == nil {
		return
	}
	r := slog.NewRecord(now, level, message, 0)
	r.AddAttrs(attrs...)
	if !l.running.Load() {
		handle(l.handler, r, 0)
		return
	}
	l.relay.pass(l.handler, r)
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
