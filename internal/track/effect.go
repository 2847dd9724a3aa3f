// SPDX-License-Identifier: Apache-2.0

package track

// Condition is one that a virtual router depends on. It is a value.
type Condition struct {
	Name   string
	Action Action

	// Now is its reading, and Before what it was when Combine was last called: an [Action].Resign is about the difference.
	Now, Before Reading

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
	weight, fault := c.Action.weigh(c.Now)
	e.Weight += weight
	if c.Action.Fault && (c.Now.State == Unknown && !c.Lenient || c.Action.bad(c.Now)) {
		fault = true
	}
	if fault && !e.Fault {
		e.Fault, e.FaultBy = true, c.Name
	}
	if c.Action.Resign && c.Action.bad(c.Now) && !c.Action.bad(c.Before) && !e.Resign {
		e.Resign, e.ResignBy = true, c.Name
	}
}

const (
	// owner is the priority of an address owner (RFC 9568 section 5.2.4).
	owner = 255

	// mostDemoted is the skew to which FreeBSD limits what demotion makes of it (CARP_MAXSKEW), and which ucarp and NetBSD
	// go to. What lies above is left to skews that were configured.
	mostDemoted = 240
)

// Priority returns the priority to take part with in VRRP, 1 to 254, for the configured one. An address owner, 255, stays
// one.
func (e Effect) Priority(base uint8) uint8 {
	if base == owner {
		return owner
	}
	return uint8(clamp(int(base)+e.Weight, 1, owner-1))
}

// Skew returns the advskew to take part with in CARP, for the configured one: demotion is added to it, as in FreeBSD, and
// the sum is kept between 0 and 240, or the configured skew if that is more.
func (e Effect) Skew(base uint8) uint8 {
	return uint8(clamp(int(base)-e.Weight, 0, max(mostDemoted, int(base))))
}

// Demotion returns the demotion counter, 0 to 255, for the profile that has one in its advertisements (OpenBSD).
func (e Effect) Demotion() uint8 { return uint8(clamp(-e.Weight, 0, 255)) }
