// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"net/netip"
)

// An IfconfigDevice is what a Device is on FreeBSD, on any system, with an ifconfig of one's own.
type IfconfigDevice struct {
	device   *Device
	ifconfig *ifconfig
}

// OpenIfconfig does what Open does on FreeBSD.
func OpenIfconfig(name string, cfg *Config, run func(context.Context, []string) (string, string, error)) (*IfconfigDevice, error) {
	d := &IfconfigDevice{&Device{name: name, turn: make(chan struct{}, 1)}, &ifconfig{device: name, run: run}}
	if err := validInterface(name); err != nil {
		return nil, err
	}
	c := cfg.clone()
	return d, c.checkIfconfig()
}

func (d *IfconfigDevice) Add(ctx context.Context, addrs []netip.Prefix) error {
	return d.device.change(ctx, OpAdd, addrs, d.ifconfig.add)
}

func (d *IfconfigDevice) Remove(ctx context.Context, addrs []netip.Prefix) error {
	return d.device.change(ctx, OpRemove, addrs, d.ifconfig.remove)
}

func (d *IfconfigDevice) List(ctx context.Context) (addrs []netip.Prefix, err error) {
	err = d.device.use(ctx, func() (err error) {
		addrs, err = d.ifconfig.list(ctx)
		return err
	})
	return addrs, err
}

// RunProgram is what runs ifconfig on FreeBSD.
var RunProgram = runProgram

// ReasonOf returns the errno that an output of ifconfig names.
var ReasonOf = reasonOf
