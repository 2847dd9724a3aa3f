// SPDX-License-Identifier: Apache-2.0

package track

import (
	"fmt"
	"strconv"

	"github.com/go-fhrp/fhrp/internal/jsonform"
)

// State is what is known about a condition.
type State uint8

// A condition is Unknown until the first outcome of its check, or what [Config].Initial says.
const (
	Unknown State = iota
	Up
	Down
)

// String returns "unknown", "up" or "down".
func (s State) String() string {
	switch s {
	case Unknown:
		return "unknown"
	case Up:
		return "up"
	case Down:
		return "down"
	}
	return "State(" + strconv.Itoa(int(s)) + ")"
}

// MarshalText returns the name, as String does. It does not fail.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes a name. The error tells which there are.
func (s *State) UnmarshalText(text []byte) error {
	if allowed, ok := jsonform.Named(s, text, Unknown, Down); !ok {
		return fmt.Errorf("track: state %q: allowed: %s", text, allowed)
	}
	return nil
}

// Reading is what a tracker has found. It is a value; two readings that mean the same are equal. The zero value is that
// of a condition nothing is known about.
type Reading struct {
	State State

	// Numeric is set if the condition yields a number: its check is a [Config].Number. Number is the last one that was
	// read, 0 unless the State is Up.
	Numeric bool
	Number  int
}

// String returns the state, or the number of one that has one: "up", "down", "-20".
func (r Reading) String() string {
	if r.Numeric && r.State == Up {
		return strconv.Itoa(r.Number)
	}
	return r.State.String()
}

// MarshalText returns what String does. It does not fail.
func (r Reading) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText takes a state or a number. That a condition yields numbers is known only from one that is Up.
func (r *Reading) UnmarshalText(text []byte) error {
	if n, err := strconv.Atoi(string(text)); err == nil {
		*r = Reading{State: Up, Numeric: true, Number: n}
		return nil
	}
	var s State
	err := s.UnmarshalText(text)
	if err == nil {
		*r = Reading{State: s}
	}
	return err
}
