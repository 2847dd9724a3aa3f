// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport64RestartWhileTheLinkIsDown has the backup router restarted while its link is down. When the link is up
// again, and the kernel has made the link-local address anew, the router hears the Active Router and claims nothing.
func TestFieldReport64RestartWhileTheLinkIsDown(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1 := b.start("n1", steady(virtual(200, ipv6VIPs()...)))
	n1.awaitState(vrrp.Active)
	n2 := b.start("n2", steady(virtual(100, ipv6VIPs()...)))
	n2.awaitFollower()
	b.must(b.host("n2").SetLink(0, false))
	n2.awaitState(vrrp.Initialize)
	n2.stop()
	n2 = b.start("n2", steady(virtual(100, ipv6VIPs()...)))
	if s := n2.status(); s.State != vrrp.Initialize {
		t.Errorf("%+v", s)
	}
	mark := b.wire.mark()
	b.must(b.host("n2").SetLink(0, true))
	n2.awaitFollower()
	b.awaitSent("n1", b.wire.mark(), 4, advert)
	if s := n2.status(); s.Stats.BecameActive != 0 || len(b.wire.sent("n2", mark, advert)) > 0 {
		t.Errorf("%+v", s)
	}
	n2.stop()
	if s := n1.status(); s.Stats.BecameActive != 1 || s.Stats.Received != 0 {
		t.Errorf("%+v", s)
	}
}

// TestFieldReport65FirstAddressIsLinkLocal wants a virtual router without a link-local address refused, and that address
// to be the first that is advertised.
func TestFieldReport65FirstAddressIsLinkLocal(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1")
	n1 := b.start("n1", virtual(200))
	link := virtual(200, ipv6VIPs()...)
	for _, addrs := range [][]netip.Prefix{prefixes("fd00::100/128"), prefixes("fd00::100/128", "fe80::100/128")} {
		cfg := link
		cfg.Addresses = addrs
		var wrong *vrrp.ValueError
		if _, err := n1.router.Add(cfg); !errors.As(err, &wrong) || wrong.Name != "first address" {
			t.Errorf("%v: %v", addrs, err)
		}
	}
	_, err := n1.router.Add(link)
	b.must(err)
	ipv6 := func() []seen {
		return slices.DeleteFunc(b.wire.since(0, advert), func(s seen) bool { return s.from.Is4() })
	}
	await(t, "advertisements", func() bool { return len(ipv6()) >= 3 })
	for _, s := range ipv6() {
		if a := s.adv.Addresses; len(a) != 2 || a[0] != ipv6VIPs()[0].Addr() {
			t.Errorf("%v has %v", s, a)
		}
	}
}

// TestFieldReport69LinkThatBecomesWhatItIsToBe has a link that is made after the router was started, under another name
// and with a random MAC address, and is given the right ones while it is down and while it is up: the router goes by what
// the link is at the time.
func TestFieldReport69LinkThatBecomesWhatItIsToBe(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "client")
	cfg := virtual(200)
	cfg.Link, cfg.Announcements.Refresh = "late0", cfg.Interval
	n1 := b.start("n1", cfg)
	n1.awaitStatus("the link is missed", func(s vrrp.Status) bool {
		return s.State == vrrp.Initialize && errors.Is(s.LinkError, netif.ErrNoLink)
	})
	attrs := netlink.NewLinkAttrs()
	attrs.Name = "tmp0"
	b.somebody("n1", "eth0", func(l netlink.Link, _ *netlink.Addr) error {
		attrs.ParentIndex = l.Attrs().Index
		return nil
	}, vip4())
	b.addLink("n1", &netlink.Macvlan{LinkAttrs: attrs, Mode: netlink.MACVLAN_MODE_BRIDGE})
	first, second := [6]byte{2, 0, 0, 0, 0, 0x71}, [6]byte{2, 0, 0, 0, 0, 0x72}
	change := func(link string, f func(netlink.Link) error) {
		t.Helper()
		b.somebody("n1", link, func(l netlink.Link, _ *netlink.Addr) error { return f(l) }, vip4())
	}
	change("tmp0", netlink.LinkSetUp)
	change("tmp0", func(l netlink.Link) error { return netlink.LinkSetName(l, "late0") })
	change("late0", func(l netlink.Link) error { return netlink.LinkSetHardwareAddr(l, first[:]) })
	b.somebody("n1", "late0", netlink.AddrAdd, prefixes("10.0.0.171/24")...)
	n1.awaitState(vrrp.Active)
	b.believe("client", "eth0", second, vip4())
	b.awaitNeighbour("client", "eth0", first, vip4())
	change("late0", func(l netlink.Link) error { return netlink.LinkSetHardwareAddr(l, second[:]) })
	b.awaitNeighbour("client", "eth0", second, vip4())
	change("late0", netlink.LinkDel)
	n1.awaitState(vrrp.Initialize)
}
