// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"log/slog"
	"reflect"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// leaseIntervals is how many advertisement intervals a lease lasts at most.
// Leases are renewed when an advertisement is sent, so a peer that claims after
// three intervals and its skew finds the address gone.
const leaseIntervals = 3

// leaseTime returns how long addresses are leased for: the largest whole number
// of seconds that isn't above three intervals, but two at least.
func leaseTime(interval time.Duration) time.Duration {
	return max((leaseIntervals * interval).Truncate(time.Second), 2*time.Second)
}

// leaseKey says which addresses can be leased again in one call.
type leaseKey struct {
	leaser   holder.Leaser
	lifetime time.Duration
}

// lease renews the leases of seats that have the key in common. It is the loop
// that asks for each renewal: if the loop stands still, the addresses go.
type lease struct {
	key     leaseKey
	users   int
	renewal holder.Renewal
	wanted  bool // in this turn
	limit   quietlog.Limit
}

// leaser returns what the seat's addresses are leased by, nil if they are held for
// good: by wish, for want of a Leaser, or for one that is no key of a map.
func (s *Seat) leaser() holder.Leaser {
	if s.cfg.NoLease || !s.batches() {
		return nil
	}
	return s.cfg.Backend.(holder.Leaser)
}

// batches reports whether the backend gets addresses of several seats in one call: if it
// is a Leaser, whose leases are renewed like that in any case.
func (s *Seat) batches() bool {
	leaser, ok := s.cfg.Backend.(holder.Leaser)
	return ok && reflect.ValueOf(leaser).Comparable()
}

// joinLease has the addresses leased from now on.
func (s *Seat) joinLease() {
	leaser := s.leaser()
	if leaser == nil {
		return
	}
	e := s.engine
	key := leaseKey{leaser, leaseTime(s.cfg.Interval)}
	l := e.leases[key]
	if l == nil {
		l = &lease{key: key}
		l.renewal = holder.Renewal{Pool: e.pool, Leaser: leaser, Lifetime: key.lifetime, Timeout: e.cfg.Timeout,
			Done: func(err error) { e.loop.Post(func() { e.renewed(l, err) }) }}
		e.leases[key] = l
	}
	l.users++
	s.lease, s.leasedAt = l, 0
	s.Holder.SetLease(key.lifetime)
}

// leaveLease ends that.
func (s *Seat) leaveLease() {
	if s.lease == nil {
		return
	}
	if s.lease.users--; s.lease.users == 0 {
		delete(s.engine.leases, s.lease.key)
	}
	s.lease = nil
}

// renew has the addresses leased again with what is sent now, if the next
// advertisement would come after half of the lease. Those that are still to be added
// are leased with that, and the others when that is done.
func (s *Seat) renew() {
	l, now := s.lease, s.engine.instant()
	if l == nil || s.standing.role != Holding || !now.Add(s.cfg.Interval).After(s.leasedAt.Add(l.key.lifetime/2)) {
		return
	}
	if s.missed = s.Holder.Adding(); s.missed {
		return
	}
	s.leasedAt = now
	l.renewal.Want(s.Holder)
	if !l.wanted {
		l.wanted, s.engine.wanted = true, append(s.engine.wanted, l)
	}
}

// renewAll begins what this turn has asked for.
func (e *Engine) renewAll() {
	for _, l := range e.wanted {
		l.wanted = false
		l.renewal.Submit()
	}
	e.wanted = e.wanted[:0]
}

// renewed takes in the outcome. If a lease could not be renewed, each seat that
// needs its addresses asks for them by itself: one that doesn't get them gives up
// its role.
func (e *Engine) renewed(l *lease, err error) {
	if err == nil {
		return
	}
	if suppressed, ok := l.limit.Allow(e.now); ok {
		e.log.Log(e.now, slog.LevelError, "leases not renewed", slog.Any("error", err), slog.Int("suppressed", suppressed))
	}
	for _, s := range e.seats {
		if s.lease == l && s.standing.role == Holding && len(s.cfg.Addresses) > 0 && !s.Holder.Adding() {
			s.Holder.Add(s.cfg.Addresses)
		}
	}
}
