// SPDX-License-Identifier: Apache-2.0

package legacy_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/legacy"
)

// TestClocks: a time is as far from the moment there as it was here, and the way takes its time, but no more than
// can be.
func TestClocks(t *testing.T) {
	moment := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	offset := legacy.Writer(moment).Offset(moment.Add(time.Minute))
	for took, want := range map[time.Duration]time.Duration{
		0: 60 * time.Second, 300 * time.Millisecond: 59700 * time.Millisecond, -time.Hour: 60 * time.Second, time.Hour: 59 * time.Second,
	} {
		now := moment.Add(took)
		if got := legacy.Reader(now, moment.UnixNano()).Time(offset).Sub(now); got != want {
			t.Errorf("after %v: in %v, want %v", took, got, want)
		}
	}
	if o := legacy.Writer(moment).Offset(time.Time{}); o != nil || !legacy.Reader(moment, 0).Time(o).IsZero() {
		t.Errorf("the zero time is %v", o)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := legacy.Encode("vrrp", 1, 7)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data    string
		version bool
	}{
		"garbage":        {"{", false},
		"no state":       {`{"protocol":"vrrp","version":1}`, false},
		"other state":    {`{"protocol":"vrrp","version":1,"state":"x"}`, false},
		"later version":  {`{"protocol":"vrrp","version":2,"state":7}`, true},
		"other protocol": {`{"protocol":"carp","version":1,"state":7}`, true},
		"something else": {`{}`, true},
	} {
		var n int
		if err := legacy.Decode([]byte(c.data), "vrrp", 1, &n); err == nil || errors.Is(err, legacy.ErrVersion) != c.version {
			t.Errorf("%s: %v", name, err)
		}
	}
	var n int
	if err := legacy.Decode(good, "vrrp", 1, &n); err != nil || n != 7 {
		t.Errorf("%d, %v from %s", n, err, good)
	}
}

// TestUnreadableIsToldInBrief: what another process has sent instead of a legacy or a receipt is not repeated at any length, and is
// known for what it is all the same.
func TestUnreadableIsToldInBrief(t *testing.T) {
	long := strings.Repeat("1", 1<<20)
	_, receipt := legacy.DecodeReceipt([]byte(`{"taken":[`+long+`]}`), 3)
	var n int
	for name, err := range map[string]error{
		"receipt": receipt, "state": legacy.Decode([]byte(`{"protocol":"vrrp","version":1,"state":`+long+`}`), "vrrp", 1, &n),
		"version": legacy.Decode([]byte(`{"version":`+long+`}`), "vrrp", 1, &n),
	} {
		var of *json.UnmarshalTypeError
		if !errors.As(err, &of) || len(err.Error()) > 600 {
			t.Errorf("%s: %T, %.1000v", name, err, err)
		}
	}
	if err := legacy.Decode([]byte(`{"protocol":"`+long+`"}`), "vrrp", 1, &n); !errors.Is(err, legacy.ErrVersion) || len(err.Error()) > 600 {
		t.Errorf("%.1000v", err)
	}
	if err := errors.New("short"); legacy.Brief(err) != err {
		t.Error(legacy.Brief(err))
	}
}

func TestReceipt(t *testing.T) {
	got, err := legacy.DecodeReceipt(legacy.Receipt{Taken: []int{2, 0}}.Encode(), 3)
	if err != nil || !slices.Equal(got, []bool{true, false, true}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", `{"taken":[3]}`, `{"taken":[-1]}`, `{"taken":[1,1]}`} {
		if got, err := legacy.DecodeReceipt([]byte(bad), 3); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}
