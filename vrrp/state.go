// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"net/netip"
	"time"
)

// State is that of one virtual router on this router (RFC 9568 section 6.3).
type State uint8

// The states.
const (
	Initialize State = iota // not taking part: not started, or its link isn't usable
	Backup                  // watching the Active Router
	Active                  // holding the addresses
)

// String returns the name of the state in RFC 9568.
func (s State) String() string {
	if s > Active {
		return fmt.Sprintf("state %d", uint8(s))
	}
	return [...]string{"Initialize", "Backup", "Active"}[s]
}

// Reason tells why a virtual router changed its state.
type Reason uint8

// The reasons. In parentheses what RFC 8347 calls the same as last-event or as
// new-master-reason.
const (
	ReasonNone           Reason = iota
	ReasonStartup               // started, or its link became usable (startup, interface-up)
	ReasonOwner                 // started as the owner of the addresses (owner-preempt)
	ReasonNoResponse            // no advertisement within the Active Down Interval (master-timeout, no-response)
	ReasonGoodbye               // the Active Router said goodbye (no-response)
	ReasonPreempt               // the Active Router has the lower priority (preempted)
	ReasonForced                // asked for by Force
	ReasonHigherPriority        // a router of higher priority advertises (higher-priority-backup)
	ReasonHigherAddress         // one of equal priority and higher address advertises
	ReasonResigned              // asked for by Resign
	ReasonAddresses             // the addresses could not be added (no-virtual-ip-addresses)
	ReasonSlept                 // the loop stood still for longer than the peers wait
	ReasonLinkDown              // the link isn't usable (interface-down)
	ReasonNoAddress             // the link has no address to send from (no-primary-ip-address)
	ReasonShutdown              // asked to stop (shutdown)
	ReasonMaintenance           // asked for by Maintenance
	ReasonTracker               // a tracked condition is a fault, or is to be resigned for
	ReasonGroup                 // another member of the group lost the role, or can't take part
	numReasons
)

// String says the reason in a few words.
func (r Reason) String() string {
	if r >= numReasons {
		return fmt.Sprintf("reason %d", uint8(r))
	}
	return [numReasons]string{"none", "startup", "address owner", "no advertisement heard", "active router left",
		"active router has lower priority", "forced", "peer has higher priority", "peer of equal priority has higher address",
		"resigned", "addresses could not be added", "slept", "link down", "no usable source address", "shutdown",
		"maintenance", "tracked condition", "moved with its group"}[r]
}

// handsOver reports whether the link is fit for a planned hand-over to a successor.
func (r Reason) handsOver() bool {
	switch r {
	case ReasonShutdown, ReasonMaintenance, ReasonTracker, ReasonGroup:
		return true
	}
	return false
}

// Transition is a change of state. What its fields are in JSON is as [Status] has it.
type Transition struct {
	At     time.Time `json:"time"`   // of the turn of the loop in which it happened
	From   State     `json:"from"`   // the state before
	To     State     `json:"to"`     // the state after
	Reason Reason    `json:"reason"` // why
	// Peer and PeerPriority are the sender and the priority of the
	// advertisement that led to it, the last one heard if silence did. The
	// address is invalid if there was none.
	Peer         netip.Addr    `json:"peer,omitzero"`
	PeerPriority uint8         `json:"peer-priority"`
	Late         time.Duration `json:"late-sec"`     // by how much the timer that led to it was overdue
	Err          error         `json:"error"`        // why the addresses could not be added
	By           string        `json:"by,omitempty"` // the condition, or the other member of the group, that led to it
}

// String is one line for a log.
func (t Transition) String() string {
	s := fmt.Sprintf("%v -> %v: %v", t.From, t.To, t.Reason)
	if t.Peer.IsValid() {
		s += fmt.Sprintf(" (peer %v, priority %d)", t.Peer, t.PeerPriority)
	}
	if t.By != "" {
		s += " (" + t.By + ")"
	}
	if t.Err != nil {
		s += ": " + t.Err.Error()
	}
	return s
}
