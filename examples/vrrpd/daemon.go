// SPDX-License-Identifier: Apache-2.0

package main

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

// workers is how many goroutines do address work. The loop must not wait for one of the Go runtime's processors until the
// kernel has given them a turn: with -realtime there is one for each.
const workers = 8

// daemon is the router of a plan, on the links and devices of the system.
type daemon struct {
	network *netif.Network
	devices *devices
	router  *vrrp.Router
	options options
	will    *guard.Guard // nil without one
}

// newDaemon opens what the plan needs. will is the guard that was started, or nil.
func newDaemon(plan *plan, o options, will *guard.Guard, log *slog.Logger) (*daemon, error) {
	cfg := netif.Config{Logger: log}
	if o.realTime {
		cfg.RealTime = netif.RealTime{Priority: 1, LockMemory: true}
		runtime.GOMAXPROCS(runtime.NumCPU() + workers)
	}
	network, err := netif.Open(&cfg)
	if err != nil {
		return nil, err
	}
	d := &daemon{network: network, devices: newDevices(plan, log), options: o, will: will}
	rc := vrrp.RouterConfig{Network: network, Logger: log, Workers: workers}
	if will != nil {
		rc.Guard = will
	}
	d.router, err = vrrp.NewRouter(rc)
	for _, instance := range plan.instances {
		if err == nil {
			err = d.add(instance)
		}
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// add takes part in the virtual router of one instance.
func (d *daemon) add(in instance) (err error) {
	cfg := in.config
	if cfg.Backend, err = d.devices.backend(in); err != nil {
		return err
	}
	cfg.NoLease = d.options.permanent
	for _, a := range in.addresses {
		if name := device(cfg, a); name != cfg.Link {
			if cfg.Devices == nil {
				cfg.Devices = map[netip.Prefix]string{}
			}
			cfg.Devices[a.Prefix] = name
		}
	}
	_, err = d.router.Add(cfg)
	return err
}

// run takes part until ctx ends, hands over and closes everything.
func (d *daemon) run(ctx context.Context) error {
	return errors.Join(d.router.Run(ctx), d.close())
}

func (d *daemon) close() error {
	errs := []error{d.devices.close(), d.network.Close()}
	if d.will != nil {
		errs = append(errs, d.will.Close())
	}
	return errors.Join(errs...)
}
