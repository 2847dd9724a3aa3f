// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"net/netip"
	"slices"
)

// choose returns the address that a leg sends from: the one that is asked for if
// the link has it, else the one from before, else the best that is no service
// address. With a service address
// as its source a host would change its identity, and so its rank in the election,
// on taking the role.
func (s *Seat) choose(l *Leg) netip.Addr {
	if !l.wanted.IsValid() && s.mayChoose(l.source) && slices.Contains(l.port.addrs, l.source) {
		return l.source
	}
	for _, a := range l.port.addrs {
		switch {
		case l.wanted.IsValid() && a != l.wanted:
		case !l.wanted.IsValid() && a.Is6() && !a.IsLinkLocalUnicast(): // to be asked for
		case !s.mayChoose(a):
		default:
			return a
		}
	}
	return netip.Addr{}
}

// mayChoose reports whether an address is one, and no service address.
func (s *Seat) mayChoose(a netip.Addr) bool {
	return a.IsValid() && !s.engine.reserved[s.cfg.Link].has(a)
}

// Available returns an [InUseError] if one of the addresses is another seat's on the
// same link: whichever gave it up would take it from the other. It is for the loop.
func (s *Seat) Available(addrs []netip.Prefix) error {
	own := map[netip.Addr]bool{}
	if s.joined {
		for _, p := range s.cfg.Addresses {
			own[p.Addr()] = true
		}
	}
	for _, p := range addrs {
		if a := p.Addr(); s.engine.reserved[s.cfg.Link].has(a) && !own[a] {
			return &InUseError{Addr: a}
		}
	}
	return nil
}

// InUseError tells that another seat on the link has the same address or, if that is
// invalid, the same identifier.
type InUseError struct{ Addr netip.Addr }

// Error says so.
func (e *InUseError) Error() string {
	if e.Addr.IsValid() {
		return fmt.Sprintf("address %v is in use on the link", e.Addr)
	}
	return "identifier is in use on the link"
}
