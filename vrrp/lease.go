// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"log/slog"
	"reflect"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// leaseIntervals is how many advertisement intervals a lease lasts at most.
// Leases are renewed when an advertisement is sent, so a peer that claims after
// three intervals and the skew time finds the address gone.
const leaseIntervals = 3

// leaseTime returns how long addresses are leased for: the largest whole number
// of seconds that isn't above three intervals, but two at least.
func leaseTime(interval time.Duration) time.Duration {
	return max((leaseIntervals * interval).Truncate(time.Second), 2*time.Second)
}

// leaseKey says which addresses can be leased again in one call.
type leaseKey struct {
	leaser   Leaser
	lifetime time.Duration
}

// lease renews the leases of virtual routers that have the key in common. It is
// the loop that asks for each renewal: if the loop stands still, the addresses go.
type lease struct {
	key     leaseKey
	users   int
	renewal holder.Renewal
	wanted  bool // in this turn
	limit   quietlog.Limit
}

// leaser returns the Leaser of a virtual router, nil if it holds its addresses
// for good.
func (c VirtualRouterConfig) leaser() Leaser {
	leaser, ok := c.Backend.(Leaser)
	if !ok || c.NoLease || !reflect.ValueOf(leaser).Comparable() {
		return nil
	}
	return leaser
}

// joinLease has the addresses of v leased from now on.
func (r *Router) joinLease(v *VirtualRouter) {
	leaser := v.cfg.leaser()
	if leaser == nil {
		return
	}
	key := leaseKey{leaser, leaseTime(v.cfg.Interval)}
	l := r.leases[key]
	if l == nil {
		l = &lease{key: key}
		l.renewal = holder.Renewal{Pool: r.pool, Leaser: leaser, Lifetime: key.lifetime, Timeout: r.cfg.Timeout,
			Done: func(err error) { r.loop.Post(func() { r.renewed(l, err) }) }}
		r.leases[key] = l
	}
	l.users++
	v.lease, v.leasedAt = l, time.Time{}
	v.holder.SetLease(key.lifetime)
}

// leaveLease ends that.
func (r *Router) leaveLease(v *VirtualRouter) {
	if v.lease == nil {
		return
	}
	if v.lease.users--; v.lease.users == 0 {
		delete(r.leases, v.lease.key)
	}
	v.lease = nil
}

// renew has v's addresses leased again with the advertisement that is sent now,
// if the next one would come after half of the lease.
func (r *Router) renew(v *VirtualRouter) {
	l := v.lease
	if l == nil || v.machine.State() != Active || !r.now.Add(v.cfg.Interval).After(v.leasedAt.Add(l.key.lifetime/2)) {
		return
	}
	v.leasedAt = r.now
	l.renewal.Want(v.holder)
	if !l.wanted {
		l.wanted, r.wanted = true, append(r.wanted, l)
	}
}

// renewAll begins what this turn has asked for.
func (r *Router) renewAll() {
	for _, l := range r.wanted {
		l.wanted = false
		l.renewal.Submit()
	}
	r.wanted = r.wanted[:0]
}

// renewed takes in the outcome. If a lease could not be renewed, each virtual
// router that needs its addresses asks for them by itself: one that doesn't get
// them gives up its role.
func (r *Router) renewed(l *lease, err error) {
	if err == nil {
		return
	}
	if suppressed, ok := l.limit.Allow(r.now); ok {
		r.log.Log(r.now, slog.LevelError, "leases not renewed", slog.Any("error", err), slog.Int("suppressed", suppressed))
	}
	for _, v := range r.virtual {
		if v.lease == l && v.machine.State() == Active && !v.cfg.fixed() {
			v.holder.Add(v.machine.held)
		}
	}
}
