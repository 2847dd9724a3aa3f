// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// VirtualRouterConfig is one virtual router of a [Router]: what its election
// needs, and where it takes place.
type VirtualRouterConfig struct {
	Config

	// Name stands for the virtual router in logs; default is link, family and
	// VRID.
	Name string
	// Link is the name of the network interface. It need not exist yet.
	Link string
	// Source is the address that advertisements come from, one of the link's;
	// default is its primary IPv4 or its lowest link-local IPv6 address.
	Source netip.Addr
	// Group is where advertisements are sent to; default is [GroupIPv4] or
	// [GroupIPv6], which all routers of the virtual router must agree on.
	Group netip.Addr
	// Backend configures the service addresses. Without one nothing is
	// configured, and the role is for [Trace] to act on.
	Backend Backend
	// Devices names the devices of addresses that Backend configures elsewhere
	// than on Link, for the [Guard] to find them.
	Devices map[netip.Prefix]string
	// NoLease has addresses held until they are removed, although Backend is a
	// [Leaser]. They then stay on a host whose process was killed.
	NoLease bool
	// Checksum is the form of the checksum of sent version 3 packets over IPv4.
	// Beside keepalived or FRR choose ChecksumPseudoHeader; see [ChecksumAuto].
	Checksum ChecksumForm
	// AuthType and AuthData authenticate version 2; see [Password]. It is no
	// protection: the password is readable for everybody on the link.
	AuthType AuthType
	AuthData AuthData
}

// Validate reports what is wrong with the configuration; each error is a
// [*ValueError], or wraps errors.ErrUnsupported for [AuthAH].
func (c VirtualRouterConfig) Validate() error {
	errs := []error{c.Config.Validate()}
	if c.Link == "" {
		errs = append(errs, &ValueError{Name: "link", Value: `""`, Allowed: "the name of a network interface"})
	}
	if c.Source.IsValid() && (c.Source.Is6() != c.ipv6() || c.ipv6() && !c.Source.IsLinkLocalUnicast()) {
		errs = append(errs, &ValueError{Name: "source address", Value: c.Source, Allowed: "one of the virtual router's family, link-local for IPv6"})
	}
	if c.Group.IsValid() && (c.Group.Is6() != c.ipv6() || !c.Group.IsMulticast()) {
		errs = append(errs, &ValueError{Name: "group", Value: c.Group, Allowed: "a multicast address of the virtual router's family"})
	}
	if c.Checksum > ChecksumPseudoHeader {
		errs = append(errs, &ValueError{Name: "checksum form", Value: c.Checksum, Allowed: "auto, message and pseudo-header"})
	}
	switch {
	case c.AuthType == AuthAH:
		errs = append(errs, fmt.Errorf("vrrp: authentication type AH: %w", errors.ErrUnsupported))
	case c.AuthType > AuthAH:
		errs = append(errs, &ValueError{Name: "authentication type", Value: uint8(c.AuthType), Allowed: "none and password"})
	case c.AuthType != AuthNone && c.withDefaults().Version != V2:
		errs = append(errs, &ValueError{Name: "authentication type", Value: uint8(c.AuthType), Allowed: "none in version 3"})
	}
	return errors.Join(errs...)
}

// VirtualRouter is a virtual router that a [Router] takes part in. Its methods
// are safe for concurrent use, but must not be called from functions of the
// [Trace].
type VirtualRouter struct {
	router *Router

	// What follows belongs to the loop.
	cfg       VirtualRouterConfig
	group     netip.Addr
	machine   *Machine
	port      *port
	holder    *holder.Holder
	deadline  deadline.Entry[*VirtualRouter]
	lease     *lease        // nil if the addresses aren't leased
	leasedAt  time.Time     // last
	adv       Advertisement // of this router; the priority is set when it is sent
	source    netip.Addr
	form      ChecksumForm // of the last accepted peer
	stats     Stats
	last      Transition
	id        int // for the Guard
	will      will
	willStale bool // source or configuration have changed
	removing  bool
	removed   chan struct{} // closed when the removal is done
	left      error         // what could not be removed
	retryAt   time.Time     // removal of addresses is tried again
	retries   int           // in succession
	slept     int           // the turn in which what it received can't be trusted
	detached  bool

	lastError error
	limits    [NoticeSecondOwner + 1]quietlog.Limit // by Notice, and [0] for failures
}

// configure takes a valid configuration.
func (v *VirtualRouter) configure(cfg VirtualRouterConfig) {
	cfg.Config = cfg.withDefaults()
	v.cfg, v.group = cfg, cfg.Group
	switch {
	case v.group.IsValid():
	case cfg.ipv6():
		v.group = GroupIPv6()
	default:
		v.group = GroupIPv4()
	}
	v.adv = Advertisement{Version: cfg.Version, VRID: cfg.VRID, Interval: cfg.Interval, AuthType: cfg.AuthType, AuthData: cfg.AuthData}
	for _, p := range cfg.Addresses {
		v.adv.Addresses = append(v.adv.Addresses, p.Addr())
	}
	if v.form == ChecksumAuto {
		v.form = ChecksumMessage
	}
}

// name stands for the virtual router in logs and errors.
func (v *VirtualRouter) name() string {
	if v.cfg.Name != "" {
		return v.cfg.Name
	}
	family := "IPv4"
	if v.cfg.ipv6() {
		family = "IPv6"
	}
	return fmt.Sprintf("%s %s VRID %d", v.cfg.Link, family, v.cfg.VRID)
}

// idle reports whether there is neither a hand-over nor address work left.
func (v *VirtualRouter) idle() bool { return !v.machine.Releasing() && v.holder.Idle() }

// do has f run on the loop unless the virtual router has been removed.
func (v *VirtualRouter) do(f func(now time.Time) error) error {
	err := ErrClosed
	v.router.loop.Do(func() {
		if v.detached || v.removing || v.router.stopping {
			return
		}
		v.router.wake()
		err = f(v.router.now)
	})
	return err
}

// Resign gives up the role in a planned hand-over and does not preempt for d; see
// [Machine.Resign]. The error is [ErrClosed] or nil.
func (v *VirtualRouter) Resign(d time.Duration) error {
	return v.do(func(now time.Time) error {
		v.router.perform(v, v.machine.Resign(now, d))
		return nil
	})
}

// ErrNotReady is returned for what a virtual router can't do in state
// Initialize.
var ErrNotReady = errors.New("vrrp: the link isn't usable")

// Force takes the role for d, or with d of 0 until [VirtualRouter.Resign]; see
// [Machine.Force]. Errors: [ErrClosed], [ErrNotReady].
func (v *VirtualRouter) Force(d time.Duration) error {
	return v.do(func(now time.Time) error {
		if v.machine.State() == Initialize {
			return fmt.Errorf("vrrp: %s: %w", v.name(), ErrNotReady)
		}
		v.router.perform(v, v.machine.Force(now, d))
		return nil
	})
}

// SetPriority changes the priority until [VirtualRouter.Reconfigure]; see
// [Machine.SetPriority]. Errors: [ErrClosed], [*ValueError].
func (v *VirtualRouter) SetPriority(priority uint8) error {
	return v.do(func(now time.Time) error {
		actions, err := v.machine.SetPriority(now, priority)
		v.router.perform(v, actions)
		return err
	})
}

// Reconfigure changes the configuration without leaving the state; an address in
// both configurations is not touched. Link, group, family, version, VRID, ownership
// and Backend stay as they are: for others, remove the virtual router and add another.
// Errors: [ErrClosed], and those of [VirtualRouterConfig.Validate]; nothing is
// changed then.
func (v *VirtualRouter) Reconfigure(cfg VirtualRouterConfig) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	return v.do(func(now time.Time) error {
		if cfg.Link != v.cfg.Link || cfg.Group != v.cfg.Group {
			return &ValueError{Name: "link and group", Value: fmt.Sprint(cfg.Link, " and ", cfg.Group), Allowed: "those from before"}
		}
		if err := v.router.available(cfg, v); err != nil {
			return err
		}
		actions, err := v.machine.Reconfigure(now, cfg.Config)
		if err != nil {
			return err
		}
		cfg.Backend, cfg.NoLease = v.cfg.Backend, v.cfg.NoLease
		v.router.reserve(v, -1)
		v.router.leaveLease(v)
		v.configure(cfg)
		v.router.reserve(v, 1)
		v.router.joinLease(v)
		v.willStale = true
		v.router.perform(v, actions)
		v.router.settle(v)
		return nil
	})
}

// Remove hands over and ends taking part. It returns when the addresses are
// gone, with an error that tells which could not be removed, or with the error of
// ctx, and the removal goes on. Errors besides: [ErrClosed]. A program that calls [Router.Turn] must call it from another
// goroutine.
func (v *VirtualRouter) Remove(ctx context.Context) error {
	err := v.do(func(now time.Time) error {
		v.removing, v.removed = true, make(chan struct{})
		v.router.leaving++
		v.router.perform(v, v.machine.Shutdown(now, ReasonShutdown))
		v.router.giveUp(v)
		v.router.sweep()
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case <-v.removed:
		return v.left
	case <-ctx.Done():
		return ctx.Err()
	}
}
