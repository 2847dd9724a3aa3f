// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif/doctor"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport61LinkLocalBackAfterAFlap has the link of a router fail, and then somebody set the interface with the
// virtual MAC address down and up. The kernel takes the link-local service address each time, and it is back each time.
func TestFieldReport61LinkLocalBackAfterAFlap(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "client")
	b.setSysctl("n1", "ipv6/conf/eth0/keep_addr_on_down", 1) // the host's own, lest it has no way to the client
	n1 := b.startVirtualMAC("n1", virtual(200, ipv6VIPs()...))
	n1.awaitState(vrrp.Active)
	back := func(what string) {
		t.Helper()
		await(t, "all addresses after "+what, func() bool { return n1.holdsAll() })
		b.learn("client", "eth0", vmac6(), ipv6VIPs()[1])
	}
	back("the start")
	for range 2 {
		b.must(b.host("n1").SetLink(0, false))
		n1.awaitState(vrrp.Initialize)
		await(t, "no address is left", func() bool { return !n1.holdsAny() && !n1.isUp() })
		b.must(b.host("n1").SetLink(0, true))
		n1.awaitState(vrrp.Active)
		back("a failure of the link")
	}
	b.somebody("n1", n1.links[0], func(l netlink.Link, _ *netlink.Addr) error {
		if err := netlink.LinkSetDown(l); err != nil {
			return err
		}
		return netlink.LinkSetUp(l)
	}, vip4())
	back("the interface was down and up")
}

// TestFieldReport66NeighboursAndSettings has a host whose kernel filters by the way back on all links: clients find the
// service addresses at the virtual MAC addresses, those of the host at its own, all answer, and the doctor finds nothing
// wrong.
func TestFieldReport66NeighboursAndSettings(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "client")
	b.setSysctl("n1", "ipv4/conf/all/rp_filter", 1)
	n1 := b.startVirtualMAC("n1", both(200)...)
	n1.awaitAll("is Active", isActive)
	for mac, service := range virtualMACs() {
		b.learn("client", "eth0", mac, service)
	}
	own := []netip.Prefix{netip.PrefixFrom(b.host("n1").Addr(0), 32), netip.PrefixFrom(b.host("n1").Addr6(0), 128)}
	b.learn("client", "eth0", b.mac("n1"), own...)
	for _, s := range b.wire.since(0, arp) {
		sender, service := netip.AddrFrom4([4]byte(s.raw[28:])), s.src == vmac4()
		if (sender == vip4().Addr()) != service {
			t.Errorf("ARP about %v from %x", sender, s.src)
		}
	}
	var findings []doctor.Finding
	b.within("n1", func() (err error) {
		cfg := doctor.Config{Listen: -1}
		for i, c := range both(200) {
			cfg.Routers = append(cfg.Routers, doctor.Router{Link: "eth0", ID: c.VRID, IPv6: i == 1, VirtualMAC: true, Device: n1.links[i], Addresses: c.Addresses})
		}
		findings, err = doctor.Diagnose(t.Context(), cfg)
		return err
	})
	for _, f := range findings {
		if f.Severity >= doctor.Warning && f.Kind != doctor.AddressPresent { // it is Active
			t.Error(f)
		}
	}
}

// TestFieldReport67AddressesOnlyWhileActive has the links of two routers fail in turn. A router that is not Active has
// neither addresses nor an interface that is up, and doesn't answer; one that is Active has its interface up even if
// somebody sets it down.
func TestFieldReport67AddressesOnlyWhileActive(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	b.setSysctl("n1", "ipv6/conf/eth0/keep_addr_on_down", 1)
	n1, n2 := b.startVirtualMAC("n1", both(200)...), b.startVirtualMAC("n2", both(100)...)
	taps := map[*vmacNode]*tap{n1: b.tapPort("port0.0"), n2: b.tapPort("port1.0")}
	only := func(active, other *vmacNode) {
		t.Helper()
		active.awaitAll("is Active", isActive)
		await(t, active.host+" alone has the addresses", func() bool {
			return active.holdsAll() && !other.holdsAny() && !other.isUp()
		})
		taps[other].frames()
		for mac, service := range virtualMACs() {
			b.forget("client", service)
			b.learn("client", "eth0", mac, service)
		}
		for _, s := range taps[other].frames() {
			if s.src == vmac4() || s.src == vmac6() {
				t.Errorf("%s is not Active and sends %v", other.host, s)
			}
		}
	}
	only(n1, n2)
	b.must(b.host("n1").SetLink(0, false))
	n1.awaitAll("is down", func(s vrrp.Status) bool { return s.State == vrrp.Initialize })
	only(n2, n1)
	b.must(b.host("n1").SetLink(0, true))
	only(n1, n2)
	for _, link := range n1.links {
		b.somebody("n1", link, func(l netlink.Link, _ *netlink.Addr) error { return netlink.LinkSetDown(l) }, vip4())
	}
	only(n1, n2)
}

// forget has a host forget where an address is.
func (b *bench) forget(host string, addr netip.Prefix) {
	b.Helper()
	b.somebody(host, "eth0", func(l netlink.Link, _ *netlink.Addr) error {
		list, err := netlab.Whole(func() ([]netlink.Neigh, error) { return netlink.NeighList(l.Attrs().Index, netlink.FAMILY_ALL) })
		for _, n := range list {
			if ip, _ := netip.AddrFromSlice(n.IP); err == nil && ip.Unmap() == addr.Addr() {
				err = netlink.NeighDel(&n)
			}
		}
		return err
	}, addr)
}
