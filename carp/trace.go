// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"

	"github.com/go-fhrp/fhrp/netif/track"
)

// Trace is a set of functions, each of which may be nil, that a [Host] calls when
// something happens. They run on the loop: they must return at once, and must not
// call methods of the Host or of its virtual hosts. Pointers are valid until they
// return.
type Trace struct {
	// Transition is called after a virtual host has changed its state.
	Transition func(v *VirtualHost, t Transition)
	// Sent is called for each advertisement handed to the network, once for all
	// families and peers.
	Sent func(v *VirtualHost, rank Rank)
	// Received is called for each advertisement that was accepted. match tells
	// which of the accepted address sets and profiles the peer has.
	Received func(v *VirtualHost, src netip.Addr, adv *Advertisement, match Match)
	// Rejected is called for each packet that was not, on the link of this name.
	Rejected func(link string, src netip.Addr, err *PacketError)
	// WrongDigest is called, at a bounded rate, after Rejected when the cause of
	// a wrong digest was looked for.
	WrongDigest func(v *VirtualHost, w WrongDigest)
	// Conflict is called when another host claims an address of a virtual host
	// that is Master, by the MAC address mac.
	Conflict func(v *VirtualHost, addr netip.Addr, mac [6]byte)
	// Tracked is called after a condition of a virtual host has changed, and before
	// that has any effect.
	Tracked func(v *VirtualHost, c track.Change)
	// Moved is called after the state of a group has changed.
	Moved func(g *Group, t GroupTransition)
	// Notice is called for what is odd about an accepted advertisement.
	Notice func(v *VirtualHost, n Notice)
}
