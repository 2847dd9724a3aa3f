// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// A Raiser is a [Leaser] for addresses on an interface that is to be up only while it has some, as that of a virtual MAC
// is (see netif.Macvlan): it sets the interface up before it adds, and down after the last address is removed.
//
// An address counts from Add or Lease on, whether or not that succeeds, until Remove succeeds: what fails may have come
// about half-way. So the interface is never set down with an address of the backend on it. It is set up before every Add
// and Lease, as somebody else may have set it down, and down after every Remove that leaves nothing, the first included:
// it may have been left up by a process that died.
//
// It is safe for concurrent use; calls are carried out one after the other.
type Raiser struct {
	backend Backend
	link    interface{ SetUp(up bool) error }

	// turn is held, by having sent to it, while held is in use: a lock that one can give up waiting for.
	turn chan struct{}
	held map[netip.Prefix]bool
}

var _ Leaser = (*Raiser)(nil)

// NewRaiser returns a Raiser that holds addresses on the backend, which is on the interface given.
func NewRaiser(backend Backend, link interface{ SetUp(up bool) error }) *Raiser {
	return &Raiser{backend: backend, link: link, turn: make(chan struct{}, 1), held: make(map[netip.Prefix]bool)}
}

// Add sets the interface up and adds the addresses, see [Backend]. If it can't be set up, nothing is added, and the
// error of each address is the reason.
func (r *Raiser) Add(ctx context.Context, addrs []netip.Prefix) error {
	return r.raise(ctx, OpAdd, addrs, func() error { return r.backend.Add(ctx, addrs) })
}

// Lease does as Add, for a time, see [Leaser]. If the backend has no leases nothing is done, and the error matches
// [errors.ErrUnsupported]. When the addresses end by themselves the interface stays up until they are removed.
func (r *Raiser) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	leaser, ok := r.backend.(Leaser)
	if !ok {
		return fmt.Errorf("vip: lease: %T: %w", r.backend, errors.ErrUnsupported)
	}
	return r.raise(ctx, OpLease, addrs, func() error { return leaser.Lease(ctx, addrs, lifetime) })
}

// raise calls f when the interface is up.
func (r *Raiser) raise(ctx context.Context, op string, addrs []netip.Prefix, f func() error) error {
	if len(addrs) == 0 {
		return nil
	}
	if err := r.take(ctx); err != nil {
		return refuse(op, addrs, err)
	}
	defer r.leave()
	if err := r.link.SetUp(true); err != nil {
		return refuse(op, addrs, err)
	}
	for _, p := range addrs {
		if Validate(p) == nil { // the others can't be there
			r.held[p] = true
		}
	}
	return f()
}

// Remove removes the addresses, see [Backend], and sets the interface down if that succeeds and none is left. The error
// is that of the removal, else that of the interface if it can't be set down; one that is gone is down.
func (r *Raiser) Remove(ctx context.Context, addrs []netip.Prefix) error {
	if len(addrs) == 0 {
		return nil
	}
	if err := r.take(ctx); err != nil {
		return refuse(OpRemove, addrs, err)
	}
	defer r.leave()
	err := r.backend.Remove(ctx, addrs)
	stay, known := failed(err)
	for _, p := range addrs {
		if known && !stay[p] {
			delete(r.held, p)
		}
	}
	if err != nil || len(r.held) > 0 {
		return err
	}
	if err := r.link.SetUp(false); err != nil && !errors.Is(err, ErrNoDevice) {
		return fmt.Errorf("vip: set down: %w", err)
	}
	return nil
}

// take waits for its turn.
func (r *Raiser) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave ends it.
func (r *Raiser) leave() { <-r.turn }

// refuse returns an error for each address.
func refuse(op string, addrs []netip.Prefix, err error) error {
	errs := make([]error, len(addrs))
	for i, p := range addrs {
		errs[i] = &AddrError{Op: op, Prefix: p, Err: err}
	}
	return errors.Join(errs...)
}

// failed returns the addresses that an error of a backend is about. They are not known if part of it is about something
// else.
func failed(err error) (addrs map[netip.Prefix]bool, known bool) {
	if err == nil {
		return nil, true
	}
	addrs = make(map[netip.Prefix]bool)
	list := []error{err}
	for len(list) > 0 {
		e := list[0]
		list = list[1:]
		switch e := e.(type) {
		case *AddrError:
			addrs[e.Prefix] = true
		case interface{ Unwrap() []error }:
			list = append(list, e.Unwrap()...)
		case interface{ Unwrap() error }:
			list = append(list, e.Unwrap())
		default:
			return nil, false
		}
	}
	return addrs, true
}
