// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Neighbors answers hosts on a link that ask at which MAC address an address is, the link's own for the zero value. Its
// methods must be safe for concurrent use. See netif.NeighborProxy.
type Neighbors interface {
	Answer(addr netip.Addr, mac [6]byte) error
	Ignore(addr netip.Addr)
}

// An Answerer is a [Leaser] for addresses on another device than the link that hosts look for them on, such as a dummy
// interface: those of IPv6 are answered for there from the time they have been added until they are to be removed. For
// IPv4 the kernel answers.
//
// It is safe for concurrent use if the backend and the Neighbors are.
type Answerer struct {
	backend   Backend
	neighbors Neighbors
	mac       [6]byte
}

var _ Leaser = (*Answerer)(nil)

// NewAnswerer returns an Answerer that holds addresses on the backend and has them answered for at a MAC address, that of
// the link for the zero value.
func NewAnswerer(backend Backend, neighbors Neighbors, mac [6]byte) *Answerer {
	return &Answerer{backend: backend, neighbors: neighbors, mac: mac}
}

// Add adds the addresses, see [Backend], and has those answered for that were added. One that can't be answered for is an
// error of its own.
func (a *Answerer) Add(ctx context.Context, addrs []netip.Prefix) error {
	return a.answer(OpAdd, addrs, a.backend.Add(ctx, addrs))
}

// Lease does as Add, for a time, see [Leaser]. If the backend has no leases nothing is done, and the error matches
// [errors.ErrUnsupported].
func (a *Answerer) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	leaser, ok := a.backend.(Leaser)
	if !ok {
		return fmt.Errorf("vip: lease: %T: %w", a.backend, errors.ErrUnsupported)
	}
	err := leaser.Lease(ctx, addrs, lifetime)
	if errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return a.answer(OpLease, addrs, err)
}

// answer has addresses answered for, but those that an error is about.
func (a *Answerer) answer(op string, addrs []netip.Prefix, err error) error {
	missing, known := failed(err)
	if !known {
		return err
	}
	errs := []error{err}
	for _, p := range addrs {
		if missing[p] || Validate(p) != nil || p.Addr().Is4() {
			continue
		}
		if err := a.neighbors.Answer(p.Addr(), a.mac); err != nil {
			errs = append(errs, &AddrError{Op: op, Prefix: p, Err: err})
		}
	}
	return errors.Join(errs...)
}

// Remove ends the answers and removes the addresses, see [Backend].
func (a *Answerer) Remove(ctx context.Context, addrs []netip.Prefix) error {
	for _, p := range addrs {
		if p.Addr().Is6() {
			a.neighbors.Ignore(p.Addr())
		}
	}
	return a.backend.Remove(ctx, addrs)
}
