// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// patience bounds every wait for an event; nothing is measured against it.
const patience = 30 * time.Second

// await waits until a condition holds.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// vip4 is the service address of most tests, and vips one of each family for those that need IPv6 as well.
func vip4() netip.Prefix { return netip.MustParsePrefix("10.0.0.100/32") }

// prefixes parses several.
func prefixes(list ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, s := range list {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// virtual returns virtual router 51 on eth0 with an interval of 100 ms, and 10.0.0.100/32 unless addresses are named.
func virtual(priority uint8, addrs ...netip.Prefix) vrrp.VirtualRouterConfig {
	if len(addrs) == 0 {
		addrs = []netip.Prefix{vip4()}
	}
	return vrrp.VirtualRouterConfig{Link: "eth0", Config: vrrp.Config{
		VRID: 51, Priority: priority, Interval: 100 * time.Millisecond, Addresses: addrs,
		Announcements: vrrp.Announcements{Burst: 2, Delay: -1},
	}}
}

// bench is hosts on a switch, and what crosses it.
type bench struct {
	*testing.T
	lab    *netlab.Lab
	hosts  []string // in the order of their numbers
	wire   *wire
	locals map[string]netip.Addr // link-local addresses of eth0 that the kernel made at first
}

// newBench makes hosts of these names, which have eth0 on the switch. The test must be in its namespaces, see
// netlabtest.Enter.
func newBench(t *testing.T, hosts ...string) *bench {
	return newBenchWith(t, netlab.Config{Hosts: hosts})
}

// newBenchWith makes hosts with more links than one. Only the switch of eth0 is watched.
func newBenchWith(t *testing.T, cfg netlab.Config) *bench {
	t.Helper()
	b := &bench{T: t, lab: netlabtest.New(t, cfg), hosts: cfg.Hosts, locals: map[string]netip.Addr{}}
	for _, h := range cfg.Hosts {
		b.locals[h] = b.findLinkLocal(h)
	}
	b.wire = watch(b, cfg.Hosts)
	return b
}

// host returns a host.
func (b *bench) host(name string) *netlab.Host {
	b.Helper()
	h := b.lab.Host(name)
	if h == nil {
		b.Fatalf("there is no host %q", name)
	}
	return h
}

// must fails the test for an error.
func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// within calls f on a thread in the namespace of a host.
func (b *bench) within(host string, f func() error) {
	b.Helper()
	b.must(b.host(host).Do(f))
}

// somebody is another program that does something with an interface of a host and addresses on it: it knows nothing of
// what the tests run there.
func (b *bench) somebody(host, link string, f func(netlink.Link, *netlink.Addr) error, addrs ...netip.Prefix) {
	b.Helper()
	b.within(host, func() error {
		l, err := netlink.LinkByName(link)
		for _, p := range addrs {
			if err == nil {
				a, _ := netlink.ParseAddr(p.String())
				err = f(l, a)
			}
		}
		return err
	})
}

// addresses returns what the kernel has on eth0 of a host.
func (b *bench) addresses(host string) []netip.Prefix {
	b.Helper()
	all, err := b.host(host).Addresses(0)
	b.must(err)
	return all
}

// count returns how many of the addresses the kernel has on eth0 of a host. An interface that is gone has none.
func (b *bench) count(host string, addrs ...netip.Prefix) (n int) {
	all, _ := b.host(host).Addresses(0)
	for _, p := range addrs {
		if slices.Contains(all, p) {
			n++
		}
	}
	return n
}

// holds reports whether all the addresses are on eth0 of a host, holdsNone whether none of them is.
func (b *bench) holds(host string, addrs ...netip.Prefix) bool {
	return b.count(host, addrs...) == len(addrs)
}
func (b *bench) holdsNone(host string, addrs ...netip.Prefix) bool {
	return b.count(host, addrs...) == 0
}

// holdsAlone reports whether all the addresses are on eth0 of one host, and none of them on that of another.
func (b *bench) holdsAlone(host string, others []string, addrs ...netip.Prefix) bool {
	return b.holds(host, addrs...) && !slices.ContainsFunc(others, func(o string) bool { return !b.holdsNone(o, addrs...) })
}

// awaitHolder waits until all the addresses are on one host, and on none of the others.
func (b *bench) awaitHolder(host string, others []string, addrs ...netip.Prefix) {
	b.Helper()
	await(b.T, "addresses on "+host+" alone", func() bool { return b.holdsAlone(host, others, addrs...) })
}

// findLinkLocal returns the link-local address of eth0 of a host.
func (b *bench) findLinkLocal(host string) (addr netip.Addr) {
	b.Helper()
	await(b.T, "link-local address of "+host, func() bool {
		all := b.addresses(host)
		i := slices.IndexFunc(all, func(p netip.Prefix) bool { return p.Addr().IsLinkLocalUnicast() })
		if i >= 0 {
			addr = all[i].Addr()
		}
		return i >= 0
	})
	return addr
}

// linkLocal returns the link-local address that the kernel had made for eth0 of a host when the bench was new.
func (b *bench) linkLocal(host string) netip.Addr { return b.locals[host] }

// mac returns the MAC address of eth0 of a host.
func (b *bench) mac(host string) (mac [6]byte) {
	b.Helper()
	b.within(host, func() error {
		l, err := netlink.LinkByName("eth0")
		if err == nil {
			mac = [6]byte(l.Attrs().HardwareAddr)
		}
		return err
	})
	return mac
}
