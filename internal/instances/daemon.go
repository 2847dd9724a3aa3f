// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"runtime"

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
}

// workers is how many goroutines do address work. The loop must not wait for one of the Go runtime's processors until the
// kernel has given them a turn: with RealTime there is one for each.
const workers = 8

// Daemon is the router of a plan, on the links and devices of the system. It is safe for concurrent use.
type Daemon struct {
	network *netif.Network
	devices *devices
	router  *vrrp.Router
	options Options
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
	d := &Daemon{network: network, devices: newDevices(plan, o.Logger), options: o}
	rc := vrrp.RouterConfig{Network: network, Logger: o.Logger, Workers: workers, Select: true}
	if o.Guard != nil {
		rc.Guard = o.Guard
	}
	d.router, err = vrrp.NewRouter(rc)
	for _, instance := range plan.Instances {
		if err == nil {
			err = d.add(instance)
		}
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// add takes part in the virtual router of one instance.
func (d *Daemon) add(in Instance) (err error) {
	cfg := in.Config
	if cfg.Backend, err = d.devices.backend(in); err != nil {
		return err
	}
	cfg.NoLease = d.options.Permanent
	for _, a := range in.Addresses {
		if name := Device(cfg, a); name != cfg.Link {
			if cfg.Devices == nil {
				cfg.Devices = map[netip.Prefix]string{}
			}
			cfg.Devices[a.Prefix] = name
		}
	}
	_, err = d.router.Add(cfg)
	return err
}

// Router returns the router, for its events and what there is to ask it.
func (d *Daemon) Router() *vrrp.Router { return d.router }

// Run takes part until ctx ends, hands over and closes everything.
func (d *Daemon) Run(ctx context.Context) error {
	return errors.Join(d.router.Run(ctx), d.Close())
}

// Close closes everything. Run does so itself.
func (d *Daemon) Close() error {
	errs := []error{d.devices.close(), d.network.Close()}
	if d.options.Guard != nil {
		errs = append(errs, d.options.Guard.Close())
	}
	return errors.Join(errs...)
}
