// SPDX-License-Identifier: Apache-2.0

package conditions

import "github.com/go-fhrp/fhrp/netif/track"

// Condition is one that a virtual router depends on. It is a value.
type Condition struct {
	Name   string
	Action track.Action

	// Now is its reading, and Before what it was when Combine was last called: an [Action].Resign is about the difference.
	Now, Before track.Reading

	// Lenient says that Unknown is no fault: of a condition that was added to a virtual router that takes part.
	Lenient bool
}

// Effect is what all conditions of one virtual router come to. It is a value.
type Effect struct {
	// Weight is the sum that is added to the priority. A condition that is a fault by its number adds nothing.
	Weight int

	// Fault says to be out of the election; FaultBy is the name of the first condition for which that is so.
	Fault   bool
	FaultBy string

	// Resign says to give up the role once; ResignBy is the name of the first condition for which that is so.
	Resign   bool
	ResignBy string
}

// Combine returns what conditions come to. It changes nothing, and the order of conditions matters to FaultBy and ResignBy
// only.
func Combine(conditions []Condition) Effect {
	var e Effect
	for i := range conditions {
		e.add(&conditions[i])
	}
	return e
}

// add adds a condition.
func (e *Effect) add(c *Condition) {
	weight, fault := weigh(c.Action, c.Now)
	e.Weight += weight
	if c.Action.Fault && (c.Now.State == track.Unknown && !c.Lenient || bad(c.Action, c.Now)) {
		fault = true
	}
	if fault && !e.Fault {
		e.Fault, e.FaultBy = true, c.Name
	}
	if c.Action.Resign && bad(c.Action, c.Now) && !bad(c.Action, c.Before) && !e.Resign {
		e.Resign, e.ResignBy = true, c.Name
	}
}
