// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/vrrp"
)

// neighbour returns the MAC address that the kernel of a host has for an address, zero if it has none.
func (b *bench) neighbour(host, link string, addr netip.Addr) (mac [6]byte) {
	b.Helper()
	b.within(host, func() error {
		l, err := netlink.LinkByName(link)
		if err != nil {
			return err
		}
		list, err := netlab.Whole(func() ([]netlink.Neigh, error) { return netlink.NeighList(l.Attrs().Index, netlink.FAMILY_ALL) })
		for _, n := range list {
			if ip, _ := netip.AddrFromSlice(n.IP); ip.Unmap() == addr && len(n.HardwareAddr) == 6 {
				mac = [6]byte(n.HardwareAddr)
			}
		}
		return err
	})
	return mac
}

// believe gives a host an entry for each address in its neighbour table, as if it had not used them for a while.
func (b *bench) believe(host, link string, mac [6]byte, addrs ...netip.Prefix) {
	b.Helper()
	b.within(host, func() error {
		l, err := netlink.LinkByName(link)
		for _, p := range addrs {
			if err == nil {
				err = netlink.NeighSet(&netlink.Neigh{LinkIndex: l.Attrs().Index, State: netlink.NUD_STALE,
					IP: p.Addr().AsSlice(), HardwareAddr: mac[:]})
			}
		}
		return err
	})
}

// awaitNeighbour waits until the kernel of a host has all addresses at a MAC address.
func (b *bench) awaitNeighbour(host, link string, mac [6]byte, addrs ...netip.Prefix) {
	b.Helper()
	for _, p := range addrs {
		await(b.T, host+" finds "+p.Addr().String()+" at "+net.HardwareAddr(mac[:]).String(), func() bool {
			return b.neighbour(host, link, p.Addr()) == mac
		})
	}
}

// ping waits until an address answers a host.
func (b *bench) ping(host string, addr netip.Addr) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	answered := false
	_, err := netlab.Ping(ctx, b.host(host), addr, 20*time.Millisecond, func(r netlab.PingResult) {
		if r.Answers > 0 {
			answered = true
			cancel()
		}
	})
	if err != nil || !answered {
		b.Fatalf("%s gets no answer from %v: %v", host, addr, err)
	}
}

// learn has a host use addresses, and wants it to find them at a MAC address.
func (b *bench) learn(host, link string, mac [6]byte, addrs ...netip.Prefix) {
	b.Helper()
	for _, p := range addrs {
		b.ping(host, p.Addr())
	}
	b.awaitNeighbour(host, link, mac, addrs...)
}

// learnedPort returns the name of the port of the switch behind which it has a MAC address, empty if it doesn't know. A
// bridge calls its ports after number and link of the host, port0.0 and so on.
func (b *bench) learnedPort(mac [6]byte) string {
	b.Helper()
	list, err := netlab.Whole(func() ([]netlink.Neigh, error) { return netlink.NeighList(0, unix.AF_BRIDGE) })
	b.must(err)
	for _, n := range list {
		if n.MasterIndex == 0 || !bytes.Equal(n.HardwareAddr, mac[:]) {
			continue
		}
		if l, err := netlink.LinkByIndex(n.LinkIndex); err == nil {
			return l.Attrs().Name
		}
	}
	return ""
}

// linkMAC returns the MAC address of any link of a host.
func (b *bench) linkMAC(host, link string) (mac [6]byte) {
	b.Helper()
	b.within(host, func() error {
		l, err := netlink.LinkByName(link)
		if err == nil {
			mac = [6]byte(l.Attrs().HardwareAddr)
		}
		return err
	})
	return mac
}

// addLink makes a link on a host. Where the kernel has no driver for it, the test is skipped.
func (b *bench) addLink(host string, l netlink.Link) {
	b.Helper()
	err := b.host(host).Do(func() error { return netlink.LinkAdd(l) })
	if errors.Is(err, unix.EOPNOTSUPP) {
		b.Skipf("the kernel has no driver for links of type %s", l.Type())
	}
	b.must(err)
}

// A pulse has something when an advertisement was sent since it was last looked at.
type pulse chan struct{}

// startWithPulse runs a router on a host, and tells of its advertisements.
func (b *bench) startWithPulse(host string, cfg vrrp.VirtualRouterConfig) (*node, pulse) {
	b.Helper()
	p := make(pulse, 1)
	sent := func(*vrrp.VirtualRouter, uint8) {
		select {
		case p <- struct{}{}:
		default:
		}
	}
	return b.startWith(host, setup{Virtual: []vrrp.VirtualRouterConfig{cfg}, Trace: vrrp.Trace{Sent: sent}}), p
}

// next returns when the next advertisement has been sent.
func (p pulse) next(b *bench) {
	b.Helper()
	select {
	case <-p: // an earlier one
	default:
	}
	select {
	case <-p:
	case <-time.After(patience):
		b.Fatal("no advertisement is sent")
	}
}

// awaitFollower waits until all virtual routers of a node are Backup and have heard an Active Router.
func (n *node) awaitFollower() {
	n.Helper()
	n.awaitAll("follows", func(s vrrp.Status) bool { return s.State == vrrp.Backup && s.Stats.Received > 0 })
}

// awaitAll waits until a condition holds for all virtual routers of a node.
func (n *node) awaitAll(what string, condition func(vrrp.Status) bool) {
	n.Helper()
	for _, v := range n.virtual {
		await(n.T, n.host+" "+what, func() bool { return condition(v.Status()) })
	}
}

// isActive is a condition for awaitAll.
func isActive(s vrrp.Status) bool { return s.State == vrrp.Active }

// steady returns a virtual router for tests in which none may move without a reason: on a machine that is busy a loop
// stands still for longer than three of the usual intervals, and comes back as Backup then.
func steady(cfg vrrp.VirtualRouterConfig) vrrp.VirtualRouterConfig {
	cfg.Interval = 300 * time.Millisecond
	return cfg
}

// ipv6VIPs are the service addresses of a virtual router of IPv6.
func ipv6VIPs() []netip.Prefix { return prefixes("fe80::100/128", "fd00::100/128") }
