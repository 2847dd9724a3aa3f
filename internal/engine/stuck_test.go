// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// stuck is a backend whose next renewal takes until it is let go.
type stuck struct {
	*backend
	entered, release chan struct{}
}

func (d *stuck) Lease(context.Context, []netip.Prefix, time.Duration) error {
	if d.entered != nil {
		entered := d.entered
		d.entered = nil
		close(entered)
		<-d.release
	}
	return nil
}

// While a backend keeps Turn from returning another one does all but the work that
// has to wait for that backend.
func TestTurnWhileABackendWorks(t *testing.T) {
	b := newBench(t)
	d := &stuck{backend: &backend{bench: b}}
	m := b.add(1, with(d))
	m.hold()
	b.turn()
	entered, done := make(chan struct{}), make(chan struct{})
	d.entered, d.release = entered, make(chan struct{})
	b.now = b.now.Add(2 * time.Second)
	go func() { defer close(done); b.engine.Turn() }()
	<-entered
	b.forget()
	if err := m.seat.Do(func(time.Time) error { m.letGo(); m.send("word"); return nil }); err != nil {
		t.Fatal(err)
	}
	b.engine.Turn()
	b.want("port 0 sends word from 192.0.2.1 to 224.0.0.18")
	close(d.release)
	<-done
	b.engine.Turn()
	if !slices.Equal(*b.journal, []string{"remove [192.0.2.101/32]", "seat 1: removed"}) {
		t.Errorf("after the end of the call: %q", *b.journal)
	}
}
