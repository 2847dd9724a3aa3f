// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"
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
// place. An address on a lease (see [Device.Lease]) would end like one that is removed, without that help: it is held
// with the prefix length 32 instead where the kernel would take others along that are not on leases.
//
// The device is looked up by name at each call: it may go and come back. A Device stays in the network namespace of the
// thread that opened it and works from any goroutine after that. It is safe for concurrent use.
type Device struct {
	name   string
	config Config

	// turn is held, by having sent to it, while the fields below are in use: a lock that one can give up waiting for.
	turn   chan struct{}
	closed bool
	kept   bool // by a Keeper
	owner  owner
	single map[netip.Prefix]bool // addresses on a lease that are held without their network
	jobs   jobList
	sys    deviceSys
}

var (
	_ Backend = (*Device)(nil)
	_ Lister  = (*Device)(nil)
	_ Leaser  = (*Device)(nil)
)

// Open returns the Device of that name, which need not exist yet. A nil Config is the default; it is copied. The error
// says what is wrong with the name or with cfg, or matches [errors.ErrUnsupported] where this is not Linux.
func Open(device string, cfg *Config) (*Device, error) {
	d := &Device{name: device, config: cfg.clone(), turn: make(chan struct{}, 1), single: make(map[netip.Prefix]bool)}
	d.owner = owner{device: device, mark: Protocol}
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

// Configure replaces what Open was given, for addresses that are added after it; one that is there is left as it is. The
// error says what is wrong with cfg, and nothing is changed then.
func (d *Device) Configure(cfg *Config) error {
	own := cfg.clone()
	if err := own.validate(d.name); err != nil {
		return fmt.Errorf("vip: configure %s: %w", d.name, err)
	}
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	d.config = own
	return nil
}

// Name returns the name of the device.
func (d *Device) Name() string { return d.name }

// Add adds the addresses, see [Backend]. Where there is no such device the error of each matches [ErrNoDevice]; after
// Close it matches [net.ErrClosed].
func (d *Device) Add(ctx context.Context, addrs []netip.Prefix) error {
	return d.change(ctx, OpAdd, addrs, d.add)
}

// Lease holds the addresses for a time, see [Leaser]. The errors are those of Add. The kernel counts in seconds and is
// up to a third of a second late. An IPv6 address with the prefix length 128 is deprecated from the beginning, so that
// the host does not choose it as the source of what it sends.
func (d *Device) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	life, err := wholeSeconds(lifetime)
	return d.change(ctx, OpLease, addrs, func(ctx context.Context, jobs []*job) error {
		if err != nil {
			return err
		}
		return d.lease(ctx, jobs, life)
	})
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
	var outcome error
	err := d.use(ctx, func() error {
		d.jobs.take(addrs)
		if err := f(ctx, d.jobs.valid); err != nil {
			fail(d.jobs.valid, err)
		}
		outcome = join(op, d.name, d.jobs.all)
		d.jobs.empty()
		return nil
	})
	if err != nil {
		return Each(context.Background(), op, d.name, addrs, func(netip.Prefix) error { return err })
	}
	return outcome
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
