// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// awaitAddrs waits until a port has these sources.
func (p *peer) awaitAddrs(t *testing.T, port int, want ...netip.Addr) {
	t.Helper()
	var got []netip.Addr
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("addresses (-want +got):\n%s", cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })))
		}
	})
	p.await(t, "such addresses", func() bool {
		got = p.states[port].addrs
		return slices.Equal(got, want)
	})
}

func TestSourcesIPv4(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n1 := newPeer(t, lab.Host("n1"), nil)
	port := n1.attach(t, "eth0", group4)
	first, second := netip.MustParseAddr("10.0.0.71"), netip.MustParseAddr("10.0.0.200")
	other := netip.MustParseAddr("10.77.0.1")
	within(t, n1.host, func() error {
		e := eth("eth0")
		return errors.Join(netlink.AddrAdd(e, address("10.0.0.200/24")), netlink.AddrAdd(e, address("10.77.0.1/24")),
			netlink.AddrAdd(e, &netlink.Addr{IPNet: address("10.88.0.1/24").IPNet, Scope: unix.RT_SCOPE_HOST}))
	})
	n1.awaitAddrs(t, port, first, other, second)
	within(t, n1.host, func() error { return netlink.AddrDel(eth("eth0"), address("10.77.0.1/24")) })
	n1.awaitAddrs(t, port, first, second)
	within(t, n1.host, func() error { return netlink.AddrDel(eth("eth0"), address("10.0.0.71/24")) })
	n1.await(t, "port without the primary address", func() bool { return !slices.Contains(n1.states[port].addrs, first) })
}

func TestSourcesIPv6(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n1 := newPeer(t, lab.Host("n1"), nil)
	port := n1.attach(t, "eth0", group6)
	kernels := n1.addr(port)
	// Of wider scope: that of the lab and one more, behind the link-local ones.
	given, global := n1.host.Addr6(0), netip.MustParseAddr("fd00::9")
	low, leased, other := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("fe80::2"), netip.MustParseAddr("fe80::3")
	add := func(s string, valid, preferred int) error {
		a := netlink.Addr{IPNet: address(s).IPNet, Flags: unix.IFA_F_NODAD, ValidLft: valid, PreferedLft: preferred}
		return netlink.AddrAdd(eth("eth0"), &a)
	}
	within(t, n1.host, func() error {
		return errors.Join(add("fd00::9/64", 0, 0), add("fe80::2/64", 3600, 3600), add("fe80::1/64", 0, 0))
	})
	n1.awaitAddrs(t, port, low, kernels, leased, global, given)

	// For as long as duplicate address detection sends probes, an address is tentative.
	within(t, n1.host, func() error {
		dir := "/proc/sys/net/ipv6/conf/eth0/"
		return errors.Join(os.WriteFile(dir+"accept_dad", []byte("1"), 0), os.WriteFile(dir+"dad_transmits", []byte("1000"), 0),
			netlink.AddrAdd(eth("eth0"), address("fe80::3/64")), netlink.AddrDel(eth("eth0"), address("fe80::2/64")))
	})
	n1.awaitAddrs(t, port, low, kernels, global, given)
	within(t, n1.host, func() error {
		return errors.Join(netlink.AddrDel(eth("eth0"), address("fe80::3/64")), add("fe80::3/64", 0, 0))
	})
	n1.awaitAddrs(t, port, low, other, kernels, global, given)
}

func TestLinkByName(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	h := lab.Host("n1")
	within(t, h, func() error {
		l, err := netif.LinkByName("eth0")
		if err != nil {
			return err
		}
		a := eth("eth0").Attrs()
		want := netif.Link{
			Name: "eth0", Index: a.Index, MAC: [6]byte(a.HardwareAddr), MTU: a.MTU,
			IPv4: []netip.Addr{h.Addr(0)}, IPv6: l.IPv6,
		}
		if diff := cmp.Diff(want, l, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Errorf("unexpected link (-want +got):\n%s", diff)
		}
		if len(l.IPv6) != 1 || !l.IPv6[0].IsLinkLocalUnicast() {
			t.Errorf("IPv6 sources %v", l.IPv6)
		}
		if err := netlink.LinkSetDown(eth("eth0")); err != nil {
			return err
		}
		if l, err = netif.LinkByName("eth0"); err != nil || !errors.Is(l.Down, netif.ErrLinkDown) {
			t.Errorf("link that is down: %+v, error %v", l, err)
		}
		if _, err := netif.LinkByName("absent"); !errors.Is(err, netif.ErrNoLink) || !strings.Contains(err.Error(), "absent") {
			t.Errorf("error %v", err)
		}
		return nil
	})
}
