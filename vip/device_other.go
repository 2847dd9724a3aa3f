// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !freebsd

package vip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
)

type deviceSys struct{}

func unsupported() error {
	return fmt.Errorf("addresses of devices on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func (d *Device) open() error                                   { return unsupported() }
func (d *Device) close() error                                  { return nil }
func (d *Device) add(context.Context, []*job) error             { return unsupported() }
func (d *Device) lease(context.Context, []*job, lifetime) error { return unsupported() }
func (d *Device) remove(context.Context, []*job) error          { return unsupported() }
func (d *Device) list(context.Context) ([]netip.Prefix, error)  { return nil, unsupported() }
