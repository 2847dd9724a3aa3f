// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"net/netip"
	"time"
)

// A Backend holds addresses. It is safe for concurrent use.
//
// A prefix is an address and the prefix length it has on the device: 192.0.2.1/24 is not masked, and is not
// 192.0.2.1/32. Both methods are idempotent and try every address, also after one has failed; the error joins what went
// wrong, one [AddrError] an address. When ctx ends, the addresses not yet tried fail with its error. The slice is the
// caller's: it is neither changed nor kept.
type Backend interface {
	// Add makes sure that the addresses are there. One that is there already, by whatever hand, is no error.
	Add(ctx context.Context, addrs []netip.Prefix) error

	// Remove makes sure that the addresses are not there, and takes no other along. One that isn't there is no error,
	// and neither is a device that is gone: it holds nothing.
	Remove(ctx context.Context, addrs []netip.Prefix) error
}

// A Lister is a [Backend] that can say what it holds.
type Lister interface {
	// List returns the addresses that are there now, by whatever hand, in no particular order.
	List(ctx context.Context) ([]netip.Prefix, error)
}

// A Leaser is a [Backend] that holds addresses for a time, after which they go by themselves: also from a process that
// was killed, is frozen, or gets no time to run.
type Leaser interface {
	Backend

	// Lease makes sure that the addresses are there and stay for the lifetime from now, unless they are removed before.
	// Those that are there get this lifetime in place of what they had; Add ends a lease and lets the address stay. The
	// lifetime is rounded down to whole seconds; where that leaves none, each address fails with an error that matches
	// [ErrLifetime].
	//
	// A backend that turns out to have no leases, as on some system, changes nothing and fails with an error that
	// matches [errors.ErrUnsupported].
	//
	// An address goes at the end of its lifetime or shortly after. One that is there by another hand than the
	// backend's is no error and keeps the lifetime it has.
	Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error
}
