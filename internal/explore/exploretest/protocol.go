// SPDX-License-Identifier: Apache-2.0

// Package exploretest explores the machines of the protocols. What all of them have in
// common is here: how a machine takes part in an exploration and what is held to in each
// of its inputs, how far worlds are explored, and how what is found is told. A protocol
// has its words in a [Protocol], and its own inputs and worlds.
package exploretest

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
	"github.com/go-fhrp/fhrp/internal/transcript"
)

// Machine is what the machines of all protocols have in common: a pointer to M, with
// configurations C and actions A.
type Machine[M, C, A any] interface {
	*M

	Startup(now time.Time, src netip.Addr) []A
	Expire(now time.Time) []A
	Slept(now time.Time) []A
	Claimed(now time.Time, addr netip.Addr) []A
	AddressesAdded(now time.Time, err error) []A
	AddressesRemoved(now time.Time) []A
	Resign(now time.Time, d time.Duration) []A
	Force(now time.Time, d time.Duration) []A
	Reconfigure(now time.Time, c C) ([]A, error)

	Config() C
	Deadline() (time.Time, bool)
	Releasing() bool
	// Excused returns until when the machine leaves the role alone although nobody
	// has it.
	Excused() time.Time
	// Consistent returns an error if what the machine has doesn't fit its state.
	Consistent() error
}

// Protocol is what is left to a protocol. All functions must be there, and may be called
// at the same time for different machines.
type Protocol[M, C, A any, P Machine[M, C, A]] struct {
	New func(C) (P, error)
	// Codec returns what copies machines and writes them down: without the
	// configuration if that is fixed.
	Codec func(fixed bool) (*explore.Codec[M], error)
	// Status returns the machine's, but for Releasing and Excused.
	Status func(*Member[M, C, A, P]) explore.Status
	// Shutdown has the machine stop: by plan, or because the link is down.
	Shutdown func(m P, now time.Time, linkDown bool) []A
	// Receive has the machine receive a packet, by [Member.Receive], and holds it to
	// what the protocol wants then.
	Receive func(e *Member[M, C, A, P], now time.Time, src netip.Addr, payload uint64) ([]A, error)
	// Goodbye reports whether a packet says that its sender gives up the role.
	Goodbye func(payload uint64) bool
	// Will returns the packet that the guard of one who has the role sends for it.
	Will func(P) (payload uint64)
	// Act returns an action as clusters know it, if they do.
	Act func(m P, action A) (act explore.Act, ok bool)
	// Rejects reports whether an action tells that a packet is rejected.
	Rejects func(action A) bool
	// Judge holds an input, and what came of it, to what is true of all of them. What
	// the slices and maps of the machine held before is not known any more.
	Judge func(e *Member[M, C, A, P], now time.Time, before P, kind explore.EventKind, actions []A) error
	// Bounds returns the longest interval between two advertisements in a world, and
	// how long after the last fault it has settled.
	Bounds func(*World[M, C, A, P]) (interval, settle time.Duration)

	// The words of transcripts: what a packet and a configuration are, and who plays.
	Packet func(payload uint64) string
	Words  func(C) string
	Actor  transcript.Protocol
}
