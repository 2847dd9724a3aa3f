// SPDX-License-Identifier: Apache-2.0

package quietlog

import (
	"context"
	"log/slog"
	"time"
)

// Detach returns a logger to the same handler that never waits for it, as [Log] does.
// flush returns when all is written that was logged, or after grace. A nil logger is silent.
func Detach(logger *slog.Logger) (detached *slog.Logger, flush func(grace time.Duration)) {
	if logger == nil {
		return slog.New(slog.DiscardHandler), func(time.Duration) {}
	}
	q := &relay{}
	return slog.New(&detacher{q, logger.Handler()}), q.Flush
}

// detacher is a handler that has another one do the work.
type detacher struct {
	relay *relay
	to    slog.Handler
}

// Enabled leaves it to the other one, which may take its time.
func (*detacher) Enabled(context.Context, slog.Level) bool { return true }

// Handle passes a record on.
func (d *detacher) Handle(_ context.Context, r slog.Record) error {
	d.relay.pass(d.to, r)
	return nil
}

// WithAttrs implements [slog.Handler].
func (d *detacher) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &detacher{d.relay, d.to.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (d *detacher) WithGroup(name string) slog.Handler {
	return &detacher{d.relay, d.to.WithGroup(name)}
}

// relay passes records on by a queue.
type relay struct {
	Queue
	untold int // how many were dropped before a record that was not wanted; the queue's goroutine has it
}

// pass has a record given to a handler, with how many were dropped since it took one.
func (q *relay) pass(to slog.Handler, r slog.Record) {
	q.Do(func(dropped int) {
		if q.untold += dropped; handle(to, r, q.untold) {
			q.untold = 0
		}
	})
}

// handle gives a record to a handler, and reports whether that takes its level. That it
// failed can be told to nobody.
func handle(to slog.Handler, r slog.Record, dropped int) (wanted bool) {
	ctx := context.Background()
	if !to.Enabled(ctx, r.Level) {
		return false
	}
	if dropped > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("dropped_before", dropped))
	}
	_ = to.Handle(ctx, r)
	return true
}
