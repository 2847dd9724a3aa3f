// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// holders returns a bench with some seats that hold, each a microsecond after the one before.
func holders(t testing.TB, count uint8) (*bench, []*election) {
	b := newBench(t)
	var all []*election
	for i := range count {
		m := b.add(i + 1)
		b.turn()
		b.now = b.now.Add(time.Microsecond)
		m.hold()
		all = append(all, m)
	}
	b.turn()
	b.forget()
	return b, all
}

// wakeUps lets a time pass and returns when the engine asked to be woken.
func wakeUps(b *bench, d time.Duration) (at []time.Duration) {
	for end := b.now.Add(d); ; {
		until, _ := b.turn()
		if until.IsZero() || until.After(end) {
			return at
		}
		b.now = until
		at = append(at, until.Sub(epoch))
	}
}

// Few seats send each at its own time, on the dot.
func TestGridIsForCrowds(t *testing.T) {
	b, _ := holders(t, 16)
	got := wakeUps(b, time.Second)
	if len(got) != 16 || got[0] != time.Second+time.Microsecond || got[15] != time.Second+16*time.Microsecond {
		t.Errorf("woken at %v", got)
	}
}

// Many send together, later by less than 1 % of the interval, and then an interval apart.
func TestGridGathersDeadlines(t *testing.T) {
	b, all := holders(t, 100)
	b.advance(1500 * time.Millisecond) // the first ones were no crowd yet
	b.forget()
	got := wakeUps(b, 3*time.Second)
	if len(got) != 3 {
		t.Fatalf("woken at %v, want three times", got)
	}
	for i, at := range got {
		if want := time.Duration(i+2)*time.Second + time.Second/128; at != want {
			t.Errorf("woken at %v, want %v", at, want)
		}
	}
	if sent := len(*b.journal); sent != 3*len(all) {
		t.Errorf("%d sent, want 3 by each of %d", sent, len(all))
	}
}

// Whoever waits for others claims on the dot, however many there are.
func TestGridIsForHolders(t *testing.T) {
	b, all := holders(t, 20)
	at := b.now.Add(100*time.Millisecond + 1)
	_ = all[0].seat.Do(func(time.Time) error {
		all[0].follow(engine.Watching, at)
		return nil
	})
	if until, _ := b.turn(); !until.Equal(at) {
		t.Errorf("to be woken at %v, want %v", until, at)
	}
}
