// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/track"
)

// EventKind is what an [Event] is about.
type EventKind uint8

// The kinds.
const (
	EventTransition       EventKind = iota + 1 // the state changed
	EventAddressesAdded                        // the service addresses are there, or could not be added
	EventAddressesRemoved                      // what was to go is gone
	EventConflict                              // another host claims a service address
	EventNotice                                // an accepted advertisement is odd
	EventFailure                               // addresses, announcements, an advertisement or a hook failed
	EventCondition                             // a tracked condition changed
	EventGroup                                 // the state of a group changed
	numEventKinds
)

// eventBuffer is how many events are kept by default.
const eventBuffer = 1024

// String says the kind in a few words.
func (k EventKind) String() string {
	if k == 0 || k >= numEventKinds {
		return fmt.Sprintf("event %d", uint8(k))
	}
	return [...]string{"transition", "addresses added", "addresses removed", "conflict", "notice", "failure",
		"condition", "group"}[k-1]
}

// Event is something that happened to a virtual router, and what became of it. In JSON
// it is an object that fits in a line of a log: what its fields are is as [Status] has
// it, and those that are not of its kind are left out.
type Event struct {
	Number uint64 `json:"number"`        // among the events of the Router, from 1
	Lost   uint64 `json:"lost,omitzero"` // how many of those before this one the reader was too slow for

	At   time.Time `json:"time"` // of the turn of the loop in which it happened
	Kind EventKind `json:"kind"` // what it is about
	// VirtualRouter is the one that it happened to, and Name and Link what it was called and
	// where it was at that time.
	VirtualRouter *VirtualRouter `json:"-"`
	Name          string         `json:"name"`
	Link          string         `json:"interface,omitempty"`
	State         State          `json:"state"`                       // after it
	Priority      uint8          `json:"effective-priority,omitzero"` // that is advertised after it

	Transition Transition      `json:"transition,omitzero"` // of EventTransition
	Condition  track.Change    `json:"condition,omitzero"`  // of EventCondition
	Group      *Group          `json:"-"`                   // of EventGroup, whose Name and State are the group's, and whose VirtualRouter is nil
	Moved      GroupTransition `json:"moved,omitzero"`      // of EventGroup
	// Held are the addresses that the Backend was asked for and has not taken away
	// since, of EventAddressesAdded and EventAddressesRemoved.
	Held   []netip.Prefix `json:"held-addresses,omitempty"`
	Addr   netip.Addr     `json:"address,omitzero"` // that another host claims, of EventConflict
	MAC    [6]byte        `json:"mac"`              // by which MAC address it does
	Notice Notice         `json:"notice,omitzero"`  // of EventNotice
	Peer   netip.Addr     `json:"peer,omitzero"`    // who it is about
	What   string         `json:"what,omitempty"`   // of EventFailure: what failed
	Err    error          `json:"error"`            // why, of EventFailure, EventAddressesAdded and EventCondition
	// Suppressed is how many of the same kind there were since the last one of
	// EventConflict, EventNotice and EventFailure, which packets from the link can
	// lead to at any rate.
	Suppressed int `json:"suppressed,omitzero"`
}

// Events returns what happens from this call on to all virtual routers of the router, in
// order, until the router has ended or ctx ends. It may be called before Run. Readers
// never keep the router waiting: the last [RouterConfig.EventBuffer] events are kept
// for them, and Lost tells a reader that is slower than that what it has missed. Unlike
// the functions of a [Trace] a reader may take its time, and call methods of the Router.
func (r *Router) Events(ctx context.Context) iter.Seq[Event] { return r.events.From(ctx) }

// number tells an event its place in the stream of one reader.
func (e *Event) number(number, lost uint64) { e.Number, e.Lost = number, lost }

// tell puts an event into the stream.
func (v *VirtualRouter) tell(e Event) {
	e.At, e.VirtualRouter, e.Name, e.Link, e.State = v.router.engine.Now(), v, v.seat.Name(), v.seat.Link(), v.machine.State()
	if e.Kind == EventTransition {
		e.State = e.Transition.To
	}
	e.Priority = v.machine.Priority()
	v.router.events.Append(e)
}
