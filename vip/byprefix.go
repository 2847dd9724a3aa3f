// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"net/netip"
	"reflect"
	"time"
)

// ByPrefix is a [Leaser] that gives each address to the backend that is to hold it, as where some virtual addresses
// are on a device other than the rest. It is safe for concurrent use as long as its fields are not changed.
type ByPrefix struct {
	// Default holds the addresses that are not in Other. Where it is nil, they fail with [ErrNoBackend].
	Default Backend

	// Other holds single addresses. The key is the address with its prefix length, as it is given to Add.
	Other map[netip.Prefix]Backend
}

var _ Leaser = (*ByPrefix)(nil)

// Add calls Add of each backend concerned, once, in the order of the addresses.
func (b *ByPrefix) Add(ctx context.Context, addrs []netip.Prefix) error {
	return b.each(addrs, OpAdd, func(to Backend, some []netip.Prefix) error { return to.Add(ctx, some) })
}

// Remove calls Remove of each backend concerned, once, in the order of the addresses.
func (b *ByPrefix) Remove(ctx context.Context, addrs []netip.Prefix) error {
	return b.each(addrs, OpRemove, func(to Backend, some []netip.Prefix) error { return to.Remove(ctx, some) })
}

// Lease calls Lease of each backend concerned, once, in the order of the addresses. Where one is no [Leaser], or its
// Lease fails with [errors.ErrUnsupported], it calls Add instead: at each renewal, as it is not known what became of
// the last.
func (b *ByPrefix) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	return b.each(addrs, OpLease, func(to Backend, some []netip.Prefix) error {
		if l, ok := to.(Leaser); ok {
			if err := l.Lease(ctx, some, lifetime); !errors.Is(err, errors.ErrUnsupported) {
				return err
			}
		}
		return to.Add(ctx, some)
	})
}

// share is the part of the addresses that one backend holds.
type share struct {
	backend Backend
	addrs   []netip.Prefix
}

// each calls f for the share of each backend.
func (b *ByPrefix) each(addrs []netip.Prefix, op string, f func(Backend, []netip.Prefix) error) error {
	var errs []error
	var shares []share
	for _, p := range addrs {
		backend, ok := b.Other[p]
		if !ok {
			backend = b.Default
		}
		if backend == nil {
			errs = append(errs, &AddrError{Op: op, Prefix: p, Err: ErrNoBackend})
			continue
		}
		shares = deal(shares, backend, p)
	}
	for _, s := range shares {
		errs = append(errs, f(s.backend, s.addrs))
	}
	return errors.Join(errs...)
}

// deal adds an address to the share of a backend. There are a few backends, so that a search through all will do.
func deal(shares []share, backend Backend, p netip.Prefix) []share {
	for i := range shares {
		if same(shares[i].backend, backend) {
			shares[i].addrs = append(shares[i].addrs, p)
			return shares
		}
	}
	return append(shares, share{backend, []netip.Prefix{p}})
}

// same reports whether two backends are known to be one. Values that can't be compared are taken for two, which costs a
// call.
func same(a, b Backend) bool {
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}
