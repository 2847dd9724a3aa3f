// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/handover"
	"github.com/go-fhrp/fhrp/internal/routes"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/netif/guard"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Options are what a keepalived.conf doesn't say.
type Options struct {
	Permanent bool         // hold addresses without a lease
	RealTime  bool         // run the loop with a real-time priority and locked memory
	Guard     *guard.Guard // that was started; nil for none. Close closes it.
	Logger    *slog.Logger // nil: nothing is logged
	// Predecessor is the process that this one replaces, nil for none. Close closes it.
	Predecessor *handover.Predecessor
}

// workers is how many goroutines do address work. The loop must not wait for one of the Go runtime's processors until the
// kernel has given them a turn: with RealTime there is one for each.
const workers = 8

// Daemon is the router of a plan, on the links and devices of the system. It is safe for concurrent use.
type Daemon struct {
	network  *netif.Network
	devices  *devices
	routes   *routes.Keeper // nil: there can be none
	router   *vrrp.Router
	notifier *notifier
	options  Options
	begun    <-chan struct{} // is closed when the loop runs
	reloaded chan struct{}   // there may be something to tell of

	mu      sync.Mutex // for what follows, and devices
	roster  *roster
	stopped bool
}

// Open opens what the plan needs, in the network namespace of this thread. The error matches os.ErrPermission where a
// capability is missing, and errors.ErrUnsupported on other systems.
func Open(plan *Plan, o Options) (*Daemon, error) {
	cfg := netif.Config{Logger: o.Logger}
	if o.RealTime {
		cfg.RealTime = netif.RealTime{Priority: 1, LockMemory: true}
		runtime.GOMAXPROCS(runtime.NumCPU() + workers)
	}
	network, err := netif.Open(&cfg)
	if err != nil {
		return nil, err
	}
	beginning := systemd.NewBeginning(network)
	d := &Daemon{network: network, devices: newDevices(plan, o.Logger), notifier: newNotifier(o.Logger), options: o, begun: beginning.Begun(),
		reloaded: make(chan struct{}, 1)}
	if d.routes, err = openRoutes(plan, o.Logger); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	rc := vrrp.RouterConfig{Network: beginning, Logger: o.Logger, Workers: workers, Select: true}
	if o.Guard != nil {
		rc.Guard = o.Guard
	}
	if o.Predecessor != nil {
		d.devices.heir, rc.Inherit = true, d.inherit
	}
	if d.router, err = vrrp.NewRouter(rc); err == nil {
		d.roster = newRoster(d.router, d.notifier, d.devices.backend)
		d.roster.permanent, d.roster.routes = o.Permanent, d.routes
		err = d.roster.apply(context.Background(), plan)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Begun is closed when the loop runs.
func (d *Daemon) Begun() <-chan struct{} { return d.begun }

// Router returns the router, for its events and what there is to ask it.
func (d *Daemon) Router() *vrrp.Router { return d.router }

// Run takes part until ctx ends, hands over and closes everything. The commands of notify are run meanwhile, and for a limited
// time after it.
func (d *Daemon) Run(ctx context.Context) error {
	telling, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	events := d.router.Events(telling)
	d.notifier.running.Go(func() { d.notifier.follow(telling, ctx.Done(), events) })
	mending, mended := context.WithCancel(ctx)
	d.notifier.running.Go(func() { d.tellInitial(mending) })
	if d.routes != nil {
		d.notifier.running.Go(func() { d.routes.Run(mending) })
	}
	defer d.interruptible(ctx)()
	err := d.router.Run(ctx)
	d.mu.Lock()
	err = errors.Join(err, d.devices.silence())
	d.mu.Unlock()
	mended()
	last := time.AfterFunc(lastTime, end)
	defer last.Stop()
	d.notifier.running.Wait()
	return errors.Join(err, d.Close())
}

// Reload goes over to another plan, in the network namespace of the thread that Open was called by. What is the same in both
// goes on, and nothing is sent or touched for it. A virtual router that differs is changed without leaving its state, unless it is
// another one by its link, VRID, family, version, group, virtual MAC address, authentication header, by priority 255, by
// addresses on other devices, or by routes where no virtual router had any: that one hands over and begins anew. ctx bounds how
// long that is waited for.
//
// An error is about a part of the plan that could not be had, all others are in force; another Reload can mend it. After Run has
// ended it is vrrp.ErrClosed.
func (d *Daemon) Reload(ctx context.Context, plan *Plan) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return vrrp.ErrClosed
	}
	err := errors.Join(d.devices.configure(plan), d.roster.apply(ctx, plan))
	select {
	case d.reloaded <- struct{}{}:
	default: // that is known
	}
	return err
}

// Close closes everything. Run does so itself.
func (d *Daemon) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	d.notifier.tellTo(nil)
	var errs []error
	if d.routes != nil {
		errs = append(errs, d.routes.Close())
	}
	errs = append(errs, d.devices.close(), d.network.Close())
	if d.options.Guard != nil {
		errs = append(errs, d.options.Guard.Close())
	}
	if d.options.Predecessor != nil {
		errs = append(errs, d.options.Predecessor.Close())
	}
	return errors.Join(errs...)
}
