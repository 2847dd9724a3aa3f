// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// devices are the network devices that service addresses go to, opened once
// each.
type devices struct {
	log     *slog.Logger
	configs map[string]*vip.Config
	open    map[string]vip.Backend
	closers []io.Closer // in the order to close them in
}

// newDevices gathers what the plan says of the addresses on each device.
func newDevices(p *Plan, log *slog.Logger) *devices {
	d := &devices{log: log, configs: map[string]*vip.Config{}, open: map[string]vip.Backend{}}
	for _, in := range p.Instances {
		for _, a := range in.Addresses {
			name := Device(in.Config, a)
			if d.configs[name] == nil {
				d.configs[name] = &vip.Config{Attributes: map[netip.Prefix]vip.Attributes{}}
			}
			// keepalived leaves the route of the prefix to the kernel.
			attributes := vip.Attributes{Label: a.Label, Scope: vip.Scope(a.Scope), PrefixRoute: !a.Prefix.IsSingleIP()}
			if attributes != (vip.Attributes{}) {
				d.configs[name].Attributes[a.Prefix] = attributes
			}
		}
	}
	return d
}

// Device returns the name of the device that an address goes to.
func Device(c vrrp.VirtualRouterConfig, a keepalived.Address) string {
	return cmp.Or(a.Device, c.Link)
}

// backend returns the backend for the addresses of an instance.
func (d *devices) backend(in Instance) (vrrp.Backend, error) {
	link, err := d.get(in.Config.Link)
	if err != nil {
		return nil, err
	}
	all := &vip.ByPrefix{Default: link, Other: map[netip.Prefix]vip.Backend{}}
	for _, a := range in.Addresses {
		if a.Device == "" || a.Device == in.Config.Link {
			continue
		}
		if all.Other[a.Prefix], err = d.get(a.Device); err != nil {
			return nil, err
		}
	}
	if len(all.Other) == 0 {
		return link, nil
	}
	return all, nil
}

// get opens a device, once. Its addresses are held true by a keeper where the
// system has one.
func (d *devices) get(name string) (vip.Backend, error) {
	if backend := d.open[name]; backend != nil {
		return backend, nil
	}
	dev, err := vip.Open(name, d.configs[name])
	if err != nil {
		return nil, err
	}
	keeper, err := vip.Keep(dev, &vip.KeeperConfig{StateDir: "/run/fhrp", Logger: d.log})
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		d.open[name], d.closers = dev, append(d.closers, dev)
	case err != nil:
		return nil, errors.Join(err, dev.Close())
	default:
		d.open[name], d.closers = keeper, append(d.closers, keeper, dev)
	}
	return d.open[name], nil
}

// close closes all devices.
func (d *devices) close() error {
	var errs []error
	for _, c := range d.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
