// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// address adds an address to eth0 of a host with flags, such as IFA_F_NODAD.
func (b *bench) address(host, link string, p netip.Prefix, flags int) {
	b.Helper()
	b.somebody(host, link, func(l netlink.Link, a *netlink.Addr) error {
		a.Flags = flags
		return netlink.AddrAdd(l, a)
	}, p)
}

// removeLinkLocal takes the link-local addresses from a link of a host.
func (b *bench) removeLinkLocal(host, link string) {
	b.Helper()
	b.somebody(host, link, func(l netlink.Link, _ *netlink.Addr) error {
		all, err := netlab.Whole(func() ([]netlink.Addr, error) { return netlink.AddrList(l, netlink.FAMILY_V6) })
		for _, a := range all {
			if err == nil && a.IP.IsLinkLocalUnicast() {
				err = netlink.AddrDel(l, &a)
			}
		}
		return err
	}, netip.MustParsePrefix("fe80::/64"))
}

// TestFieldReport57TentativeSourceIsWaitedFor starts a router whose link has no other source than an address under
// duplicate address detection: nothing is sent, nothing fails, and it begins when the address can be used.
func TestFieldReport57TentativeSourceIsWaitedFor(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	source := netip.MustParsePrefix("fe80::71/64")
	b.removeLinkLocal("n1", "eth0")
	b.setSysctl("n1", "ipv6/conf/eth0/accept_dad", 1)
	b.setSysctl("n1", "ipv6/conf/eth0/dad_transmits", 600) // a second each
	b.address("n1", "eth0", source, 0)
	n1 := b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{virtual(200, ipv6VIPs()...), virtual(100)}})
	await(t, "IPv4 is Active", func() bool { return n1.virtual[1].Status().State == vrrp.Active })
	if s := n1.status(); s.State != vrrp.Initialize || s.Stats.Sent != 0 {
		t.Errorf("%+v", s)
	}
	b.somebody("n1", "eth0", netlink.AddrDel, source)
	b.address("n1", "eth0", source, unix.IFA_F_NODAD)
	n1.awaitState(vrrp.Active)
	b.awaitHolder("n1", []string{"n2"}, ipv6VIPs()...)
	await(t, "an advertisement from it", func() bool {
		return slices.ContainsFunc(b.wire.since(0, advert), func(s seen) bool { return s.from == source.Addr() })
	})
	if s := n1.router.Stats(); s.SendErrors != 0 {
		t.Errorf("%+v", s)
	}
}

// sources returns the source addresses of the IPv6 advertisements after the mark, each once.
func (w *wire) sources(mark int) []netip.Addr {
	var list []netip.Addr
	for _, s := range w.since(mark, advert, goodbye, broken) {
		if s.from.Is6() && !slices.Contains(list, s.from) {
			list = append(list, s.from)
		}
	}
	return list
}

// TestFieldReport58SourceIsNoServiceAddress has several link-local addresses: the source is the lowest one, but for the
// service address, which is lower still and comes and goes with the role.
func TestFieldReport58SourceIsNoServiceAddress(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	b.address("n1", "eth0", netip.MustParsePrefix("fe80::72/64"), unix.IFA_F_NODAD)
	b.address("n1", "eth0", netip.MustParsePrefix("fe80::71/64"), unix.IFA_F_NODAD)
	cfg := virtual(200, prefixes("fe80::1/128")...)
	cfg.NoLease = true // which would make it look different from those that stay
	n1 := b.start("n1", cfg)
	n1.awaitState(vrrp.Active)
	for range 3 {
		b.awaitHolder("n1", []string{"n2"}, cfg.Addresses...)
		mark := b.wire.mark()
		await(t, "advertisements", func() bool { return len(b.wire.since(mark, advert)) >= 2 })
		b.must(n1.virtual[0].Resign(0))
		n1.awaitState(vrrp.Active)
	}
	n1.stop()
	if got := b.wire.sources(0); !slices.Equal(got, []netip.Addr{netip.MustParseAddr("fe80::71")}) {
		t.Errorf("advertisements came from %v", got)
	}
}

// TestFieldReport59SameLinkLocalOnBothLinks has two links with the same link-local address, and no other, on each node.
// The advertisements of each leave by it, and are heard by it alone.
func TestFieldReport59SameLinkLocalOnBothLinks(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBenchWith(t, netlab.Config{Hosts: []string{"n1", "n2"}, Links: 2})
	start := func(host string, priority uint8, source string) *node {
		for _, link := range []string{"eth0", "eth1"} {
			b.removeLinkLocal(host, link)
			b.address(host, link, netip.MustParsePrefix(source+"/64"), unix.IFA_F_NODAD)
		}
		one, two := steady(virtual(priority, ipv6VIPs()[0])), steady(virtual(priority, ipv6VIPs()[0]))
		two.Link = "eth1"
		return b.startWith(host, setup{Virtual: []vrrp.VirtualRouterConfig{one, two}})
	}
	n1 := start("n1", 200, "fe80::71")
	n1.awaitAll("is Active", isActive)
	n2 := start("n2", 100, "fe80::72")
	n2.awaitFollower()
	b.must(n1.virtual[1].Resign(0)) // of one link only
	await(t, "the role on eth1 moves", func() bool {
		return n2.virtual[1].Status().State == vrrp.Active || n1.virtual[1].Status().Stats.BecameActive == 2
	})
	n1.awaitAll("is Active", isActive) // it preempts
	if s := n2.virtual[0].Status(); s.State != vrrp.Backup || s.Stats.GoodbyesReceived != 0 || s.Peer != netip.MustParseAddr("fe80::71") {
		t.Errorf("%+v", s)
	}
	if s := n2.virtual[1].Status(); s.Stats.GoodbyesReceived != 1 {
		t.Errorf("%+v", s)
	}
	for _, n := range []*node{n1, n2} {
		if s := n.router.Stats(); s.SendErrors != 0 || s.Rejected != 0 {
			t.Errorf("%s: %+v", n.host, s)
		}
	}
}

// TestFieldReport59LinkInAVRF has the link in one, on both nodes.
func TestFieldReport59LinkInAVRF(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	for _, host := range []string{"n1", "n2"} {
		b.addLink(host, &netlink.Vrf{LinkAttrs: netlink.LinkAttrs{Name: "blue"}, Table: 10})
		b.somebody(host, "eth0", func(l netlink.Link, _ *netlink.Addr) error {
			blue, err := netlink.LinkByName("blue")
			if err == nil {
				err = netlink.LinkSetUp(blue)
			}
			if err == nil {
				err = netlink.LinkSetMaster(l, blue)
			}
			return err
		}, vip4())
	}
	both := func(priority uint8) setup {
		return setup{Virtual: []vrrp.VirtualRouterConfig{virtual(priority), virtual(priority, ipv6VIPs()...)}}
	}
	n1 := b.startWith("n1", both(200))
	n1.awaitAll("is Active", isActive)
	n2 := b.startWith("n2", both(100))
	n2.awaitFollower()
	n1.stop()
	n2.awaitAll("is Active", isActive)
	b.awaitHolder("n2", []string{"n1"}, append(ipv6VIPs(), vip4())...)
}

// TestFieldReport60SameLinkLocalVIPOnSeveralLinks has the same service address on two links: what becomes of one is
// nothing to the other.
func TestFieldReport60SameLinkLocalVIPOnSeveralLinks(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBenchWith(t, netlab.Config{Hosts: []string{"n1"}, Links: 2})
	one, two := steady(virtual(200, ipv6VIPs()[0])), steady(virtual(200, ipv6VIPs()[0]))
	two.Link = "eth1"
	n1 := b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{one, two}})
	n1.awaitAll("is Active", isActive)
	holds := func(link int) bool {
		all, err := b.host("n1").Addresses(link)
		b.must(err)
		return slices.Contains(all, ipv6VIPs()[0])
	}
	await(t, "address on both links", func() bool { return holds(0) && holds(1) })
	b.must(n1.virtual[0].Remove(t.Context()))
	if holds(0) || !holds(1) {
		t.Errorf("on eth0: %v, on eth1: %v", holds(0), holds(1))
	}
	if s := n1.virtual[1].Status(); s.State != vrrp.Active || s.Stats.BecameActive != 1 {
		t.Errorf("%+v", s)
	}
}

// TestFieldReport62FamiliesAreReadyByThemselves has one link without any IPv4 address and one without IPv6.
func TestFieldReport62FamiliesAreReadyByThemselves(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBenchWith(t, netlab.Config{Hosts: []string{"n1"}, Links: 2})
	b.somebody("n1", "eth0", netlink.AddrDel, netip.PrefixFrom(b.host("n1").Addr(0), 24))
	b.setSysctl("n1", "ipv6/conf/eth1/disable_ipv6", 1)
	only6, only4 := virtual(200, ipv6VIPs()...), virtual(200)
	only4.Link = "eth1"
	none4, none6 := virtual(200), virtual(200, ipv6VIPs()...)
	none6.Link = "eth1"
	n1 := b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{only6, only4, none4, none6}})
	for _, v := range n1.virtual[:2] {
		await(t, "Active", func() bool { return v.Status().State == vrrp.Active })
	}
	for _, v := range n1.virtual[2:] {
		if s := v.Status(); s.State != vrrp.Initialize || s.Stats.Sent != 0 {
			t.Errorf("%+v", s)
		}
	}
	b.address("n1", "eth0", netip.PrefixFrom(b.host("n1").Addr(0), 24), 0)
	b.setSysctl("n1", "ipv6/conf/eth1/disable_ipv6", 0)
	n1.awaitAll("is Active", isActive)
}
