// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/conditions"
	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/group"
	"github.com/go-fhrp/fhrp/internal/margin"
)

// VirtualHost is a virtual host that a [Host] takes part in. Its methods are safe
// for concurrent use, but must not be called from functions of the [Trace].
type VirtualHost struct {
	host *Host
	seat *engine.Seat

	// What follows belongs to the loop.
	cfg      VirtualHostConfig
	machine  *Machine
	watch    conditions.Watch // of the conditions
	group    *Group           // nil: in none
	place    *group.Place     // in group
	bars     bars
	auth     *Authenticator
	paths    []path // as the legs of the seat
	counter  counter
	recent   recent
	strict   *strict       // nil: replayed digests are accepted
	adv      Advertisement // to be sent
	sending  bool          // something was queued since the last flush
	errors   sendErrors
	suspects suspects
	wrong    WrongDigest // the last one explained
	stats    Stats
	margin   margin.Gauge
	last     Transition
	up       time.Time // when it left Init last
	claimant [6]byte   // MAC address by which an address was claimed last
	leaving  bool      // handed over for good
}

// configure takes a configuration. What was heard is not forgotten.
func (v *VirtualHost) configure(p prepared) {
	v.cfg, v.auth = p.VirtualHostConfig, p.auth
	paths := v.cfg.paths()
	for i := range v.paths {
		was := &v.paths[i]
		paths[i].queued = was.queued
		paths[i].hear(was.heardAt, was.heardFrom, was.match)
	}
	v.paths = paths
	switch {
	case !v.cfg.Strict:
		v.strict = nil
	case v.strict == nil:
		v.strict = &strict{}
	}
}

// Demote gives a reason to demote this virtual host, or changes its weight; see
// [Machine.Demote], and [Host.Demote] for what concerns all of them. The error is
// [ErrClosed] or nil.
func (v *VirtualHost) Demote(reason string, weight int) error {
	return v.seat.Do(func(now time.Time) error {
		v.demoted(v.machine.Demote(now, reason, weight))
		return nil
	})
}

// Undemote takes a reason back; see [Machine.Undemote]. The error is [ErrClosed]
// or nil.
func (v *VirtualHost) Undemote(reason string) error {
	return v.seat.Do(func(now time.Time) error {
		v.demoted(v.machine.Undemote(now, reason))
		return nil
	})
}

// demotedBy adds the demotions of the host, as they are now, to those of this
// virtual host.
func (v *VirtualHost) demotedBy(now time.Time) {
	v.demoted(v.machine.DemoteHost(now, v.host.demotions.Sum()))
}

// demoted carries out what a change of demotion leads to.
func (v *VirtualHost) demoted(actions []Action) {
	if v.leaving {
		return
	}
	if v.cfg.AdvBase == 0 { // leases are renewed at the pace of the advertisements
		v.seat.Configure(v.settings())
	}
	v.perform(actions)
}

// settings returns what the engine is to be told.
func (v *VirtualHost) settings() engine.Settings { return v.cfg.settings(v.machine.Interval()) }

// Reconfigure changes the configuration without leaving the state: advbase and
// advskew, passphrase and profiles, addresses, peers, and all else but link, groups,
// virtual MAC, VHID, Backend, Hooks, and the address families that there are addresses
// of.
// For others, remove the virtual host and add another. An address in both
// configurations is not touched, and demotions stay. Errors: [ErrClosed], and those
// of [VirtualHostConfig.Validate]; nothing is changed then.
//
// Peers must have the same passphrase and addresses. While addresses change on one
// host after the other, have each accept the others as well (AcceptAddresses). A
// passphrase is to be changed on all of them at once: a Backup waits for the
// master-down time, counted from the last advertisement that it could verify.
func (v *VirtualHost) Reconfigure(cfg VirtualHostConfig) error {
	p, err := cfg.prepare()
	if err != nil {
		return err
	}
	return v.seat.Do(func(now time.Time) error {
		if err := v.refuse(&p.VirtualHostConfig); err != nil {
			return err
		}
		actions, err := v.machine.Reconfigure(now, p.Config)
		if err != nil {
			return err
		}
		v.configure(p)
		sources := make([]netip.Addr, len(v.paths))
		for i := range v.paths {
			sources[i] = v.paths[i].source
		}
		v.seat.Configure(v.settings(), sources...)
		v.perform(actions)
		v.seat.Settle()
		v.setTrackers(now)
		return nil
	})
}

// refuse reports why the configuration can't be changed to another.
func (v *VirtualHost) refuse(cfg *VirtualHostConfig) error {
	groups := func(c *VirtualHostConfig) (list []netip.Addr) {
		for _, p := range c.paths() {
			list = append(list, p.group)
		}
		return list
	}
	was, is := groups(&v.cfg), groups(cfg)
	if cfg.Link != v.cfg.Link || cfg.VirtualMAC != v.cfg.VirtualMAC || !slices.Equal(was, is) {
		return &ValueError{Name: "link, virtual MAC and groups", Value: fmt.Sprint(cfg.Link, ", ", cfg.VirtualMAC, " and ", is),
			Allowed: fmt.Sprint("those from before, ", v.cfg.Link, ", ", v.cfg.VirtualMAC, " and ", was, ", one group for each address family of the addresses")}
	}
	if err := v.group.permits(cfg); err != nil {
		return err
	}
	if err := v.seat.Available(cfg.Addresses); err != nil {
		return refused(err, cfg.VHID)
	}
	return nil
}

// Remove hands over and ends taking part. It returns when the addresses are gone,
// with an error that tells which could not be removed, or with the error of ctx,
// and the removal goes on. Errors besides: [ErrClosed]. A program that calls
// [Host.Turn] must call it from another goroutine.
func (v *VirtualHost) Remove(ctx context.Context) error { return v.seat.Remove(ctx) }
