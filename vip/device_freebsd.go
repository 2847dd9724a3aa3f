// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
)

// deviceSys is what FreeBSD needs of a Device.
type deviceSys struct{ ifconfig *ifconfig }

func (d *Device) open() error {
	d.sys.ifconfig = &ifconfig{device: d.name, run: runProgram(ifconfigPath)}
	return errors.Join(validInterface(d.name), d.config.checkIfconfig())
}

func (d *Device) close() error { return nil }

func (d *Device) add(ctx context.Context, jobs []*job) error { return d.sys.ifconfig.add(ctx, jobs) }

// lease can't be done with ifconfig: only IPv6 addresses have lifetimes there.
func (d *Device) lease(context.Context, []*job, lifetime) error {
	return fmt.Errorf("leases on FreeBSD: %w", errors.ErrUnsupported)
}

func (d *Device) remove(ctx context.Context, jobs []*job) error {
	return d.sys.ifconfig.remove(ctx, jobs)
}

func (d *Device) list(ctx context.Context) ([]netip.Prefix, error) { return d.sys.ifconfig.list(ctx) }
