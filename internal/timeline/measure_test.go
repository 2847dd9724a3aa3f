// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"testing"
	"time"
)

func TestNiceStep(t *testing.T) {
	for _, test := range []struct {
		length time.Duration
		parts  float64
		want   time.Duration
	}{
		{13 * time.Second, 14, time.Second},
		{40 * time.Second, 14, 5 * time.Second},
		{700 * time.Millisecond, 4, 200 * time.Millisecond},
		{time.Millisecond, 5, time.Millisecond},
		{0, 1, time.Millisecond},
	} {
		if got := niceStep(test.length, test.parts); got != test.want {
			t.Errorf("niceStep(%v, %v) = %v, want %v", test.length, test.parts, got, test.want)
		}
	}
}

func TestColor(t *testing.T) {
	for _, test := range []struct {
		color Color
		text  string
		index int
	}{
		{Color{}, "#000000", 16},
		{white(), "#ffffff", 231},
		{Color{0x25, 0x63, 0xeb}, "#2563eb", 27},
		{Color{95, 135, 175}, "#5f87af", 67},
	} {
		if got := test.color.String(); got != test.text {
			t.Errorf("%v is %s, want %s", [3]uint8(test.color), got, test.text)
		}
		if got := test.color.index(); got != test.index {
			t.Errorf("%v has index %d, want %d", test.color, got, test.index)
		}
	}
	if got := (Color{0, 100, 255}).mix(white(), 50); got != (Color{127, 177, 255}) {
		t.Errorf("mixed: %v", got)
	}
}

func TestNumber(t *testing.T) {
	for f, want := range map[float64]string{0: "0", 10: "10", 1.5: "1.5", 1.006: "1.01", 100: "100", -0.25: "-0.25"} {
		if got := number(f); got != want {
			t.Errorf("number(%v) = %s, want %s", f, got, want)
		}
	}
}
