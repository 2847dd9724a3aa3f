// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"time"
)

// Rules say what can happen in a [Cluster], and what must hold in it.
type Rules struct {
	Names []string // of the nodes
	// Line returns the line of a transcript that stands for an event.
	Line func(node int, e Event) string

	// Delay is how long a packet takes at most.
	Delay time.Duration
	// Reorder has packets overtake each other.
	Reorder bool
	// Races has packets arrive at the moment of the next event, too, just
	// before it: it may be a timer that the packet should have stopped.
	Races bool
	// Work is how long address work takes at most. With 0 it is done at once.
	Work time.Duration
	// Claims has the other nodes hear when one announces the addresses.
	Claims bool

	// Kinds are the faults that can happen, Faults is how many of them, or
	// AnyNumber, and Inputs which of the protocol's inputs each node can get, each
	// of which counts as one.
	Kinds  Fault
	Faults int
	Inputs int

	// TwoActive is how long two nodes that hear each other may both be Active,
	// since the last fault.
	TwoActive time.Duration
	// Settle is how long after the last fault exactly one is Active among those
	// that hear each other.
	Settle time.Duration
	// Told wants that, if none is cut off, the one who is Active was the last to
	// announce the addresses, so that the neighbours know the way.
	Told bool
	// HandOver is how long addresses may be held after leaving the role.
	HandOver time.Duration
}

// Fault is a set of faults.
type Fault uint32

// The faults. Those that last have an end, which counts as no fault.
const (
	FaultStop      Fault = 1 << iota // a planned stop, and a start
	FaultCrash                       // the program ends without a word, and starts
	FaultWill                        // the same, and its last will is carried out
	FaultLink                        // a link goes down, and up
	FaultIsolate                     // a node is cut off from the others without a sign, and rejoins
	FaultFreeze                      // the program stands still, and wakes
	FaultFail                        // addresses can't be added, and can again
	FaultClaim                       // another host announces the addresses
	FaultDrop                        // a packet is lost
	FaultDuplicate                   // a packet arrives twice
	FaultPause                       // not a fault: what comes next comes in the middle between two events
	numFaults      = iota
)

// AnyNumber of faults can happen.
const AnyNumber = -1

// Amount says how many faults can happen.
func (r *Rules) Amount() string {
	if r.Faults == AnyNumber {
		return "any number of faults"
	}
	return fmt.Sprintf("up to %d faults", r.Faults)
}

// AllFaults is all of them.
const AllFaults = Fault(1<<numFaults - 1)
