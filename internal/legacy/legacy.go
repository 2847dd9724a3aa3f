// SPDX-License-Identifier: Apache-2.0

// Package legacy is what the protocols have in common of the state that one process
// leaves to the next: times without a clock of their own, and a version.
package legacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Offset is a time, as its distance from the moment at which the legacy was made; nil
// is the zero time.
type Offset = *time.Duration

// Clock turns times into offsets and back.
type Clock struct{ moment time.Time }

// Writer returns the clock for a legacy that is made now.
func Writer(now time.Time) Clock { return Clock{now} }

// transit bounds how long a legacy is believed to have been on its way: the wall clock,
// which tells, may have been set meanwhile. An engine hands over within a second, or not at all.
const transit = time.Second

// Reader returns the clock for a legacy that is read now and was made when the wall
// clock showed made, in nanoseconds since 1970.
func Reader(now time.Time, made int64) Clock {
	return Clock{now.Add(-min(max(now.Sub(time.Unix(0, made)), 0), transit))}
}

// Offset returns the offset of a time.
func (c Clock) Offset(t time.Time) Offset {
	if t.IsZero() {
		return nil
	}
	d := t.Sub(c.moment)
	return &d
}

// Time returns the time that has an offset.
func (c Clock) Time(o Offset) time.Time {
	if o == nil {
		return time.Time{}
	}
	return c.moment.Add(*o)
}

// ErrVersion is what the error of Decode matches for a legacy in a form that this
// program doesn't know.
var ErrVersion = errors.New("form of the legacy is unknown")

// heading is what every legacy begins with, in whatever form the rest is.
type heading struct {
	Protocol string `json:"protocol"`
	Version  int    `json:"version"`
}

// Encode returns the legacy of a protocol in a version of its form.
func Encode(protocol string, version int, state any) ([]byte, error) {
	body, err := json.Marshal(state)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		heading
		State json.RawMessage `json:"state"`
	}{heading{protocol, version}, body})
}

// Decode reads a legacy into state, which nothing is to be made of after an error.
func Decode(data []byte, protocol string, version int, state any) error {
	var h struct {
		heading
		State json.RawMessage `json:"state"`
	}
	if err := json.Unmarshal(data, &h); err != nil {
		return fmt.Errorf("legacy: %w", Brief(err))
	}
	if h.Protocol != protocol || h.Version != version {
		return fmt.Errorf("legacy: %.20q version %d: allowed: %q version %d: %w", h.Protocol, h.Version, protocol, version, ErrVersion)
	}
	if err := json.Unmarshal(h.State, state); err != nil {
		return fmt.Errorf("legacy: %w", Brief(err))
	}
	return nil
}

// Receipt tells which parts of a legacy were taken, by their index.
type Receipt struct {
	Taken []int `json:"taken"`
}

// Encode returns the receipt as it is sent back.
func (r Receipt) Encode() []byte {
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // a list of integers can be encoded
	}
	return data
}

// DecodeReceipt returns for each of n parts of a legacy whether it was taken.
func DecodeReceipt(data []byte, n int) ([]bool, error) {
	var r Receipt
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("receipt: %w", Brief(err))
	}
	taken := make([]bool, n)
	for _, i := range r.Taken {
		if i < 0 || i >= n || taken[i] {
			return nil, fmt.Errorf("receipt: part %d: allowed: 0 to %d, each once", i, n-1)
		}
		taken[i] = true
	}
	return taken, nil
}

// Pass brings the legacy of a protocol, of n parts, to another process by transfer, and
// returns for each of them whether it was taken.
func Pass(ctx context.Context, protocol string, version int, state any, n int, transfer func(context.Context, []byte) ([]byte, error)) ([]bool, error) {
	data, err := Encode(protocol, version, state)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", protocol, err)
	}
	receipt, err := transfer(ctx, data)
	if err != nil {
		return nil, err
	}
	taken, err := DecodeReceipt(receipt, n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", protocol, err)
	}
	return taken, nil
}
