// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-fhrp/fhrp/internal/conditions"
	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/events"
	"github.com/go-fhrp/fhrp/internal/quietlog"
	"github.com/go-fhrp/fhrp/internal/rejected"
)

// Host takes part in any number of virtual hosts on any number of links, from one
// loop: what carp(4) is in the kernel of a BSD. Its methods are safe for
// concurrent use, but must not be called from functions of its [Trace].
type Host struct {
	cfg    HostConfig
	engine *engine.Engine
	log    *quietlog.Log
	events *events.Stream[Event]
	begins atomic.Bool // Run or Turn was called

	// What follows belongs to the loop.
	watches   conditions.Watches // the conditions of all virtual hosts
	members   []*VirtualHost     // those that take part
	sent      []*VirtualHost     // those that have queued something since the last flush
	spare     []*VirtualHost     // room for the next ones
	demotions Demotions          // of all virtual hosts
	stats     HostStats
	rejected  rejected.List[refusal]
	adv       Advertisement
	buf       []byte
	explainAt time.Time // when a wrong digest may be explained again
}

// logName is how the log tells which virtual host it is about.
const logName = "virtual_host"

// ErrClosed is returned for a [Host] whose Run has returned, and for a
// [VirtualHost] that was removed.
var ErrClosed = errors.New("carp: closed")

// NewHost returns a host without virtual hosts. It does nothing before
// [Host.Run]. The error is a [*ValueError].
func NewHost(cfg HostConfig) (*Host, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	h := &Host{cfg: cfg, log: quietlog.New(cfg.Logger), events: events.New(cmp.Or(cfg.EventBuffer, eventBuffer), (*Event).number),
		rejected: rejected.New[refusal](cmp.Or(cfg.RejectedBuffer, rejectedBuffer))}
	ec := engine.Config{Protocol: "carp", Noun: logName, Closed: ErrClosed,
		Network: newWatch(h, cfg.Network), Announcer: cfg.Announcer, Guard: cfg.Guard, Now: cfg.Now, Log: h.log,
		Workers: cfg.Workers, Select: cfg.Select, Timeout: cfg.Timeout, Receive: h.receive, Ended: h.events.Close}
	if cfg.Inherit != nil {
		ec.Inherit = h.inherit
	}
	h.engine = engine.New(ec)
	return h, nil
}

// Add takes part in a further virtual host. It may be called before [Host.Run] and
// while that runs. The configuration is copied. Errors: that of
// [VirtualHostConfig.Validate], one that names the virtual host if the link has
// the same one already, [ErrClosed], and what Network.Attach says, such as
// os.ErrPermission.
func (h *Host) Add(cfg VirtualHostConfig) (*VirtualHost, error) {
	p, err := cfg.prepare()
	if err != nil {
		return nil, err
	}
	machine, err := NewMachine(p.Config)
	if err != nil {
		return nil, err
	}
	v := &VirtualHost{host: h, machine: machine, counter: counter{random: h.cfg.Random}}
	v.configure(p)
	v.seat = h.engine.NewSeat(member{v}, p.seat())
	v.prepareTrackers()
	err = h.engine.Add(v.seat)
	switch {
	case err == nil:
		h.engine.Do(func() { h.enlist(v) })
		return v, nil
	case errors.Is(err, ErrClosed):
		return nil, err
	}
	return nil, fmt.Errorf("carp: %s: %w", p.Name, refused(err, p.VHID))
}

// enlist has a virtual host take part in what concerns all of them.
func (h *Host) enlist(v *VirtualHost) {
	if !v.leaving {
		h.members = append(h.members, v)
		v.demotedBy(h.engine.Now())
		v.startTrackers()
	}
}

// refused says what can't be used twice on a link.
func refused(err error, id uint8) error {
	var used *engine.InUseError
	switch {
	case !errors.As(err, &used):
		return err
	case used.Addr.IsValid():
		return &ValueError{Name: "address", Value: used.Addr, Allowed: "one that no other virtual host on the link has"}
	}
	return &ValueError{Name: "virtual host identifier", Value: id, Allowed: "each once on a link"}
}

// VirtualHosts returns the virtual hosts that the host takes part in, in the order
// of their addition.
func (h *Host) VirtualHosts() []*VirtualHost {
	var all []*VirtualHost
	for _, m := range h.engine.Members() {
		all = append(all, m.(member).VirtualHost)
	}
	return all
}

// States returns the state of each virtual host, in the order of [Host.VirtualHosts],
// all at one instant. It asks the loop once, and costs next to nothing there: it is for
// who asks often about thousands.
func (h *Host) States() []State {
	var all []State
	h.engine.Do(func() {
		for _, m := range h.engine.Seated() {
			all = append(all, m.(member).machine.State())
		}
	})
	return all
}

// Stats returns the counters that belong to no virtual host.
func (h *Host) Stats() HostStats {
	var s HostStats
	h.engine.Do(func() {
		s = h.stats
		s.SendErrors = h.engine.Unsent()
	})
	return s
}

// Demote gives a reason why this host is less fit than it is configured to be to
// be Master of any of its virtual hosts, or changes the weight of the reason
// (net.inet.carp.demotion; carpdemote of OpenBSD's ifconfig). The weights of all
// reasons are added to advskew: see [Machine.Demote]. What the host is demoted for
// by itself has reasons that begin with "link down: " and "send errors: ".
func (h *Host) Demote(reason string, weight int) {
	h.engine.Do(func() { h.demotions.Set(reason, weight) })
	h.demotionChanged()
}

// Undemote takes a reason back. One that wasn't given doesn't matter.
func (h *Host) Undemote(reason string) {
	h.engine.Do(func() { h.demotions.Clear(reason) })
	h.demotionChanged()
}

// demotionChanged tells all virtual hosts. It is not for the loop.
func (h *Host) demotionChanged() {
	for _, v := range h.VirtualHosts() {
		_ = v.seat.Do(func(now time.Time) error { // one that is leaving need not know
			v.demotedBy(now)
			return nil
		})
	}
}

// Demotions returns the reasons that concern all virtual hosts, in alphabetical
// order.
func (h *Host) Demotions() []Demotion {
	var list []Demotion
	h.engine.Do(func() { list = h.demotions.List() })
	return list
}

// demote and undemote are for what the host is demoted for by itself, on the loop.
// They report whether that changes anything.
func (h *Host) demote(reason string, weight int) bool {
	return h.demotions.Set(reason, weight) && h.tellMembers()
}

func (h *Host) undemote(reason string) bool {
	return h.demotions.Clear(reason) && h.tellMembers()
}

// tellMembers tells all virtual hosts of another demotion.
func (h *Host) tellMembers() bool {
	for _, v := range slices.Clone(h.members) {
		v.demotedBy(h.engine.Now())
	}
	return true
}

// Run takes part in the virtual hosts until ctx ends. Then it hands over: each
// that is Master bows out and keeps its addresses until the successor has them,
// but for an interval and 100 ms at most. Run returns nil after that, with no
// goroutine, socket or address left behind, or an error that tells which
// addresses could not be removed. It can be called once.
func (h *Host) Run(ctx context.Context) error {
	if !h.begin() {
		return h.engine.Run(ctx) // it was called before
	}
	err := h.engine.Run(ctx)
	h.endTrackers()
	return err
}

// Turn does what is to be done now, without blocking, and returns when it is to
// be called again at the latest, the zero time for never. It is for simulators
// and for programs with a loop of their own, in the place of [Host.Run]: address
// work is then done within Turn. After [Host.Stop] it tells when the hand-over is
// done; it must not be called after that. While a Backend keeps it from returning,
// another goroutine may call it.
func (h *Host) Turn() (until time.Time, done bool) {
	h.begin()
	return h.engine.Turn()
}

// Stop has the next turn begin what the end of its ctx begins for [Host.Run].
func (h *Host) Stop() { h.engine.Stop() }
