// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// proxyLab is a host that has an address elsewhere than on the link, and one that asks for it there.
type proxyLab struct {
	t      *testing.T
	n1, n2 *netlab.Host
	addr   netip.Addr
	proxy  *netif.NeighborProxy
}

// newProxyLab returns one, nil outside of the test's namespaces.
func newProxyLab(t *testing.T) *proxyLab {
	t.Helper()
	t.Parallel() // most of it is waiting
	if !netlabtest.Enter(t) {
		return nil
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	l := &proxyLab{t: t, n1: lab.Host("n1"), n2: lab.Host("n2"), addr: netip.MustParseAddr("fd00::100")}
	setIPv6(t, l.n1, map[string]string{"keep_addr_on_down": "1"})
	within(t, l.n1, func() (err error) {
		if err := l.add("lo"); err != nil {
			return err
		}
		l.proxy, err = netif.OpenNeighborProxy("eth0", nil)
		return err
	})
	t.Cleanup(func() {
		if err := errors.Join(l.proxy.Close(), l.proxy.Close()); err != nil {
			t.Error(err)
		}
	})
	return l
}

// add gives the address to a link of the thread's namespace.
func (l *proxyLab) add(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	return netlink.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{IP: l.addr.AsSlice(), Mask: net.CIDRMask(128, 128)}})
}

// forget has n2 know nothing of the address.
func (l *proxyLab) forget() {
	l.t.Helper()
	within(l.t, l.n2, func() error {
		err := netlink.NeighDel(&netlink.Neigh{LinkIndex: eth("eth0").Attrs().Index, Family: netlink.FAMILY_V6, IP: l.addr.AsSlice()})
		if errors.Is(err, unix.ENOENT) {
			return nil
		}
		return err
	})
}

// found returns at which MAC address n2 finds the address, the zero value if it gets no answer for some time.
func (l *proxyLab) found() [6]byte {
	l.t.Helper()
	l.forget()
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Second)
	defer cancel()
	answered := false
	if _, err := netlab.Ping(ctx, l.n2, l.addr, 50*time.Millisecond, func(r netlab.PingResult) {
		if r.Answers > 0 {
			answered = true
			cancel()
		}
	}); err != nil {
		l.t.Fatal(err)
	}
	if !answered {
		return [6]byte{}
	}
	return neighbour(l.t, l.n2, l.addr)
}

// want waits until n2 finds the address at the MAC address of n1's link.
func (l *proxyLab) want() {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); l.found() != l.mac(); {
		if time.Now().After(end) {
			l.t.Fatal("not found")
		}
	}
}

// mac returns the MAC address of n1's link.
func (l *proxyLab) mac() (mac [6]byte) {
	l.t.Helper()
	within(l.t, l.n1, func() error {
		copy(mac[:], eth("eth0").Attrs().HardwareAddr)
		return nil
	})
	return mac
}

// TestNeighborProxy has a host that doesn't forward found by an address on another link as long as that is answered for,
// also after its link was down.
func TestNeighborProxy(t *testing.T) {
	l := newProxyLab(t)
	if l == nil {
		return
	}
	if got := l.found(); got != ([6]byte{}) {
		t.Errorf("at %v without a proxy", got)
	}
	other := netip.MustParseAddr("fd00:1::100") // the same group
	for _, a := range []netip.Addr{l.addr, other} {
		if err := l.proxy.Answer(a, [6]byte{}); err != nil {
			t.Fatal(err)
		}
	}
	l.want()
	l.proxy.Ignore(other)
	l.want()
	if err := errors.Join(l.n1.SetLink(0, false), l.n1.SetLink(0, true)); err != nil {
		t.Fatal(err)
	}
	l.want()
	l.proxy.Ignore(l.addr)
	l.proxy.Ignore(l.addr)
	if got := l.found(); got != ([6]byte{}) {
		t.Errorf("at %v after the end", got)
	}
}

// TestNeighborProxyNewMAC has the proxy tell the MAC address that the link has by then.
func TestNeighborProxyNewMAC(t *testing.T) {
	l := newProxyLab(t)
	if l == nil {
		return
	}
	if err := l.proxy.Answer(l.addr, [6]byte{}); err != nil {
		t.Fatal(err)
	}
	l.want()
	within(t, l.n1, func() error {
		eth0 := eth("eth0")
		return errors.Join(netlink.LinkSetDown(eth0), netlink.LinkSetHardwareAddr(eth0, net.HardwareAddr{2, 0, 0, 0, 0, 9}), netlink.LinkSetUp(eth0))
	})
	l.want()
	if l.mac() != ([6]byte{2, 0, 0, 0, 0, 9}) {
		t.Errorf("MAC address %v", l.mac())
	}
}

// learns waits until a host that asks for an address on a link is told that MAC address. Nobody need be there.
func (l *proxyLab) learns(h *netlab.Host, link string, addr netip.Addr, mac net.HardwareAddr) {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		ctx, cancel := context.WithTimeout(l.t.Context(), 200*time.Millisecond)
		_, err := netlab.Ping(ctx, h, addr, 50*time.Millisecond, func(netlab.PingResult) {})
		cancel()
		var known bool
		within(l.t, h, func() error {
			list, err := netlab.Whole(func() ([]netlink.Neigh, error) {
				return netlink.NeighList(eth(link).Attrs().Index, netlink.FAMILY_V6)
			})
			for _, n := range list {
				known = known || n.IP.Equal(addr.AsSlice()) && n.HardwareAddr.String() == mac.String()
			}
			return err
		})
		switch {
		case known:
			return
		case err != nil || time.Now().After(end):
			l.t.Fatalf("%v is not learned: %v", addr, err)
		}
	}
}

// TestNeighborProxyNewLink has the proxy wait for its link, and follow its name to another one.
func TestNeighborProxyNewLink(t *testing.T) {
	l := newProxyLab(t)
	if l == nil {
		return
	}
	addr := netip.MustParseAddr("fd09::9")
	pair := func(last byte) net.HardwareAddr {
		mac := net.HardwareAddr{2, 0, 0, 0, 9, last}
		within(t, l.n1, func() error {
			attrs := netlink.NewLinkAttrs()
			attrs.Name, attrs.HardwareAddr = "eth9", mac
			veth := netlink.NewVeth(attrs)
			veth.PeerName = "eth8"
			if err := netlink.LinkAdd(veth); err != nil {
				return err
			}
			other := &netlink.Addr{IPNet: &net.IPNet{IP: net.ParseIP("fd09::1"), Mask: net.CIDRMask(64, 128)}, Flags: unix.IFA_F_NODAD}
			return errors.Join(netlink.LinkSetUp(veth), netlink.LinkSetUp(eth("eth8")), netlink.AddrAdd(eth("eth8"), other))
		})
		return mac
	}
	var proxy *netif.NeighborProxy
	within(t, l.n1, func() (err error) {
		proxy, err = netif.OpenNeighborProxy("eth9", nil)
		return err
	})
	defer proxy.Close()
	if err := proxy.Answer(addr, [6]byte{}); err != nil {
		t.Fatal(err)
	}
	l.learns(l.n1, "eth8", addr, pair(1))
	within(t, l.n1, func() error { return netlink.LinkDel(eth("eth9")) })
	l.learns(l.n1, "eth8", addr, pair(2))
}

// TestNeighborProxyVirtualMAC wants the MAC address told that is asked for.
func TestNeighborProxyVirtualMAC(t *testing.T) {
	l := newProxyLab(t)
	if l == nil {
		return
	}
	mac := netif.VirtualMAC(7, true)
	if err := l.proxy.Answer(l.addr, mac); err != nil {
		t.Fatal(err)
	}
	l.learns(l.n2, "eth0", l.addr, mac[:])
}

// TestNeighborProxyDefends wants another host that would like to have the address to find that it is taken (RFC 4862
// section 5.4.3).
func TestNeighborProxyDefends(t *testing.T) {
	l := newProxyLab(t)
	if l == nil {
		return
	}
	if err := l.proxy.Answer(l.addr, [6]byte{}); err != nil {
		t.Fatal(err)
	}
	setIPv6(t, l.n2, map[string]string{"accept_dad": "1", "dad_transmits": "1"})
	within(t, l.n2, func() error { return l.add("eth0") })
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		failed := false
		within(t, l.n2, func() error {
			list, err := netlab.Whole(func() ([]netlink.Addr, error) { return netlink.AddrList(eth("eth0"), netlink.FAMILY_V6) })
			for _, a := range list {
				failed = failed || a.IP.Equal(l.addr.AsSlice()) && a.Flags&unix.IFA_F_DADFAILED != 0
			}
			return err
		})
		if failed {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the other host has it too")
		}
	}
}

// TestNeighborProxyErrors wants told what can't be had.
func TestNeighborProxyErrors(t *testing.T) {
	l := newProxyLab(t)
	if l == nil {
		return
	}
	within(t, l.n1, func() error {
		if _, err := netif.OpenNeighborProxy("lo", nil); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("lo: %v", err)
		}
		return nil
	})
	for _, text := range []string{"10.0.0.1", "::ffff:10.0.0.1", "ff02::1", "::"} {
		if err := l.proxy.Answer(netip.MustParseAddr(text), [6]byte{}); err == nil {
			t.Errorf("%s is answered for", text)
		}
	}
	if err := l.proxy.Close(); err != nil {
		t.Error(err)
	}
	if err := l.proxy.Answer(l.addr, [6]byte{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	l.proxy.Ignore(l.addr)
}
