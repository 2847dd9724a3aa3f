// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// A Device is the [Backend] of one network device of Linux, which it speaks about with the kernel by rtnetlink(7).
// Adding and removing need the capability CAP_NET_ADMIN; the error of one who lacks it matches [os.ErrPermission].
//
// An IPv6 address is usable at once: there is no duplicate address detection, in which hosts that hand over an address
// would trip over each other. IPv6 has room for an address once a device: one that is there with another prefix length
// counts as there.
//
// Where the removal of an IPv4 address would make the kernel remove others of the same network (its secondary
// addresses; the sysctl promote_secondaries is off), the sysctl is on for the duration, so that one of them takes its
// place.
//
// The device is looked up by name at each call: it may go and come back. A Device stays in the network namespace of the
// thread that opened it and works from any goroutine after that. It is safe for concurrent use.
type Device struct {
	name   string
	config Config

	// turn is held, by having sent to it, while the fields below are in use: a lock that one can give up waiting for.
	turn   chan struct{}
	closed bool
	sys    deviceSys
}

var (
	_ Backend = (*Device)(nil)
	_ Lister  = (*Device)(nil)
)

// Open returns the Device of that name, which need not exist yet. A nil Config is the default; it is copied. The error
// says what is wrong with the name or with cfg, or matches [errors.ErrUnsupported] where this is not Linux.
func Open(device string, cfg *Config) (*Device, error) {
	d := &Device{name: device, config: cfg.clone(), turn: make(chan struct{}, 1)}
	err := validName(device)
	if err == nil {
		err = d.config.validate(device)
	}
	if err == nil {
		err = d.open()
	}
	if err != nil {
		return nil, fmt.Errorf("vip: open %s: %w", device, err)
	}
	return d, nil
}

// Name returns the name of the device.
func (d *Device) Name() string { return d.name }

// Add adds the addresses, see [Backend]. Where there is no such device the error of each matches [ErrNoDevice]; after
// Close it matches [net.ErrClosed].
func (d *Device) Add(ctx context.Context, addrs []netip.Prefix) error {
	return d.change(ctx, OpAdd, addrs, d.add)
}

// Remove removes the addresses, see [Backend], whoever added them. After Close the error of each matches
// [net.ErrClosed].
func (d *Device) Remove(ctx context.Context, addrs []netip.Prefix) error {
	return d.change(ctx, OpRemove, addrs, d.remove)
}

// List returns all addresses of the device, also those that others added, see [Lister]. The error matches [ErrNoDevice]
// where there is no such device.
func (d *Device) List(ctx context.Context) (addrs []netip.Prefix, err error) {
	err = d.use(ctx, func() (err error) {
		addrs, err = d.list(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("vip: list %s: %w", d.name, err)
	}
	return addrs, nil
}

// Close lets go of the connection with the kernel, after what is under way is done. Addresses stay as they are. A
// second Close does nothing.
func (d *Device) Close() error {
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	if d.closed {
		return nil
	}
	d.closed = true
	if err := d.close(); err != nil {
		return fmt.Errorf("vip: close %s: %w", d.name, err)
	}
	return nil
}

// change has f do the jobs of all addresses that are valid. An error of f is that of each of them.
func (d *Device) change(ctx context.Context, op string, addrs []netip.Prefix, f func(context.Context, []*job) error) error {
	all, valid := newJobs(addrs)
	if err := d.use(ctx, func() error { return f(ctx, valid) }); err != nil {
		fail(valid, err)
	}
	return join(op, d.name, all)
}

// use calls f when it is its turn.
func (d *Device) use(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.turn }()
	if d.closed {
		return net.ErrClosed
	}
	return f()
}
