// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/frame"
)

// A claim is by whom an address was last announced: by gratuitous ARP or an
// unsolicited neighbour advertisement.
type claim struct {
	addr netip.Addr
	mac  [6]byte
	at   time.Time
}

// maxClaims is how many are kept of a cluster.
const maxClaims = 32

// claims are the last of each address.
type claims []claim

// take puts a claim in, and reports whether another had the address before. What there
// is no room for is not kept.
func (l *claims) take(c claim) (changed bool) {
	i := slices.IndexFunc(*l, func(o claim) bool { return o.addr == c.addr })
	if i < 0 {
		if len(*l) < maxClaims {
			*l = append(*l, c)
		}
		return false
	}
	changed = (*l)[i].mac != c.mac
	(*l)[i] = c
	return changed
}

// concerns reports whether a claim is of an address of the cluster, or by its virtual
// MAC address: that is how the addresses of CARP are seen.
func (c *cluster) concerns(b frame.Binding) bool {
	if c.isVirtual(b.MAC) {
		return c.v6 == b.Addr.Is6()
	}
	if slices.ContainsFunc(c.claims, func(o claim) bool { return o.addr == b.Addr }) {
		return true
	}
	return slices.ContainsFunc(c.speakers, func(s *speaker) bool {
		_, found := slices.BinarySearchFunc(s.addresses, b.Addr, netip.Addr.Compare)
		return found
	})
}

// claimed takes a claim that concerns the cluster.
func (c *cluster) claimed(at time.Time, b frame.Binding) []event {
	if !c.claims.take(claim{b.Addr, b.MAC, at}) {
		return nil
	}
	return []event{c.event(at, kindClaim, b.Addr.String()+" is claimed by "+c.macOwner(b.MAC))}
}

// macOwner writes a MAC address, with whose it is if that is known.
func (c *cluster) macOwner(mac [6]byte) string {
	if c.isVirtual(mac) {
		return macText(mac) + ", the virtual one"
	}
	for _, s := range c.speakers {
		if s.mac == mac {
			return macText(mac) + ", " + s.addr.String()
		}
	}
	return macText(mac) + ", which has not advertised"
}
