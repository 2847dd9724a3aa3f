// SPDX-License-Identifier: Apache-2.0

package track

import "strconv"

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
