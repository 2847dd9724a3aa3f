// SPDX-License-Identifier: Apache-2.0

// Package vip puts virtual IP addresses on network devices and takes them off again: the part of a failover that makes
// this host answer for an address.
//
// A [Backend] is what a protocol needs of it, and is small so that anybody can write one, for the interface of a cloud
// provider or for a test (package viptest has one in memory, and the test that every backend must pass). A [Device] is
// the backend for a network device of Linux; [ByPrefix] spreads addresses over several.
//
// On systems other than Linux [Open] returns an error that matches [errors.ErrUnsupported].
package vip

import (
	"context"
	"net/netip"
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
