// SPDX-License-Identifier: Apache-2.0

package track

import "fmt"

// MaxWeight is the largest weight, and its negative the smallest: no priority differs from another one by more.
const MaxWeight = 254

// Action is what a virtual router does about a condition. Its parts can be combined. The zero value does nothing: the
// condition is watched only.
//
// A condition is bad while it is Down; one that yields a number is bad while it is Down, and with a Weight of 0 also while
// its number isn't 0.
type Action struct {
	// Weight is keepalived's. If it is positive it is added to the priority while the condition is Up, if it is negative it
	// is taken away while the condition is Down. A number is multiplied by it and then added; a product of -254 or less is
	// a fault, whatever Fault says. The sum is kept between 1 and 254, so that a weight alone takes nobody out of the
	// election. In CARP it changes the skew, with the sign reversed.
	//
	// While Unknown, a condition adds and takes nothing; the same goes for a number that can't be read.
	Weight int

	// Reverse is keepalived's: the sign of what Weight adds is reversed, and Up and Down change places in Fault and Resign,
	// as do 0 and other numbers. A number that can't be read remains bad.
	Reverse bool

	// Fault leaves the election while the condition is bad or Unknown. It is what keepalived does for a weight of 0.
	Fault bool

	// Resign gives up the role once, when the condition becomes bad, and takes part in the election as before: it moves
	// the addresses where no peer preempts, which a Weight doesn't.
	Resign bool
}

// Validate returns what is wrong: a weight beyond ±[MaxWeight].
func (a Action) Validate() error {
	if a.Weight < -MaxWeight || a.Weight > MaxWeight {
		return fmt.Errorf("track: weight %d: must be in -%d to %d", a.Weight, MaxWeight, MaxWeight)
	}
	return nil
}
