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
	q := &Queue{}
	return slog.New(&detacher{q, logger.Handler()}), q.Flush
}

// detacher is a handler that has another one do the work.
type detacher struct {
	queue *Queue
	to    slog.Handler
}

// Enabled leaves it to the other one, which may take its time.
func (*detacher) Enabled(context.Context, slog.Level) bool { return true }

// Handle passes a record on.
func (d *detacher) Handle(_ context.Context, r slog.Record) error {
	d.queue.Do(func(dropped int) { handle(d.to, r, dropped) })
	return nil
}

// WithAttrs implements [slog.Handler].
func (d *detacher) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &detacher{d.queue, d.to.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (d *detacher) WithGroup(name string) slog.Handler {
	return &detacher{d.queue, d.to.WithGroup(name)}
}

// handle gives a record to a handler. That it failed can be told to nobody.
func handle(to slog.Handler, r slog.Record, dropped int) {
	ctx := context.Background()
	if !to.Enabled(ctx, r.Level) {
		return
	}
	if dropped > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("dropped_before", dropped))
	}
	_ = to.Handle(ctx, r)
}
