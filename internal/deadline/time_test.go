// SPDX-License-Identifier: Apache-2.0

package deadline_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

func TestUnsetDeadlines(t *testing.T) {
	unset, one, two := time.Time{}, time.Unix(1, 0), time.Unix(2, 0)
	for _, c := range []struct{ a, b, earlier, later time.Time }{
		{unset, unset, unset, unset},
		{unset, one, one, one},
		{one, unset, one, one},
		{one, two, one, two},
		{two, one, one, two},
	} {
		if got := deadline.Earlier(c.a, c.b); got != c.earlier {
			t.Errorf("Earlier(%v, %v) = %v", c.a, c.b, got)
		}
		if got := deadline.Later(c.a, c.b); got != c.later {
			t.Errorf("Later(%v, %v) = %v", c.a, c.b, got)
		}
	}
	for _, c := range []struct {
		at, now time.Time
		due     bool
	}{{unset, two, false}, {one, two, true}, {two, two, true}, {two, one, false}} {
		if got := deadline.Due(c.at, c.now); got != c.due {
			t.Errorf("Due(%v, %v) = %v", c.at, c.now, got)
		}
	}
}

func TestOnGrid(t *testing.T) {
	at := time.Unix(100, 0)
	for late, want := range map[time.Duration]time.Duration{
		0: time.Second, time.Second - 1: time.Second, time.Second: 2 * time.Second, 2500 * time.Millisecond: 3 * time.Second,
	} {
		if got := deadline.OnGrid(at, at.Add(late), time.Second).Sub(at); got != want {
			t.Errorf("%v late: %v, want %v", late, got, want)
		}
	}
}
