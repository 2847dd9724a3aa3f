// SPDX-License-Identifier: Apache-2.0

package track

import (
	"errors"
	"math/rand/v2"
	"testing"
)

var errBroken = errors.New("broken")

// script turns "+" into a success and "-" into a failure.
func script(r rune) outcome {
	if r == '-' {
		return outcome{err: errBroken}
	}
	return outcome{}
}

// TestRiseFall holds the counting of vrrp_script in keepalived.conf(5). In want there is the state after each outcome: U
// and D.
func TestRiseFall(t *testing.T) {
	for _, c := range []struct {
		name       string
		rise, fall int
		initial    State
		outcomes   string
		want       string
	}{
		{"the defaults follow each outcome", 1, 1, Unknown, "+-+--+", "UDUDDU"},
		{"one success decides what is unknown", 3, 3, Unknown, "+", "U"},
		{"one failure decides what is unknown", 3, 3, Unknown, "-", "D"},
		{"unknown and decided, the counts hold", 2, 3, Unknown, "+--+---+-++", "UUUUUUDDDDU"},
		{"init_fail takes all successes", 3, 1, Down, "++-+++", "DDDDDU"},
		{"initially up it takes all failures", 1, 3, Up, "--+---", "UUUUUD"},
		{"a success while up begins the failures anew", 1, 2, Up, "-+-+--", "UUUUUD"},
		{"a failure while down begins the successes anew", 2, 1, Down, "+-+-++", "DDDDDU"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl := tally{rise: c.rise, fall: c.fall, reading: Reading{State: c.initial}}
			got := ""
			for _, r := range c.outcomes {
				tl.apply(script(r))
				got += map[State]string{Unknown: "?", Up: "U", Down: "D"}[tl.reading.State]
			}
			if got != c.want {
				t.Errorf("after %s: %s, want %s", c.outcomes, got, c.want)
			}
		})
	}
}

// counter counts as keepalived does: one number from 0 to rise+fall-1, Up from rise on. Unknown begins at rise-1, and takes
// a failure for a change.
type counter struct {
	rise, fall, n int
	state         State
}

func (c *counter) apply(success bool) {
	switch {
	case success && c.n < c.rise-1:
		c.n++
	case success:
		c.n, c.state = c.rise+c.fall-1, Up
	case c.n > c.rise:
		c.n--
	default:
		c.n, c.state = 0, Down
	}
}

// TestRiseFallAsKeepalived compares with that counter over many outcomes.
func TestRiseFallAsKeepalived(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		rise, fall := 1+rng.IntN(4), 1+rng.IntN(4)
		initial := State(rng.IntN(3))
		c := counter{rise, fall, []int{Unknown: rise - 1, Up: rise + fall - 1, Down: 0}[initial], initial}
		tl := tally{rise: rise, fall: fall, reading: Reading{State: initial}}
		for i := range 60 {
			success := rng.IntN(2) == 0
			c.apply(success)
			if success {
				tl.apply(outcome{})
			} else {
				tl.apply(outcome{err: errBroken})
			}
			if tl.reading.State != c.state {
				t.Fatalf("rise %d, fall %d, from %v, outcome %d: %v, want %v", rise, fall, initial, i, tl.reading, c.state)
			}
		}
	}
}

// TestNumber holds what a number that can't be read does: nothing until Fall, then it is gone.
func TestNumber(t *testing.T) {
	tl := tally{rise: 2, fall: 2, reading: Reading{Numeric: true}}
	broken := outcome{number: 99, err: errBroken}
	for i, step := range []struct {
		o    outcome
		want string
	}{
		{outcome{number: 5}, "5"},
		{outcome{number: -7}, "-7"},
		{broken, "-7"},
		{outcome{number: 3}, "3"},
		{broken, "3"},
		{broken, "down"},
		{outcome{number: 8}, "down"},
		{outcome{number: 9}, "9"},
	} {
		if tl.apply(step.o); tl.reading.String() != step.want {
			t.Errorf("step %d: %v, want %s", i, tl.reading, step.want)
		}
	}
	tl.apply(broken)
	tl.apply(broken)
	if want := (Reading{State: Down, Numeric: true}); tl.reading != want {
		t.Errorf("%#v, want %#v", tl.reading, want)
	}
}

func TestStateString(t *testing.T) {
	for s, want := range map[State]string{Unknown: "unknown", Up: "up", Down: "down", 9: "State(9)"} {
		if got := s.String(); got != want {
			t.Errorf("%d: %q, want %q", s, got, want)
		}
	}
}
