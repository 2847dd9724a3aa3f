// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"errors"
	"net/netip"
	"time"
)

// ErrUnknown is what a [Node] returns for an input that it doesn't know.
var ErrUnknown = errors.New("unknown input")

// Protocol makes a node from the words behind "node".
type Protocol func(*Args) (Node, error)

// Node is a state machine, and as much of its surroundings as the protocol has:
// what a package that wants its machine in transcripts must provide. Nothing in
// it takes time: what does is an [Effect].
type Node interface {
	// Do carries out an input of the protocol's own, and returns ErrUnknown for
	// one that it doesn't know.
	Do(now time.Time, verb string, args *Args) ([]Effect, error)
	// Receive takes a packet that another node has sent, as its Effect has it.
	Receive(now time.Time, packet any) []Effect
	// Claimed takes another host's announcement of an address.
	Claimed(now time.Time, addr netip.Addr) []Effect
	// Done takes the outcome of address work. Removing always succeeds.
	Done(now time.Time, work Work, err error) []Effect
	// Expire does what is due.
	Expire(now time.Time) []Effect
	// Deadline returns when something is due, if ever.
	Deadline() (time.Time, bool)
	// Wake follows a time in which the node did nothing although something was
	// due, at due. It reports whether what was received meanwhile is heard.
	Wake(now, due time.Time) (effects []Effect, trusted bool)
	// Crash makes the node as it was before it started, and returns what its
	// last will does if it has one.
	Crash(now time.Time, will bool) []Effect
}

// Effect is one thing that comes of an input.
type Effect struct {
	Text   string // the line that tells of it
	Packet any    // what the other nodes receive; nil: nothing
	Work   Work   // what is done to Addrs
	Addrs  []netip.Addr
}

// Work is what is done to addresses, behind each other and in their order.
type Work uint8

// The kinds of address work.
const (
	NoWork   Work = iota
	Add           // configure addresses
	Remove        // take them away
	Announce      // tell the neighbours; nothing if the addresses aren't there
	Own           // they are there for good
	Silence       // what is still to be announced isn't any more
)

// String is the word for work that is done.
func (w Work) String() string {
	return [...]string{"no work", "added", "removed", "announced", "owned", "silenced"}[w]
}
