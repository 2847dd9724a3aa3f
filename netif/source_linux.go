// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// A source is an address that packets can come from, with its place in the order of preference.
type source struct {
	addr  netip.Addr
	rank  int
	order uint64
}

// sources appends the addresses of a family that packets can come from, best first. See [Network.Links] for the
// choice.
func (e *linkEntry) sources(family int, list []source) []source {
	for _, a := range e.addresses {
		if s, ok := sourceOf(a.local, &a.address, family); ok {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, source.compare)
	return list
}

// globals appends the IPv6 addresses of wider scope that packets can come from if that is asked for: those of the link's
// own, permanent and preferred ones first.
func (e *linkEntry) globals(list []source) []source {
	for _, a := range e.addresses {
		if addr := a.local; addr.Is6() && addr.IsGlobalUnicast() && a.usable() && !a.service() {
			list = append(list, source{addr: addr, rank: a.transience()})
		}
	}
	slices.SortFunc(list, source.compare)
	return list
}

// transience is 0 for an address that is permanent and preferred, else 1.
func (a *address) transience() int {
	if a.flags&(unix.IFA_F_PERMANENT|unix.IFA_F_DEPRECATED) == unix.IFA_F_PERMANENT {
		return 0
	}
	return 1
}

// hasSource reports whether there are any.
func (e *linkEntry) hasSource(family int) bool {
	for _, a := range e.addresses {
		if _, ok := sourceOf(a.local, &a.address, family); ok {
			return true
		}
	}
	return false
}

// sourceOf returns an address as a source of packets of a family, if it can be one.
func sourceOf(addr netip.Addr, a *address, family int) (source, bool) {
	switch {
	case a.service():
	case family == unix.AF_INET && addr.Is4() && a.scope < unix.RT_SCOPE_HOST:
		return source{addr: addr, rank: int(a.flags & unix.IFA_F_SECONDARY), order: a.order}, true
	case family == unix.AF_INET6 && addr.IsLinkLocalUnicast() && addr.Is6() && a.usable():
		return source{addr: addr, rank: a.transience()}, true
	}
	return source{}, false
}

// noSource returns why no packet can come from the link in a family.
func (e *linkEntry) noSource(family int) error {
	var tentative, duplicate netip.Addr
	for _, a := range e.addresses {
		switch {
		case family != unix.AF_INET6 || !a.local.IsLinkLocalUnicast() || !a.local.Is6():
		case a.flags&unix.IFA_F_DADFAILED != 0:
			duplicate = a.local
		case a.flags&unix.IFA_F_TENTATIVE != 0:
			tentative = a.local
		}
	}
	switch {
	case tentative.IsValid(): // it may come to be usable
		return fmt.Errorf("%w: %v: %w", ErrNoAddress, tentative, ErrTentative)
	case duplicate.IsValid():
		return fmt.Errorf("%w: %v: %w", ErrNoAddress, duplicate, ErrDuplicate)
	}
	return ErrNoAddress
}

// compare orders sources. There may be thousands, so it compares no more than it must.
func (a source) compare(b source) int {
	if c := cmp.Compare(a.rank, b.rank); c != 0 {
		return c
	}
	if c := cmp.Compare(a.order, b.order); c != 0 {
		return c
	}
	return a.addr.Compare(b.addr)
}

// service reports whether an address is one that package vip has marked as a service address, be it of another process: it
// goes where its virtual router goes, and is no host's identity. With a thousand of them the list of sources stays short.
func (a *address) service() bool {
	return rtseq.FirstMark <= a.mark && a.mark <= rtseq.LastMark
}

// usable reports whether duplicate address detection lets an IPv6 address be used.
func (a *address) usable() bool {
	const optimistic = unix.IFA_F_TENTATIVE | unix.IFA_F_OPTIMISTIC
	return a.flags&unix.IFA_F_DADFAILED == 0 && a.flags&optimistic != unix.IFA_F_TENTATIVE
}
