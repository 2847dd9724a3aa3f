// SPDX-License-Identifier: Apache-2.0

package explore

import "time"

// Member is a machine that takes part in a [Cluster]: what a package that wants
// its machine explored must provide.
type Member interface {
	// Clone returns a copy that is independent of the original.
	Clone() Member
	// Free tells that the machine isn't used any more, so that its memory can be.
	Free()
	// Append writes the machine down as it is at now; see [Codec].
	Append(buf []byte, now time.Time) []byte
	// Deadline returns when something is due, if ever.
	Deadline() (time.Time, bool)
	// Do gives the machine an input and returns what it wants done, in order;
	// the list is valid until the next call. The error tells that it did
	// something that it must never do.
	Do(now time.Time, e Event) ([]Act, error)
	// Status returns what the cluster needs to know.
	Status() Status
	// Probe checks what must hold of a machine between two inputs, for instance
	// that one which is asked to do what is due before it is due does nothing.
	// What it tries on the machine must not change it, if all is well.
	Probe(now time.Time) error
}

// Status is how a machine stands.
type Status struct {
	Running   bool // started
	Active    bool // has the role: Active Router, master
	Releasing bool // gave up the role and still holds the addresses, for the successor
	Fixed     bool // its addresses are there for good
	// Excused is until when it may leave the role alone although nobody has it;
	// the zero time if it may not.
	Excused time.Time
	// Patience is how late it may be before the runtime tells it that it slept.
	Patience time.Duration
}

// Event is an input of a machine.
type Event struct {
	Kind EventKind
	// From and Payload are the sender and the content of a packet. The payload
	// of an Input is its number.
	From    int
	Payload uint64
}

// EventKind is a kind of [Event].
type EventKind uint8

// The kinds of events.
const (
	Start     EventKind = iota // begin to take part, or again
	Stop                       // a planned stop
	LinkDown                   // the link isn't usable
	LinkUp                     // the link is usable again
	Expire                     // something may be due
	Receive                    // a packet has arrived
	Claimed                    // another host announced the address
	Added                      // the addresses were added
	NotAdded                   // the addresses could not be added
	Removed                    // the addresses were removed
	Slept                      // the program stood still for too long
	Crash                      // the program is gone; the machine is as before it started
	CrashWill                  // the same, and its last will is carried out
	Input                      // one of the protocol's own
)

// Act is something that a machine wants done.
type Act struct {
	Kind    ActKind
	Payload uint64 // of a packet
}

// ActKind is a kind of [Act].
type ActKind uint8

// The kinds of acts.
const (
	Send     ActKind = iota // a packet to all others
	Add                     // the addresses
	Remove                  // the addresses
	Announce                // the addresses to the neighbours
)
