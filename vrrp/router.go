// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/internal/loop"
	"github.com/go-fhrp/fhrp/internal/quietlog"
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
	// the link. It never delays the protocol. If it is nil nothing is logged.
	Logger *slog.Logger
	// Trace is called on the way; see there.
	Trace Trace
	// Workers is the number of goroutines that configure and announce
	// addresses, default 8. A Backend that blocks keeps one of them for each
	// virtual router, up to Timeout.
	Workers int
	// Timeout bounds each call to a [Backend] or [Announcer], default 10s.
	Timeout time.Duration
}

// Router is a VRRP Router (RFC 9568 section 1.7): it takes part in any number of
// virtual routers on any number of links, from one loop. Its methods are safe
// for concurrent use, but must not be called from functions of its [Trace].
type Router struct {
	cfg     RouterConfig
	network Network
	loop    *loop.Loop
	pool    *holder.Pool
	log     *quietlog.Log

	// What follows belongs to the loop.
	ports     map[int]*port
	virtual   []*VirtualRouter // in the order of their addition
	reserved  map[reservation]int
	deadlines deadline.Queue[*VirtualRouter]
	leases    map[leaseKey]*lease
	wanted    []*lease // to be renewed in this turn
	stats     RouterStats
	now, last time.Time // of this turn and of the one before
	until     time.Time // what the last turn asked to be woken at
	serial    int       // of the next virtual router
	leaving   int       // virtual routers that are being removed
	stopping  bool
	left      []error // addresses that could not be removed
	closed    bool
	started   bool // Run was called
	asked     bool // Stop was called
	turns     int
	woken     time.Time     // when the clock was last looked at for having stood still
	asleep    time.Duration // for how long the host had been suspended then
	adv       Advertisement
	buf       []byte
	calls     callbacks
}

// callbacks are the functions that Network is given, made once.
type callbacks struct {
	link    func(port int, up bool, addrs []netip.Addr, err error)
	receive func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)
	claim   func(port int, addr netip.Addr, mac [6]byte)
	unsent  func(port int, err error)
}

// ErrClosed is returned for a [Router] whose Run has returned, and for a
// [VirtualRouter] that was removed.
var ErrClosed = errors.New("vrrp: closed")

// NewRouter returns a router without virtual routers. It does nothing before
// [Router.Run].
func NewRouter(cfg RouterConfig) (*Router, error) {
	if cfg.Network == nil {
		return nil, &ValueError{Name: "network", Value: nil, Allowed: "a Network, such as that of package netif"}
	}
	if cfg.Announcer == nil {
		cfg.Announcer, _ = cfg.Network.(Announcer)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	setDefault(&cfg.Workers, 8)
	setDefault(&cfg.Timeout, 10*time.Second)
	if cfg.Workers < 0 || cfg.Timeout < 0 {
		return nil, &ValueError{Name: "workers and timeout", Value: fmt.Sprint(cfg.Workers, " and ", cfg.Timeout), Allowed: "0 for the default, and more"}
	}
	r := &Router{cfg: cfg, network: cfg.Network, loop: loop.New(cfg.Network), pool: holder.NewPool(),
		log: quietlog.New(cfg.Logger), ports: map[int]*port{}, reserved: map[reservation]int{}, leases: map[leaseKey]*lease{}}
	r.now = cfg.Now()
	r.suspended()
	r.calls = callbacks{r.linkChanged, r.receive, r.claimed, r.unsent}
	return r, nil
}

// Add takes part in a further virtual router. It may be called before
// [Router.Run] and while that runs. The configuration is copied. Errors: that of
// [VirtualRouterConfig.Validate], one that names the virtual router if the link
// has the same one already, [ErrClosed], and what Network.Attach says, such as
// os.ErrPermission.
func (r *Router) Add(cfg VirtualRouterConfig) (*VirtualRouter, error) {
	machine, err := NewMachine(cfg.Config)
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return nil, err
	}
	v := &VirtualRouter{router: r, machine: machine}
	v.configure(cfg)
	v.deadline.Value = v
	r.loop.Do(func() { err = r.attach(v) })
	if err != nil {
		return nil, err
	}
	return v, nil
}

// attach adds v to its port.
func (r *Router) attach(v *VirtualRouter) error {
	if r.closed || r.stopping {
		return ErrClosed
	}
	if err := r.available(v.cfg, nil); err != nil {
		return fmt.Errorf("vrrp: %s: %w", v.name(), err)
	}
	r.wake()
	number, err := r.network.Attach(v.cfg.Link, v.group)
	if err != nil {
		return fmt.Errorf("vrrp: %s: %w", v.name(), err)
	}
	p := r.ports[number]
	if p == nil {
		p = &port{number: number, link: v.cfg.Link}
		r.ports[number] = p
	}
	if p.virtual[v.cfg.VRID] != nil {
		r.network.Detach(number)
		return fmt.Errorf("vrrp: %s: %w", v.name(),
			&ValueError{Name: "virtual router identifier", Value: v.cfg.VRID, Allowed: "each once on a link and address family"})
	}
	v.port = p
	v.id, r.serial = r.serial, r.serial+1
	v.holder = holder.New(r.holderConfig(v))
	p.virtual[v.cfg.VRID] = v
	p.count++
	r.virtual = append(r.virtual, v)
	r.reserve(v, 1)
	r.joinLease(v)
	r.settle(v)
	return nil
}

// holderConfig connects v's address work with the loop.
func (r *Router) holderConfig(v *VirtualRouter) holder.Config {
	return holder.Config{
		Pool: r.pool, Backend: v.cfg.Backend, Leaser: v.cfg.leaser(), Announcer: r.cfg.Announcer, Link: v.cfg.Link, Timeout: r.cfg.Timeout,
		Added:     func(err error) { r.loop.Post(func() { r.added(v, err) }) },
		Removed:   func(err error) { r.loop.Post(func() { r.removed(v, err) }) },
		Announced: func(err error) { r.loop.Post(func() { r.announced(v, err) }) },
		Idle:      r.network.Wake,
	}
}

// detach takes v from its port. What it still holds is left behind.
func (r *Router) detach(v *VirtualRouter) {
	if left := v.holder.Held(); len(left) > 0 {
		v.left = fmt.Errorf("vrrp: %s: addresses left behind: %v: %w", v.name(), left, cmp.Or(v.lastError, ErrClosed))
		r.left = append(r.left, v.left)
	}
	if v.removed != nil {
		defer close(v.removed)
	}
	r.reserve(v, -1)
	r.leaveLease(v)
	r.deadlines.Remove(&v.deadline)
	r.virtual = slices.DeleteFunc(r.virtual, func(w *VirtualRouter) bool { return w == v })
	v.port.virtual[v.cfg.VRID] = nil
	v.detached = true
	if v.port.count--; v.port.count == 0 {
		delete(r.ports, v.port.number)
	}
	r.network.Detach(v.port.number)
}

// VirtualRouters returns the virtual routers that the router takes part in, in
// the order of their addition.
func (r *Router) VirtualRouters() []*VirtualRouter {
	var all []*VirtualRouter
	r.loop.Do(func() { all = slices.Clone(r.virtual) })
	return all
}

// Stats returns the counters that belong to no virtual router.
func (r *Router) Stats() RouterStats {
	var s RouterStats
	r.loop.Do(func() { s = r.stats })
	return s
}

// Run takes part in the virtual routers until ctx ends. Then it hands over: each
// Active virtual router says goodbye and keeps its addresses until the successor
// has them, but for an interval and 100 ms at most. Run returns nil after that,
// with no goroutine, socket or address left behind, or an error that tells which
// addresses could not be removed. It can be called once.
func (r *Router) Run(ctx context.Context) error {
	if err := r.open(); err != nil {
		return err
	}
	endLog := r.log.Start()
	defer endLog(time.Second)
	endWork := r.pool.Start(context.WithoutCancel(ctx), r.cfg.Workers)
	err := r.loop.Run(ctx, func() (time.Time, bool) {
		return r.turn(ctx.Err() != nil || r.asked), r.stopping && r.idle()
	})
	endWork()
	r.loop.Do(func() { err = errors.Join(err, r.close()) })
	return err
}

// open makes sure that Run is called once.
func (r *Router) open() error {
	err := error(nil)
	r.loop.Do(func() {
		if r.closed || r.started {
			err = ErrClosed
		}
		r.started = true
	})
	return err
}

// stop begins the hand-over of everything.
func (r *Router) stop() {
	if r.stopping {
		return
	}
	r.stopping = true
	for _, v := range r.virtual {
		r.perform(v, v.machine.Shutdown(r.now, ReasonShutdown))
		r.giveUp(v)
	}
}

// idle reports whether no virtual router has anything left to hand over.
func (r *Router) idle() bool {
	return !r.loop.Posted() && !slices.ContainsFunc(r.virtual, func(v *VirtualRouter) bool { return !v.idle() })
}

// close takes everything apart and reports addresses that are still there.
func (r *Router) close() error {
	r.closed = true
	for _, v := range slices.Clone(r.virtual) {
		r.detach(v)
	}
	return errors.Join(r.left...)
}

// Turn does what is to be done now, without blocking, and returns when it is to
// be called again at the latest, the zero time for never. It is for simulators
// and for programs with a loop of their own, in the place of [Router.Run]:
// address work is then done within Turn. After [Router.Stop] it tells when the
// hand-over is done; it must not be called after that.
func (r *Router) Turn() (until time.Time, done bool) {
	r.loop.Turn(func() {
		until = r.turn(r.asked)
		r.pool.Work(context.Background())
		if r.loop.Posted() {
			until = r.now
		}
		if done = r.stopping && r.idle(); done {
			_ = r.close() // the failures were logged
		}
	})
	return until, done
}

// Stop has the next turn begin what the end of its ctx begins for [Router.Run].
func (r *Router) Stop() { r.loop.Do(func() { r.asked = true }) }
