// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"fmt"
	"net/netip"
	"time"
)

// State is that of one virtual host on this host (carp(4); carp_set_state).
type State uint8

// The states.
const (
	Init   State = iota // not taking part: not started, or its link isn't usable
	Backup              // watching the Master
	Master              // holding the addresses
)

// String returns the name of the state, as ifconfig(8) spells it but for its case.
func (s State) String() string {
	if s > Master {
		return fmt.Sprintf("state %d", uint8(s))
	}
	return [...]string{"Init", "Backup", "Master"}[s]
}

// Reason tells why a virtual host changed its state.
type Reason uint8

// The reasons. In quotation marks what FreeBSD logs for the same.
const (
	ReasonNone         Reason = iota
	ReasonStartup             // started, or its link became usable: "initialization complete"
	ReasonTimedOut            // no advertisement within the master-down time: "master timed out"
	ReasonWillTimeOut         // the Master advertises so seldom that it will time out: "master will time out"
	ReasonBowOut              // the Master said that it gives up its role
	ReasonPreempt             // the Master advertises less often: "preempting a slower master"
	ReasonDemoted             // the Master is more demoted, with Config.DemoteOctet (OpenBSD)
	ReasonForced              // asked for by Force: "user requested via ifconfig"
	ReasonMoreFrequent        // a host that advertises more often is Master: "more frequent advertisement received"
	ReasonLessDemoted         // a host that is less demoted is Master, with Config.DemoteOctet (OpenBSD)
	ReasonLowerAddress        // a host of equal rank and lower address is Master
	ReasonEqual               // a host of equal rank is Master, with Config.YieldToEqual
	ReasonEqualStays          // a host of equal rank is Master and doesn't yield, whatever its address
	ReasonResigned            // asked for by Resign: "user requested via ifconfig"
	ReasonAddresses           // the addresses could not be added
	ReasonSlept               // the loop stood still for longer than the peers wait
	ReasonLinkDown            // the link isn't usable: "hardware interface down"
	ReasonNoAddress           // the link has no address to send from
	ReasonShutdown            // asked to stop
	ReasonMaintenance         // asked for by Maintenance
	ReasonTracker             // a tracked condition is a fault, or is to be resigned for
	ReasonGroup               // another member of the group lost the role, or can't take part
	numReasons
)

// String says the reason in a few words.
func (r Reason) String() string {
	if r >= numReasons {
		return fmt.Sprintf("reason %d", uint8(r))
	}
	return [numReasons]string{"none", "startup", "master timed out", "master will time out", "master bowed out",
		"preempting a slower master", "master is more demoted", "forced", "more frequent advertisement received",
		"peer is less demoted", "peer of equal rank has lower address", "peer has equal rank", "peer of equal rank stays",
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
	// Peer and PeerRank are the sender of the advertisement that led to it and
	// what that said, the last one heard if silence did. The address is invalid
	// if there was none.
	Peer     netip.Addr    `json:"peer,omitzero"`
	PeerRank Rank          `json:"peer-rank"`
	Late     time.Duration `json:"late-sec"`     // by how much the timer that led to it was overdue
	Err      error         `json:"error"`        // why the addresses could not be added
	By       string        `json:"by,omitempty"` // the condition, or the other member of the group, that led to it
}

// String is one line for a log.
func (t Transition) String() string {
	s := fmt.Sprintf("%v -> %v: %v", t.From, t.To, t.Reason)
	if t.Peer.IsValid() {
		s += fmt.Sprintf(" (peer %v, %v)", t.Peer, t.PeerRank)
	}
	if t.By != "" {
		s += " (" + t.By + ")"
	}
	if t.Err != nil {
		s += ": " + t.Err.Error()
	}
	return s
}
