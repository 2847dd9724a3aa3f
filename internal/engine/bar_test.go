// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"
	"time"
)

// A member that is barred is shut down, whatever its link does, and started up when it
// is let be. Whether it could take part doesn't depend on that.
func TestBar(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	b.turn()
	b.forget()
	for _, step := range []struct {
		do   func()
		able bool
		want []string
	}{
		{func() { m.seat.Bar(true) }, true, []string{"seat 1: shutdown, barred"}},
		{func() { m.seat.Bar(true) }, true, nil},
		{func() { m.seat.Settle() }, true, []string{"seat 1: shutdown, barred"}},
		{func() { m.seat.Bar(false) }, true, []string{"seat 1: startup from 192.0.2.1"}},
		{func() { m.seat.Bar(false) }, true, nil},
	} {
		b.engine.Do(step.do)
		b.want(step.want...)
		if m.seat.Able() != step.able {
			t.Errorf("able: %v", !step.able)
		}
	}
}

// What is posted for a seat runs as long as that is taken.
func TestPost(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	ran := 0
	count := func(time.Time) { ran++ }
	m.seat.Post(count)
	b.turn()
	b.engine.Stop()
	b.turn()
	m.seat.Post(count)
	b.turn()
	if ran != 1 || !m.seat.Leaving() || !b.engine.Stopping() {
		t.Errorf("ran %d times", ran)
	}
}
