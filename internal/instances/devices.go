// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/handover"
	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// devices are the network devices that service addresses go to, opened once
// each.
type devices struct {
	log     *slog.Logger
	configs map[string]*vip.Config
	open    map[string]vip.Backend
	devices map[string]*vip.Device
	raisers map[string]*vip.Raiser // on the interfaces of virtual MAC addresses
	proxies map[string]*netif.NeighborProxy
	shown   map[shownKey]*vip.Answerer
	sysctls netif.Sysctls
	keepers handover.Keepers
	closers []io.Closer // in the order to close them in
	made    []*netif.Macvlan
	heir    bool            // a predecessor has the devices, so far
	left    map[string]bool // devices that a successor has
}

// newDevices returns devices that none is open of.
func newDevices(p *Plan, log *slog.Logger) *devices {
	return &devices{log: log, configs: p.attributes(), open: map[string]vip.Backend{}, devices: map[string]*vip.Device{}, raisers: map[string]*vip.Raiser{},
		proxies: map[string]*netif.NeighborProxy{}, shown: map[shownKey]*vip.Answerer{}, keepers: handover.Keepers{}}
}

// attributes gathers what the plan says of the addresses on each device.
func (p *Plan) attributes() map[string]*vip.Config {
	configs := map[string]*vip.Config{}
	for _, in := range p.Instances {
		for _, a := range in.Addresses {
			name := in.device(a)
			if configs[name] == nil {
				configs[name] = &vip.Config{Attributes: map[netip.Prefix]vip.Attributes{}}
			}
			// keepalived leaves the route of the prefix to the kernel.
			attributes := vip.Attributes{Label: a.Label, Scope: vip.Scope(a.Scope), PrefixRoute: !a.Prefix.IsSingleIP()}
			if attributes != (vip.Attributes{}) {
				configs[name].Attributes[a.Prefix] = attributes
			}
		}
	}
	return configs
}

// configure has the devices know the addresses of another plan.
func (d *devices) configure(p *Plan) error {
	var errs []error
	d.configs = p.attributes()
	for name, device := range d.devices {
		errs = append(errs, device.Configure(d.configs[name]))
	}
	return errors.Join(errs...)
}

// Device returns the name of the device that an address goes to.
func Device(c vrrp.VirtualRouterConfig, a keepalived.Address) string {
	return cmp.Or(a.Device, c.Link)
}

// device returns the name of the device that an address goes to: that of the virtual MAC address of its family, if there is one.
func (in *Instance) device(a keepalived.Address) string {
	if in.VMAC != nil && a.Device == "" {
		return in.vmacName()
	}
	return Device(in.Config, a)
}

// vmacName returns the name of the interface with the virtual MAC address, as keepalived has it.
func (in *Instance) vmacName() string {
	if in.ipv6() {
		return cmp.Or(in.VMAC.Name, fmt.Sprintf("vrrp6.%d", in.Config.VRID))
	}
	return cmp.Or(in.VMAC.Name, fmt.Sprintf("vrrp.%d", in.Config.VRID))
}

// ipv6 reports which family an instance is of.
func (in *Instance) ipv6() bool { return in.Config.Addresses[0].Addr().Is6() }

// backend returns the backend for the addresses of an instance.
func (d *devices) backend(in Instance) (vrrp.Backend, error) {
	usual, err := d.usual(in)
	if err != nil {
		return nil, err
	}
	all := &vip.ByPrefix{Default: usual, Other: map[netip.Prefix]vip.Backend{}}
	for _, a := range in.Addresses {
		if a.Device == "" || a.Device == in.Config.Link && in.VMAC == nil {
			continue
		}
		if all.Other[a.Prefix], err = d.elsewhere(in, a); err != nil {
			return nil, err
		}
	}
	if len(all.Other) == 0 {
		return usual, nil
	}
	return all, nil
}

// elsewhere returns the backend for an address that names a device. Hosts ask for it on the link of the instance, where the
// kernel answers for those of IPv4 only.
func (d *devices) elsewhere(in Instance, a keepalived.Address) (vip.Backend, error) {
	backend, err := d.get(a.Device)
	if err != nil || a.Prefix.Addr().Is4() || a.Device == in.Config.Link || in.VMAC != nil && a.Device == in.vmacName() {
		return backend, err
	}
	key := shownKey{link: in.Config.Link, device: a.Device}
	if in.Config.VirtualMAC {
		key.mac = netif.VirtualMAC(in.Config.VRID, in.ipv6())
	}
	if d.shown[key] == nil {
		proxy, err := d.proxy(key.link)
		if errors.Is(err, errors.ErrUnsupported) {
			return backend, nil
		}
		if err != nil {
			return nil, err
		}
		d.shown[key] = vip.NewAnswerer(backend, proxy, key.mac)
	}
	return d.shown[key], nil
}

// shownKey says where addresses are, and where and how they are answered for.
type shownKey struct {
	link, device string
	mac          [6]byte
}

// proxy opens what answers for addresses on a link, once.
func (d *devices) proxy(link string) (*netif.NeighborProxy, error) {
	if p := d.proxies[link]; p != nil {
		return p, nil
	}
	p, err := netif.OpenNeighborProxy(link, d.log)
	if err == nil {
		d.proxies[link] = p
		d.closers = append(d.closers, p)
	}
	return p, err
}

// usual returns the backend for addresses of an instance that name no device.
func (d *devices) usual(in Instance) (vip.Backend, error) {
	if in.VMAC == nil {
		return d.get(in.Config.Link)
	}
	name := in.vmacName()
	if r := d.raisers[name]; r != nil {
		return r, nil
	}
	m, err := netif.AddMacvlan(netif.MacvlanConfig{Parent: in.Config.Link, VRID: in.Config.VRID, IPv6: in.ipv6(), Name: name, Sysctls: &d.sysctls})
	if err != nil {
		return nil, err
	}
	d.made = append(d.made, m)
	device, err := d.get(name)
	if err != nil {
		return nil, err
	}
	d.raisers[name] = vip.NewRaiser(device, m)
	return d.raisers[name], nil
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
	d.devices[name] = dev
	keeper, err := vip.Keep(dev, &vip.KeeperConfig{StateDir: "/run/fhrp", Logger: d.log})
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		d.open[name], d.closers = dev, append(d.closers, dev)
	case err != nil:
		return nil, errors.Join(err, dev.Close())
	default:
		d.open[name], d.closers, d.keepers[name] = keeper, append(d.closers, keeper, dev), keeper
	}
	return d.open[name], nil
}

// silence ends the answers for addresses on other devices than the link: another process may give them already. close closes what
// it leaves.
func (d *devices) silence() error {
	var errs []error
	for _, p := range d.proxies {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// close closes all devices.
func (d *devices) close() error {
	var errs []error
	for _, c := range d.closers {
		errs = append(errs, c.Close())
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
