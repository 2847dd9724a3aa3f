// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"cmp"
	"errors"
	"log/slog"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/handover"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
)

// devices are the interfaces that service addresses go to, opened once each.
type devices struct {
	log        *slog.Logger
	attributes map[netip.Prefix]vip.Attributes
	sysctls    netif.Sysctls // of virtual MAC addresses
	open       map[string]vip.Backend
	proxies    map[string]*netif.NeighborProxy // by the link that they answer on
	keepers    handover.Keepers
	closers    []func() error // in the order to call them in
	made       []*netif.Macvlan
	heir       bool            // a predecessor has the devices, so far
	left       map[string]bool // devices that a successor has
}

// newDevices notes what the addresses of a plan are like: one that is given with
// its network is a route to it, as if configured by hand.
func newDevices(p *plan, log *slog.Logger) *devices {
	d := &devices{log: log, attributes: map[netip.Prefix]vip.Attributes{}, open: map[string]vip.Backend{}, proxies: map[string]*netif.NeighborProxy{},
		keepers: handover.Keepers{}}
	for _, v := range p.instances {
		for _, a := range v.addrs {
			d.attributes[a] = vip.Attributes{PrefixRoute: !a.IsSingleIP()}
		}
	}
	return d
}

// backend returns what holds the addresses of a virtual host, and the name of the
// interface that it holds them on.
func (d *devices) backend(v *instance) (vip.Backend, string, error) {
	if v.virtualMAC {
		return d.virtual(v)
	}
	name := cmp.Or(v.device, v.link)
	backend, err := d.get(name)
	if err == nil && name != v.link {
		backend, err = d.answering(backend, v.link)
	}
	return backend, name, err
}

// answering has the addresses of a backend on another interface answered for on the link of the virtual host, as the kernel
// does for those of IPv4.
func (d *devices) answering(backend vip.Backend, link string) (vip.Backend, error) {
	p := d.proxies[link]
	if p == nil {
		var err error
		p, err = netif.OpenNeighborProxy(link, d.log)
		if errors.Is(err, errors.ErrUnsupported) {
			return backend, nil
		}
		if err != nil {
			return nil, err
		}
		d.proxies[link] = p
		d.closers = append(d.closers, p.Close)
	}
	return vip.NewAnswerer(backend, p, [6]byte{}), nil
}

// virtual makes an interface that has the virtual MAC address.
func (d *devices) virtual(v *instance) (vip.Backend, string, error) {
	link, err := netif.AddMacvlan(netif.MacvlanConfig{Parent: v.link, VRID: uint8(v.vhid), Sysctls: &d.sysctls})
	if err != nil {
		return nil, "", err
	}
	d.made = append(d.made, link)
	backend, err := d.get(link.Name())
	if err != nil {
		return nil, "", err
	}
	return vip.NewRaiser(backend, link), link.Name(), nil
}

// get opens an interface, once. Its addresses are held true by a keeper where the
// system has one.
func (d *devices) get(name string) (vip.Backend, error) {
	if backend := d.open[name]; backend != nil {
		return backend, nil
	}
	dev, err := vip.Open(name, &vip.Config{Attributes: d.attributes})
	if err != nil {
		return nil, err
	}
	keeper, err := vip.Keep(dev, &vip.KeeperConfig{StateDir: "/run/fhrp", Logger: d.log})
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		d.open[name], d.closers = dev, append(d.closers, dev.Close)
	case err != nil:
		return nil, errors.Join(err, dev.Close())
	default:
		d.open[name], d.closers, d.keepers[name] = keeper, append(d.closers, keeper.Close, dev.Close), keeper
	}
	return d.open[name], nil
}

// leave notes that another process has interfaces now.
func (d *devices) leave(names []string) {
	d.left = map[string]bool{}
	for _, name := range names {
		d.left[name] = true
	}
}

// close closes all interfaces, and removes those that were made.
func (d *devices) close() error {
	var errs []error
	for _, f := range d.closers {
		errs = append(errs, f())
	}
	for _, m := range d.made {
		switch {
		case d.heir:
			errs = append(errs, m.Undo())
		case d.left[m.Name()]:
			m.Leave()
		default:
			errs = append(errs, m.Remove())
		}
	}
	return errors.Join(errs...)
}
