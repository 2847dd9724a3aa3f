// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"context"
	"fmt"
	"time"

	"github.com/go-fhrp/fhrp/internal/conditions"
	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/group"
	"github.com/go-fhrp/fhrp/internal/margin"
)

// VirtualRouter is a virtual router that a [Router] takes part in. Its methods
// are safe for concurrent use, but must not be called from functions of the
// [Trace].
type VirtualRouter struct {
	router *Router
	seat   *engine.Seat

	// What follows belongs to the loop.
	machine  *Machine
	watch    *conditions.Watch // of the conditions; nil: there are none
	group    *Group            // nil: in none
	place    *group.Place      // in group
	peers    []remote          // unicast; none: by the group only
	stats    counters
	margin   margin.Gauge
	last     Transition
	up       deadline.Instant // when it left Initialize last
	heardAt  deadline.Instant // when an advertisement was accepted last
	someBars *bars            // nil: there are none, as with most of thousands
	authenticators
	clockSkew time.Duration // of the last accepted message, see Verdict
	peerKey   uint8         // that it was signed with, 0 for none
	form      ChecksumForm  // of the last accepted peer
	groupForm ChecksumForm  // of the last accepted one that was heard by the group
	outdated  bool          // the goodbye that the guard has is older than what was sent
	claimant  [6]byte       // MAC address by which an address was claimed last
	traits
}

// traits is what the configuration of a virtual router says that neither the machine
// nor the seat has. There may be thousands, so that nothing is kept twice.
type traits struct {
	authData     AuthData
	authType     AuthType
	checksumForm ChecksumForm // to send
	withGroup    bool
	virtualMAC   bool
	fromLink     bool
	hopLimit     uint8 // of what is sent to peers; 0: 255
}

// configure takes a valid and complete configuration. What was heard, and of whom, is
// not forgotten.
func (v *VirtualRouter) configure(cfg VirtualRouterConfig, a authenticators) {
	v.traits = traits{cfg.AuthData, cfg.AuthType, cfg.Checksum, cfg.WithGroup, cfg.VirtualMAC, cfg.FromLink, cfg.HopLimit}
	v.peers = remotes(cfg.Peers, v.peers)
	v.authenticate(a)
}

// clock returns that of the times that are kept here. Those of the machine go by its own.
func (v *VirtualRouter) clock() *deadline.Clock { return v.router.engine.Clock() }

// leg returns where the virtual router sends and receives.
func (v *VirtualRouter) leg() *engine.Leg { return v.seat.Leg(0) }

// Reconfigure changes the configuration without leaving the state; an address in
// both configurations is not touched. Link, group, virtual MAC, family, version,
// VRID, ownership, Backend, Hooks and whether it is [AuthAH] stay as they are: for
// others, remove the virtual router and add another.
//
// Keys and peers can be changed like all else: of those in both configurations
// nothing is forgotten, and nothing is sent for the change.
// Errors: [ErrClosed], and those of [VirtualRouterConfig.Validate]; nothing is
// changed then.
func (v *VirtualRouter) Reconfigure(cfg VirtualRouterConfig) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	cfg = cfg.complete()
	auth, err := cfg.authenticators()
	if err != nil {
		return err
	}
	return v.seat.Do(func(now time.Time) error {
		if (cfg.AuthType == AuthAH) != (v.authType == AuthAH) {
			return &ValueError{Name: "authentication type", Value: uint8(cfg.AuthType), Allowed: "AH if it was that before, and else another"}
		}
		if cfg.Link != v.seat.Link() || cfg.Group != v.leg().Group() || cfg.VirtualMAC != v.virtualMAC || cfg.FromLink != v.fromLink {
			return &ValueError{Name: "link, group and virtual MAC", Value: fmt.Sprint(cfg.Link, ", ", cfg.Group, ", ", cfg.VirtualMAC, " and ", cfg.FromLink), Allowed: "those from before"}
		}
		if err := v.seat.Available(cfg.settings().Addresses); err != nil {
			return refused(err, cfg.VRID)
		}
		actions, err := v.machine.Reconfigure(now, cfg.Config)
		if err != nil {
			return err
		}
		cfg.Config = v.machine.cfg // the same addresses
		v.configure(cfg, auth)
		v.seat.Configure(cfg.settings(), cfg.Source)
		v.leaveOutOwn()
		v.perform(actions)
		v.seat.Settle()
		v.setTrackers(now, cfg.Trackers)
		return nil
	})
}

// Remove hands over and ends taking part. It returns when the addresses are
// gone, with an error that tells which could not be removed, or with the error of
// ctx, and the removal goes on. Errors besides: [ErrClosed]. A program that calls [Router.Turn] must call it from another
// goroutine.
func (v *VirtualRouter) Remove(ctx context.Context) error { return v.seat.Remove(ctx) }
