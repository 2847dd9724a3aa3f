// SPDX-License-Identifier: Apache-2.0

package protocoltest

import (
	"context"
	"net/netip"
	"time"
)

// Expiring is a backend whose leased addresses go when their time is over. Those that
// were added stay. It is for one goroutine, as in a simulation.
type Expiring struct {
	Now   func() time.Time
	Held  map[netip.Prefix]time.Time // until when; zero for ever
	Calls int                        // of Lease
	Fails error                      // what Lease returns
}

// NewExpiring returns one that has no addresses, by the clock of a simulation.
func NewExpiring(now func() time.Time) *Expiring {
	return &Expiring{Now: now, Held: map[netip.Prefix]time.Time{}}
}

// Add adds addresses for ever.
func (e *Expiring) Add(_ context.Context, addrs []netip.Prefix) error {
	for _, p := range addrs {
		e.Held[p] = time.Time{}
	}
	return nil
}

// Remove removes addresses.
func (e *Expiring) Remove(_ context.Context, addrs []netip.Prefix) error {
	for _, p := range addrs {
		delete(e.Held, p)
	}
	return nil
}

// Lease adds addresses for a time, or has them stay for so long from now.
func (e *Expiring) Lease(_ context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	e.Calls++
	if e.Fails != nil {
		return e.Fails
	}
	for _, p := range addrs {
		e.Held[p] = e.Now().Add(lifetime)
	}
	return nil
}

// Holds returns how many addresses are there now.
func (e *Expiring) Holds() (n int) {
	for _, until := range e.Held {
		if until.IsZero() || e.Now().Before(until) {
			n++
		}
	}
	return n
}
