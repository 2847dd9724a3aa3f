// SPDX-License-Identifier: Apache-2.0

package jsonform

import (
	"fmt"
	"strconv"
	"time"
)

// Seconds is a duration as a number of seconds, with as many decimals as it takes:
// 0, 3.609375.
type Seconds time.Duration

// Centiseconds is a duration as a whole number of 10 ms, rounded to the nearest.
type Centiseconds time.Duration

// Microseconds is a duration as a whole number of microseconds, rounded to the nearest.
type Microseconds time.Duration

// MarshalJSON returns the number.
func (d Seconds) MarshalJSON() ([]byte, error) {
	whole, rest := time.Duration(d)/time.Second, time.Duration(d)%time.Second
	if rest == 0 {
		return strconv.AppendInt(nil, int64(whole), 10), nil
	}
	sign := ""
	if d < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	text := fmt.Appendf(nil, "%s%d.%09d", sign, int64(whole), int64(rest))
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	return text, nil
}

// UnmarshalJSON takes a number.
func (d *Seconds) UnmarshalJSON(text []byte) error {
	seconds, err := time.ParseDuration(string(text) + "s")
	*d = Seconds(seconds)
	return err
}

// MarshalJSON returns the number.
func (d Centiseconds) MarshalJSON() ([]byte, error) {
	return count(time.Duration(d), 10*time.Millisecond), nil
}

// UnmarshalJSON takes a number.
func (d *Centiseconds) UnmarshalJSON(text []byte) error {
	return uncount((*time.Duration)(d), text, 10*time.Millisecond)
}

// MarshalJSON returns the number.
func (d Microseconds) MarshalJSON() ([]byte, error) {
	return count(time.Duration(d), time.Microsecond), nil
}

// UnmarshalJSON takes a number.
func (d *Microseconds) UnmarshalJSON(text []byte) error {
	return uncount((*time.Duration)(d), text, time.Microsecond)
}

// count returns how many units there are in a duration.
func count(d, unit time.Duration) []byte {
	return strconv.AppendInt(nil, int64(d.Round(unit)/unit), 10)
}

// uncount takes that.
func uncount(d *time.Duration, text []byte, unit time.Duration) error {
	n, err := strconv.ParseInt(string(text), 10, 64)
	*d = time.Duration(n) * unit
	return err
}
