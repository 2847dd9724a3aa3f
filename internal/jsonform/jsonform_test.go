// SPDX-License-Identifier: Apache-2.0

package jsonform_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/jsonform"
)

// color is a value with a name.
type color uint8

func (c color) String() string { return [...]string{"none", "red", "green"}[c] }

// thing is a type with a field of each form.
type thing struct {
	Name  string        `json:"name"`
	Late  time.Duration `json:"late-sec"`
	Down  time.Duration `json:"down-centi-sec"`
	Skew  time.Duration `json:"skew-micro-sec"`
	Err   error         `json:"error"`
	Bytes []byte        `json:"bytes"`
	MAC   [6]byte       `json:"mac"`
}

func (t *thing) form() any {
	type plain thing
	return &struct {
		*plain
		Late  *jsonform.Seconds      `json:"late-sec"`
		Down  *jsonform.Centiseconds `json:"down-centi-sec"`
		Skew  *jsonform.Microseconds `json:"skew-micro-sec"`
		Err   jsonform.Error         `json:"error,omitzero"`
		Bytes *jsonform.Hex          `json:"bytes,omitempty"`
		MAC   *jsonform.MAC          `json:"mac,omitzero"`
	}{(*plain)(t), (*jsonform.Seconds)(&t.Late), (*jsonform.Centiseconds)(&t.Down), (*jsonform.Microseconds)(&t.Skew),
		jsonform.ErrorOf(&t.Err), (*jsonform.Hex)(&t.Bytes), (*jsonform.MAC)(&t.MAC)}
}

func (t thing) MarshalJSON() ([]byte, error)     { return json.Marshal(t.form()) }
func (t *thing) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, t.form()) }

func TestForms(t *testing.T) {
	for _, c := range []struct {
		in   thing
		want string
	}{
		{thing{}, `{"name":"","late-sec":0,"down-centi-sec":0,"skew-micro-sec":0,"bytes":""}`},
		{thing{Name: "a", Late: 3609375 * time.Microsecond, Down: 3610 * time.Millisecond, Skew: 609375 * time.Microsecond,
			Err: errors.New(`no "mail"`), Bytes: []byte{0x31, 0x07}, MAC: [6]byte{0, 0, 0x5e, 0, 1, 7}},
			`{"name":"a","late-sec":3.609375,"down-centi-sec":361,"skew-micro-sec":609375,"error":"no \"mail\"","bytes":"3107","mac":"00:00:5e:00:01:07"}`},
	} {
		text, err := json.Marshal(c.in)
		if err != nil || string(text) != c.want {
			t.Errorf("%s, %v, want %s", text, err, c.want)
		}
		var back thing
		if err := json.Unmarshal(text, &back); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(fmt.Sprint(c.in), fmt.Sprint(back)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSeconds(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0": 0, "1": time.Second, "-2": -2 * time.Second, "0.000000001": 1, "-0.5": -500 * time.Millisecond, "-1.25": -1250 * time.Millisecond,
		"10": 10 * time.Second, "9223372036.854775807": math.MaxInt64, "-9223372036.854775808": math.MinInt64,
	} {
		var back jsonform.Seconds
		text, err := json.Marshal(jsonform.Seconds(d))
		if err != nil || string(text) != want || json.Unmarshal(text, &back) != nil || time.Duration(back) != d {
			t.Errorf("%v: %s, %v, want %s; back: %v", d, text, err, want, time.Duration(back))
		}
	}
}

// TestRounding: a figure in a coarser unit is the nearest one.
func TestRounding(t *testing.T) {
	text, err := json.Marshal([]any{jsonform.Centiseconds(3609375 * time.Microsecond), jsonform.Centiseconds(-15 * time.Millisecond), jsonform.Microseconds(1499)})
	if want := "[361,-2,1]"; err != nil || string(text) != want {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{
		`{"late-sec":"1"}`, `{"late-sec":1e400}`, `{"down-centi-sec":1.5}`, `{"skew-micro-sec":"x"}`, `{"bytes":"3"}`, `{"mac":"00:00:5e:00:01"}`,
		`{"mac":"00:00:5e:00:01:07:08:09"}`, `{"error":1}`,
	} {
		if err := json.Unmarshal([]byte(text), &thing{}); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

// TestErrorIsTakenBack: no error in JSON is none in what is read over.
func TestErrorIsTakenBack(t *testing.T) {
	read := thing{Err: errors.New("old")}
	if err := json.Unmarshal([]byte(`{"error":""}`), &read); err != nil || read.Err != nil {
		t.Error(err, read.Err)
	}
	var none jsonform.Error
	if text, err := none.MarshalText(); err != nil || len(text) > 0 || none.UnmarshalText([]byte("x")) != nil {
		t.Errorf("%q, %v", text, err)
	}
}

func TestNamed(t *testing.T) {
	c := color(0)
	if _, ok := jsonform.Named(&c, []byte("green"), color(1), color(2)); !ok || c != 2 {
		t.Error(c, ok)
	}
	if allowed, ok := jsonform.Named(&c, []byte("none"), color(1), color(2)); ok || allowed != "red, green" || c != 2 {
		t.Error(c, allowed, ok)
	}
}
