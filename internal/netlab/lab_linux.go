// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// labSys is what Linux needs of a lab: the switches, and rtnetlink of their namespace.
type labSys struct {
	nl       *netlink.Handle
	switches []*netlink.Bridge
	closed   bool
}

// readyTimeout is how long New waits for the kernel's link watch, which as a rule takes some milliseconds.
const readyTimeout = 30 * time.Second

func newLab(cfg *Config) (*Lab, error) {
	if !inside() {
		return nil, errors.New("netlab: New must be called in a process that Command started")
	}
	l := &Lab{}
	if err := l.build(cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("netlab: %w", err), l.Close())
	}
	return l, nil
}

// build makes what cfg asks for; what it made before an error is left for Close.
func (l *Lab) build(cfg *Config) (err error) {
	if l.sys.nl, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return err
	}
	// The switch is no host: without IPv6 it neither has addresses nor sends anything of its own.
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0); err != nil {
		return err
	}
	for n := range cfg.links() {
		if err := l.addSwitch(n); err != nil {
			return err
		}
	}
	for i, name := range cfg.Hosts {
		if err := l.addHost(name, i, cfg.links()); err != nil {
			return err
		}
	}
	return l.awaitReady()
}

// addSwitch makes the bridge of a number. Spanning tree is off unless asked for.
func (l *Lab) addSwitch(n int) error {
	snooping := false
	attrs := netlink.NewLinkAttrs()
	attrs.Name = fmt.Sprintf("br%d", n)
	br := &netlink.Bridge{LinkAttrs: attrs, MulticastSnooping: &snooping}
	if err := l.sys.nl.LinkAdd(br); err != nil {
		return fmt.Errorf("switch %s: %w", attrs.Name, err)
	}
	l.sys.switches = append(l.sys.switches, br)
	return setUp(l.sys.nl, attrs.Name)
}

// addHost makes a host and plugs it in.
func (l *Lab) addHost(name string, number, links int) error {
	h, err := newHost(l, name, number, links)
	if err != nil {
		return err
	}
	l.hosts = append(l.hosts, h)
	for n := range links {
		if err := l.addCable(h, n); err != nil {
			return fmt.Errorf("host %s: %w", name, err)
		}
	}
	return nil
}

// addCable makes a pair of interfaces: a port of the switch and ethN of the host.
func (l *Lab) addCable(h *Host, link int) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = h.port(link)
	attrs.MasterIndex = l.sys.switches[link].Index
	veth := netlink.NewVeth(attrs)
	veth.PeerName = ifName(link)
	veth.PeerNamespace = netlink.NsFd(h.sys.ns.Fd())
	if err := l.sys.nl.LinkAdd(veth); err != nil {
		return fmt.Errorf("cable %s: %w", ifName(link), err)
	}
	if err := setUp(l.sys.nl, attrs.Name); err != nil {
		return err
	}
	return h.configure(link)
}

// port returns the name of the switch's side of a link.
func (h *Host) port(link int) string { return fmt.Sprintf("port%d.%d", h.number, link) }

// awaitReady waits until every link is in use on both sides.
func (l *Lab) awaitReady() error {
	deadline := time.Now().Add(readyTimeout)
	for _, h := range l.hosts {
		for n := range h.links {
			if err := l.awaitLink(h, n, deadline); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Lab) awaitLink(h *Host, link int, deadline time.Time) error {
	for {
		port, err := l.sys.nl.LinkByName(h.port(link))
		if err != nil {
			return err
		}
		ready, err := h.ready(link)
		if err != nil || ready && port.Attrs().OperState == netlink.OperUp {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("host %s: %s is not ready after %v: %w", h.name, ifName(link), readyTimeout, os.ErrDeadlineExceeded)
		}
		time.Sleep(time.Millisecond)
	}
}

func (h *Host) setPlugged(plugged bool) error {
	l := h.sys.lab
	for n := range h.links {
		port, err := l.sys.nl.LinkByName(h.port(n))
		if err == nil && plugged {
			err = l.sys.nl.LinkSetMasterByIndex(port, l.sys.switches[n].Index)
		} else if err == nil {
			err = l.sys.nl.LinkSetNoMaster(port)
		}
		if err != nil {
			return fmt.Errorf("netlab: host %s: port of %s: %w", h.name, ifName(n), err)
		}
	}
	return nil
}

func (l *Lab) close() error {
	if l.sys.closed || l.sys.nl == nil {
		return nil
	}
	l.sys.closed = true
	var errs []error
	for _, h := range l.hosts {
		errs = append(errs, h.close())
	}
	// The names must be free for the next lab now, not when the kernel gets round to removing the hosts' namespaces.
	for _, h := range l.hosts {
		for n := range h.links {
			errs = append(errs, l.remove(h.port(n)))
		}
	}
	for _, br := range l.sys.switches {
		errs = append(errs, l.remove(br.Name))
	}
	l.sys.nl.Close()
	return errors.Join(errs...)
}

// remove removes an interface of the switch. It may have gone with the host's namespace.
func (l *Lab) remove(name string) error {
	link, err := l.sys.nl.LinkByName(name)
	if err == nil {
		err = l.sys.nl.LinkDel(link)
	}
	if _, gone := errors.AsType[netlink.LinkNotFoundError](err); gone || err == nil || errors.Is(err, unix.ENODEV) {
		return nil
	}
	return fmt.Errorf("netlab: remove %s: %w", name, err)
}
