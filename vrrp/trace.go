// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"

	"github.com/go-fhrp/fhrp/netif/track"
)

// Trace is a set of functions, each of which may be nil, that a [Router] calls
// when something happens. They run on the loop: they must return at once, and
// must not call methods of the Router or of its virtual routers. Pointers are
// valid until they return.
type Trace struct {
	// Transition is called after a virtual router has changed its state.
	Transition func(v *VirtualRouter, t Transition)
	// Sent is called for each advertisement handed to the network.
	Sent func(v *VirtualRouter, priority uint8)
	// Received is called for each advertisement that was accepted.
	Received func(v *VirtualRouter, src netip.Addr, adv *Advertisement)
	// Rejected is called for each packet that was not, on the link of this name.
	Rejected func(link string, src netip.Addr, err *PacketError)
	// Conflict is called when another host claims an address of an Active virtual
	// router, by the MAC address mac.
	Conflict func(v *VirtualRouter, addr netip.Addr, mac [6]byte)
	// Tracked is called after a condition of a virtual router has changed, and
	// before that has any effect.
	Tracked func(v *VirtualRouter, c track.Change)
	// Moved is called after the state of a group has changed.
	Moved func(g *Group, t GroupTransition)
	// Notice is called for what is odd about an accepted advertisement.
	Notice func(v *VirtualRouter, n Notice)
}
