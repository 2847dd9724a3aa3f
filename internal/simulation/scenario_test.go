// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"fmt"
	"strings"
	"time"
)

// scenario is a cluster and what happens to it.
type scenario struct {
	Seed      uint64        // of what the LAN does at random
	Delay     time.Duration // of each packet, and Jitter on top
	Jitter    time.Duration
	Duplicate float64 // the share of packets that arrive twice
	Nodes     []nodeSpec
	Groups    []groupSpec
	Faults    []fault
	Length    time.Duration
}

// nodeSpec is a machine.
type nodeSpec struct {
	Start time.Duration
	Drift int64 // of its clock, in millionths
}

// groupSpec is a virtual router or virtual host, in which nodes take part.
type groupSpec struct {
	Protocol  protocol
	Interval  time.Duration // for CARP whole seconds, or 0 for less than one
	Addresses uint8         // those of its pool that it has, a bit for each
	Octet     bool          // CARP: DemoteOctet
	Members   []memberSpec  // by node
}

// memberSpec is how a node takes part.
type memberSpec struct {
	Rank         uint8 // priority, for CARP 255 less advskew; 0: it doesn't take part
	NoPreempt    bool
	PreemptDelay time.Duration
	StartupHold  time.Duration
	Eager        bool // VRRP: EagerStart; CARP: OpenBSDTimeout
	OwnerAdds    bool
	ReleaseFirst bool
	NoLease      bool
}

// protocol is what a group speaks.
type protocol string

// The protocols.
const (
	vrrp2     protocol = "vrrp 2"
	vrrp3     protocol = "vrrp 3"
	vrrp3IPv6 protocol = "vrrp 3 ipv6"
	carp4     protocol = "carp"
	carp46    protocol = "carp ipv4 ipv6"
)

// carp reports whether the protocol is CARP.
func (p protocol) carp() bool { return p == carp4 || p == carp46 }

// fault is something that happens.
type fault struct {
	At    time.Duration
	Kind  kind
	For   time.Duration `json:",omitempty"` // until it ends
	Node  int           `json:",omitempty"`
	Group int           `json:",omitempty"`
	Mask  uint64        `json:",omitempty"` // of nodes, of pairs of them, or of addresses
	Size  time.Duration `json:",omitempty"`
	Share float64       `json:",omitempty"`
}

// String is a line of a transcript.
func (f fault) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s", f.Kind)
	if f.Kind.ofNode() {
		fmt.Fprintf(&s, " node %d", f.Node)
	}
	if f.Kind.ofGroup() {
		fmt.Fprintf(&s, " group %d", f.Group)
	}
	for _, w := range []struct {
		is   bool
		text string
	}{
		{f.Mask != 0, fmt.Sprintf(" mask %b", f.Mask)}, {f.Size != 0, fmt.Sprint(" size ", f.Size)},
		{f.Share != 0, fmt.Sprintf(" share %.2f", f.Share)}, {f.For != 0, fmt.Sprint(" for ", f.For)},
	} {
		if w.is {
			s.WriteString(w.text)
		}
	}
	return s.String()
}

// kind is a kind of fault.
type kind string

// The kinds of faults. Those with a duration end after it.
const (
	lose        kind = "lose"        // Share of the packets are lost
	burst       kind = "burst"       // all packets to the nodes of Mask are lost
	delay       kind = "delay"       // packets take up to Size longer, and overtake each other
	duplicate   kind = "duplicate"   // Share of the packets arrive twice
	part        kind = "partition"   // the nodes of Mask and the others don't hear each other
	cut         kind = "cut"         // packets between some pairs are lost, one way: Mask
	linkDown    kind = "link down"   // and up
	unplug      kind = "unplug"      // the interface goes, and comes back
	renumber    kind = "renumber"    // the interface loses its addresses, and has them again
	crash       kind = "crash"       // without a word; and start
	crashWill   kind = "crash will"  // and its last will is carried out; and start
	stop        kind = "stop"        // as planned; and start
	freeze      kind = "freeze"      // and wake
	suspend     kind = "suspend"     // the same, and the clock stands still
	slow        kind = "slow"        // the backend takes Size
	fail        kind = "fail"        // the backend fails
	forge       kind = "forge"       // packets that are to be rejected, one in Size
	claim       kind = "claim"       // a stranger announces the addresses
	rank        kind = "rank"        // another rank: Mask
	preempt     kind = "preempt"     // whether it preempts: Mask
	addresses   kind = "addresses"   // all nodes get other addresses, Mask, within Size
	interval    kind = "interval"    // all nodes, or those of Mask, get the interval For, within Size
	resign      kind = "resign"      // the role is given up for Size
	force       kind = "force"       // the role is taken for Size
	demote      kind = "demote"      // by Mask; and back
	setPriority kind = "setpriority" // as rank, by the call of that name
)

// ofNode reports whether the fault is one of a node.
func (k kind) ofNode() bool {
	switch k {
	case linkDown, unplug, renumber, crash, crashWill, stop, freeze, suspend, slow, fail:
		return true
	}
	return k.ofSeat()
}

// ofSeat reports whether the fault is one of a node's part in a group.
func (k kind) ofSeat() bool {
	switch k {
	case rank, preempt, resign, force, demote, setPriority:
		return true
	}
	return false
}

// ofGroup reports whether the fault is one of a group.
func (k kind) ofGroup() bool { return k.ofSeat() || k == claim || k == addresses || k == interval }
