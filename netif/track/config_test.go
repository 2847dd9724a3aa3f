// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"testing"
	"time"
)

func fine(context.Context) error        { return nil }
func zero(context.Context) (int, error) { return 0, nil }

// TestDefaults holds those of keepalived.conf(5): once a second, time-out the interval, rise and fall 1.
func TestDefaults(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 100 {
		tr, err := New(Config{Check: fine})
		if err != nil {
			t.Fatal(err)
		}
		c := tr.cfg
		if c.Interval != time.Second || c.Timeout != time.Second || c.Rise != 1 || c.Fall != 1 {
			t.Fatalf("defaults: %+v", c)
		}
		if c.Phase <= 0 || c.Phase > time.Second {
			t.Fatalf("phase %v, want one up to a second", c.Phase)
		}
		seen[c.Phase] = true
	}
	if len(seen) < 90 {
		t.Errorf("100 trackers have %d phases", len(seen))
	}
}

func TestTimeoutIsTheInterval(t *testing.T) {
	tr, err := New(Config{Check: fine, Interval: 7 * time.Second})
	if err != nil || tr.cfg.Timeout != 7*time.Second {
		t.Errorf("timeout %v, %v, want the interval", tr.cfg.Timeout, err)
	}
}

func TestConfigErrors(t *testing.T) {
	for want, c := range map[string]Config{
		"track: x: there must be a check or a number, and not both":     {},
		"track: x: there must be a check or a number, and not both ":    {Check: fine, Number: zero},
		"track: x: interval -1s: must not be negative":                  {Check: fine, Interval: -time.Second},
		"track: x: timeout -1ns: must not be negative":                  {Check: fine, Timeout: -1},
		"track: x: phase -1ns: must not be negative":                    {Check: fine, Phase: -1},
		"track: x: rise -1: must not be negative":                       {Check: fine, Rise: -1},
		"track: x: fall -2: must not be negative":                       {Check: fine, Fall: -2},
		"track: x: initial state State(3): must be unknown, up or down": {Number: zero, Initial: 3},
	} {
		c.Name = "x"
		_, err := New(c)
		if err == nil || err.Error() != trimmed(want) {
			t.Errorf("%+v: %v, want %s", c, err, want)
		}
	}
}

// trimmed makes the keys of a map of one text differ.
func trimmed(s string) string {
	for s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}

func TestNextRun(t *testing.T) {
	at := time.Now()
	for _, c := range []struct {
		now  time.Duration // after the second run's time
		want time.Duration
	}{
		{-300, 300}, {0, 1000}, {1, 999}, {999, 1}, {1000, 1000}, {5300, 700},
	} {
		if got := untilNext(at.Add(c.now), at, 1000); got != c.want {
			t.Errorf("%v after the second run: %v, want %v", c.now, got, c.want)
		}
	}
}
