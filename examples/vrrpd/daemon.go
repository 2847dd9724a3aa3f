// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vrrp"
)

// daemon is the router of a plan, on the links and devices of the system.
type daemon struct {
	network *netif.Network
	devices *devices
	router  *vrrp.Router
}

// newDaemon opens what the plan needs.
func newDaemon(plan *plan, log *slog.Logger) (*daemon, error) {
	network, err := netif.Open(&netif.Config{Logger: log})
	if err != nil {
		return nil, err
	}
	d := &daemon{network: network, devices: newDevices(plan)}
	d.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: network, Logger: log})
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
	_, err = d.router.Add(cfg)
	return err
}

// run takes part until ctx ends, hands over and closes everything.
func (d *daemon) run(ctx context.Context) error {
	return errors.Join(d.router.Run(ctx), d.close())
}

func (d *daemon) close() error {
	d.devices.close()
	return d.network.Close()
}
