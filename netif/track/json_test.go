// SPDX-License-Identifier: Apache-2.0

package track

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestJSON: a change and a status are objects, and can be read back.
func TestJSON(t *testing.T) {
	at, failed := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), errors.New("exit status 1")
	for name, c := range map[string]struct {
		v, back any
		want    string
	}{
		"change": {&Change{Name: "nginx", Before: Reading{State: Up}, Now: Reading{State: Down}, Err: failed, At: at}, &Change{},
			`{"name":"nginx","before":"up","now":"down","time":"2026-01-02T03:04:05.000006Z","error":"exit status 1"}`},
		"change for the better": {&Change{Name: "load", Now: Reading{State: Up, Numeric: true, Number: -20}, At: at}, &Change{},
			`{"name":"load","before":"unknown","now":"-20","time":"2026-01-02T03:04:05.000006Z"}`},
		"status": {&Status{Name: "nginx", Reading: Reading{State: Down}, Since: at, Err: failed, ErrAt: at, Succeeded: 1, Failed: 2, Runs: 3, Failures: 4,
			Timeouts: 5, Changes: 6, Discarded: 7, Hung: true}, &Status{},
			`{"name":"nginx","reading":"down","since":"2026-01-02T03:04:05.000006Z","error-datetime":"2026-01-02T03:04:05.000006Z",` +
				`"succeeded":1,"failed":2,"runs":3,"failures":4,"timeouts":5,"changes":6,"discarded":7,"hung":true,"error":"exit status 1"}`},
		"first status": {&Status{Name: "x"}, &Status{},
			`{"name":"x","reading":"unknown","succeeded":0,"failed":0,"runs":0,"failures":0,"timeouts":0,"changes":0,"discarded":0,"hung":false}`},
	} {
		text, err := json.Marshal(c.v)
		if err != nil || string(text) != c.want {
			t.Errorf("%s: %s, %v, want %s", name, text, err, c.want)
		}
		if err := json.Unmarshal(text, c.back); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		byText := cmp.Comparer(func(a, b error) bool { return a == b || a != nil && b != nil && a.Error() == b.Error() })
		if diff := cmp.Diff(c.v, c.back, byText); diff != "" {
			t.Errorf("%s: read back (-was +is):\n%s", name, diff)
		}
	}
}

func TestReadingIsReadBack(t *testing.T) {
	for _, r := range []Reading{{}, {State: Up}, {State: Down}, {State: Up, Numeric: true, Number: -20}} {
		back := Reading{Number: 1}
		text, err := r.MarshalText()
		if err != nil || string(text) != r.String() || back.UnmarshalText(text) != nil || back != r {
			t.Errorf("%+v: %q, %v, read as %+v", r, text, err, back)
		}
	}
	r := Reading{Number: 1}
	if err := r.UnmarshalText([]byte("1.5")); err == nil || err.Error() != `track: state "1.5": allowed: unknown, up, down` || r.Number != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestStateIsReadBack(t *testing.T) {
	for _, s := range []State{Unknown, Up, Down} {
		back := State(9)
		text, err := s.MarshalText()
		if err != nil || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%v: %q, %v, read as %v", s, text, err, back)
		}
	}
}
