// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-fhrp/fhrp/internal/conditions"
	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/events"
	"github.com/go-fhrp/fhrp/internal/quietlog"
	"github.com/go-fhrp/fhrp/internal/rejected"
)

// RouterConfig is what a [Router] works with. Only Network is required.
type RouterConfig struct {
	Network Network
	// Announcer announces service addresses. If it is nil, Network does, if it
	// is an [Announcer] too.
	Announcer Announcer
	// Guard keeps the last will of the router. Without one a process that dies
	// says no goodbye.
	Guard Guard
	// Now is the clock, time.Now if nil. It must not run backwards.
	Now func() time.Time
	// Logger is told of transitions and, at a bounded rate, of what is wrong on
	// the link. It never delays the protocol: while Run runs, what a slow handler can't
	// keep up with is dropped, and counted in the attribute dropped_before of the next
	// record. If it is nil nothing is logged.
	Logger *slog.Logger
	// Trace is called on the way; see there.
	Trace Trace
	// Workers is the number of goroutines that configure and announce
	// addresses, default 8. A Backend that blocks keeps one of them for each
	// virtual router, up to Timeout.
	Workers int
	// Select has the kernel drop advertisements of virtual routers that this
	// router takes no part in, if Network is a [Selector]: where many others use
	// the same link, they cost nothing then, but they are neither counted as
	// errors nor told to Trace.
	Select bool
	// Timeout bounds each call to a [Backend] or [Announcer], default 10s.
	Timeout time.Duration
	// Inherit, if not nil, has the Router take over from another one, which calls
	// [Router.HandOver]. [Router.Run] calls it once, before it does anything else, but with the
	// links open so that no packet is missed: it is to bring about that the other one
	// hands over, to call take with what that one has left, and to bring the receipt back.
	// From the moment that take has returned without an error nobody but this Router takes
	// part, provided that Inherit returns nil then. After any error that it returns Run does
	// nothing and returns it. Where both are in one program the Inherit of the new one is
	//
	//	func(take vrrp.Transfer) error { return old.HandOver(ctx, take) }
	Inherit func(take Transfer) error
	// EventBuffer is how many events are kept for readers of [Router.Events],
	// default 1024.
	EventBuffer int
	// RejectedBuffer is how many kinds of rejected packets are kept for
	// [Router.Rejected], default 16, negative for none. Each rejected packet is compared
	// with all of them.
	RejectedBuffer int
}

// Router is a VRRP Router (RFC 9568 section 1.7): it takes part in any number of
// virtual routers on any number of links, from one loop. Its methods are safe
// for concurrent use, but must not be called from functions of its [Trace].
type Router struct {
	cfg    RouterConfig
	engine *engine.Engine
	log    *quietlog.Log
	events *events.Stream[Event]
	begins atomic.Bool // Run or Turn was called

	// What follows belongs to the loop.
	watches  conditions.Watches // the conditions of all virtual routers
	stats    RouterStats
	rejected rejected.List[refusal]
	adv      Advertisement
	sent     Advertisement
	buffer   buffer // of all machines
	buf      []byte // of the message that is sent
	packet   []byte // of that with its authentication header
	copied   []byte // of a payload that is changed
}

// logName is how the log tells which virtual router it is about.
const logName = "virtual_router"

// ErrClosed is returned for a [Router] whose Run has returned, and for a
// [VirtualRouter] that was removed.
var ErrClosed = errors.New("vrrp: closed")

// NewRouter returns a router without virtual routers. It does nothing before
// [Router.Run].
func NewRouter(cfg RouterConfig) (*Router, error) {
	if cfg.Network == nil {
		return nil, &ValueError{Name: "network", Value: nil, Allowed: "a Network, such as that of package netif"}
	}
	if cfg.Workers < 0 || cfg.Timeout < 0 || cfg.EventBuffer < 0 {
		return nil, &ValueError{Name: "workers, timeout and event buffer", Value: fmt.Sprint(cfg.Workers, ", ", cfg.Timeout, " and ", cfg.EventBuffer), Allowed: "0 for the default, and more"}
	}
	r := &Router{cfg: cfg, log: quietlog.New(cfg.Logger), events: events.New(cmp.Or(cfg.EventBuffer, eventBuffer), (*Event).number),
		rejected: rejected.New[refusal](cmp.Or(cfg.RejectedBuffer, rejectedBuffer))}
	ec := engine.Config{Protocol: "vrrp", Noun: logName, Closed: ErrClosed,
		Network: cfg.Network, Announcer: cfg.Announcer, Guard: cfg.Guard, Now: cfg.Now, Log: r.log,
		Workers: cfg.Workers, Select: cfg.Select, Timeout: cfg.Timeout, Receive: r.receive, ReceiveAH: r.receiveAH, Ended: r.events.Close}
	if cfg.Inherit != nil {
		ec.Inherit = r.inherit
	}
	r.engine = engine.New(ec)
	return r, nil
}

// Add takes part in a further virtual router. It may be called before
// [Router.Run] and while that runs. The configuration is copied. Errors: that of
// [VirtualRouterConfig.Validate], one that names the virtual router if the link
// has the same one already, [ErrClosed], and what Network.Attach says, such as
// os.ErrPermission, or errors.ErrUnsupported for [AuthAH] on a Network that is no
// [AHNetwork].
func (r *Router) Add(cfg VirtualRouterConfig) (*VirtualRouter, error) {
	machine, err := NewMachine(cfg.Config)
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return nil, err
	}
	cfg = cfg.complete()
	cfg.Config = machine.cfg // the same addresses
	auth, err := cfg.authenticators()
	if err != nil {
		return nil, err
	}
	v := &VirtualRouter{router: r, machine: machine, form: ChecksumMessage, groupForm: ChecksumMessage}
	v.configure(cfg, auth)
	v.seat = r.engine.NewSeat(member{v}, cfg.seat())
	v.prepareTrackers(cfg.Trackers)
	machine.buffer = &r.buffer // from here on it belongs to the loop
	err = r.engine.Add(v.seat)
	switch {
	case err == nil:
		r.engine.Do(v.startTrackers)
		return v, nil
	case errors.Is(err, ErrClosed):
		return nil, err
	}
	return nil, fmt.Errorf("vrrp: %s: %w", cfg.Name, refused(err, cfg.VRID))
}

// refused says what can't be used twice on a link.
func refused(err error, id uint8) error {
	var used *engine.InUseError
	switch {
	case !errors.As(err, &used):
		return err
	case used.Addr.IsValid():
		return &ValueError{Name: "address", Value: used.Addr, Allowed: "one that no other virtual router on the link has"}
	}
	return &ValueError{Name: "virtual router identifier", Value: id, Allowed: "each once on a link and address family"}
}

// VirtualRouters returns the virtual routers that the router takes part in, in
// the order of their addition.
func (r *Router) VirtualRouters() []*VirtualRouter {
	var all []*VirtualRouter
	for _, m := range r.engine.Members() {
		all = append(all, m.(member).VirtualRouter)
	}
	return all
}

// States returns the state of each virtual router, in the order of
// [Router.VirtualRouters], all at one instant. It asks the loop once, and costs next to
// nothing there: it is for who asks often about thousands.
func (r *Router) States() []State {
	var all []State
	r.engine.Do(func() {
		for _, m := range r.engine.Seated() {
			all = append(all, m.(member).machine.State())
		}
	})
	return all
}

// Stats returns the counters that belong to no virtual router.
func (r *Router) Stats() RouterStats {
	var s RouterStats
	r.engine.Do(func() {
		s = r.stats
		s.SendErrors = r.engine.Unsent()
	})
	return s
}

// Run takes part in the virtual routers until ctx ends. Then it hands over: each
// Active virtual router says goodbye and keeps its addresses until the successor
// has them, but for an interval and 100 ms at most. Run returns nil after that,
// with no goroutine, socket or address left behind, or an error that tells which
// addresses could not be removed. It can be called once.
func (r *Router) Run(ctx context.Context) error {
	if !r.begin() {
		return r.engine.Run(ctx) // it was called before
	}
	err := r.engine.Run(ctx)
	r.endTrackers()
	return err
}

// Turn does what is to be done now, without blocking, and returns when it is to
// be called again at the latest, the zero time for never. It is for simulators
// and for programs with a loop of their own, in the place of [Router.Run]:
// address work is then done within Turn. After [Router.Stop] it tells when the
// hand-over is done; it must not be called after that. While a Backend keeps it from
// returning, another goroutine may call it.
func (r *Router) Turn() (until time.Time, done bool) {
	r.begin()
	return r.engine.Turn()
}

// Stop has the next turn begin what the end of its ctx begins for [Router.Run].
func (r *Router) Stop() { r.engine.Stop() }
