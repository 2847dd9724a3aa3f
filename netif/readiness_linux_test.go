// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// awaitErr waits until a port is up or not, and has no address for that reason.
func (p *peer) awaitErr(t *testing.T, port int, up bool, why error) {
	t.Helper()
	p.await(t, "error "+why.Error(), func() bool {
		s := p.states[port]
		local := slices.ContainsFunc(s.addrs, func(a netip.Addr) bool { return a.Is4() || a.IsLinkLocalUnicast() })
		return s.up == up && !local && errors.Is(s.err, why)
	})
}

// TestFieldReport27SwitchPortsForwardLater has a link come up again on a host that waits for it.
func TestFieldReport27SwitchPortsForwardLater(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	patient := newPeer(t, lab.Host("n1"), &netif.Config{UpDelay: time.Hour})
	brief := newPeer(t, lab.Host("n1"), &netif.Config{UpDelay: 50 * time.Millisecond})
	port1, port2 := patient.attach(t, "eth0", group4), brief.attach(t, "eth0", group4) // not waited for
	if err := errors.Join(lab.Host("n1").SetLink(0, false), lab.Host("n1").SetLink(0, true)); err != nil {
		t.Fatal(err)
	}
	patient.awaitErr(t, port1, false, netif.ErrUpDelay)
	brief.awaitUp(t, port2)
	src := lab.Host("n1").Addr(0)
	patient.do(func() { patient.net.Queue(port1, [6]byte{}, src, group4, []byte("early")) })
	patient.await(t, "error", func() bool { return len(patient.errs) == 1 && errors.Is(patient.errs[0], netif.ErrUpDelay) })
}

// setIPv6 changes the settings of eth0 of a host for IPv6.
func setIPv6(t *testing.T, h *netlab.Host, settings map[string]string) {
	t.Helper()
	within(t, h, func() error {
		for name, value := range settings {
			if err := os.WriteFile("/proc/sys/net/ipv6/conf/eth0/"+name, []byte(value), 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestFieldReport62TentativeIsWaitedFor has IPv6 not be ready while IPv4 is, with the reason, and then be.
func TestFieldReport62TentativeIsWaitedFor(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	port4, port6 := n1.attach(t, "eth0", group4), n1.attach(t, "eth0", group6)
	to := n2.attach(t, "eth0", group6)
	kernels := n1.addr(port6)
	within(t, n1.host, func() error { return netlink.AddrDel(eth("eth0"), address(kernels.String()+"/64")) })
	n1.awaitErr(t, port6, true, netif.ErrNoAddress)

	// For as long as duplicate address detection sends probes, an address is tentative.
	setIPv6(t, n1.host, map[string]string{"accept_dad": "1", "dad_transmits": "1000"})
	within(t, n1.host, func() error { return netlink.AddrAdd(eth("eth0"), address("fe80::62/64")) })
	n1.awaitErr(t, port6, true, netif.ErrTentative)
	n1.mu.Lock()
	err := n1.states[port6].err
	n1.mu.Unlock()
	if !errors.Is(err, netif.ErrNoAddress) || !strings.Contains(err.Error(), "eth0") || !strings.Contains(err.Error(), "fe80::62") {
		t.Errorf("error %v", err)
	}
	n1.awaitUp(t, port4)
	n1.send(port4, group4, "IPv4 is ready")
	if errs := n1.failures(); len(errs) > 0 {
		t.Error(errs)
	}

	within(t, n1.host, func() error { return netlink.AddrDel(eth("eth0"), address("fe80::62/64")) })
	setIPv6(t, n1.host, map[string]string{"dad_transmits": "1"})
	within(t, n1.host, func() error { return netlink.AddrAdd(eth("eth0"), address("fe80::62/64")) })
	n1.awaitUp(t, port6)
	n1.send(port6, group6, "IPv6 is ready")
	if a := n2.awaitPacket(t, "IPv6 is ready"); a.port != to || a.src != netip.MustParseAddr("fe80::62") {
		t.Errorf("arrived %+v", a)
	}
}

// TestFieldReport62DuplicateIsAFault has another host with the link-local address.
func TestFieldReport62DuplicateIsAFault(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, n1, _ := twoHosts(t, nil)
	port4, port6 := n1.attach(t, "eth0", group4), n1.attach(t, "eth0", group6)
	within(t, lab.Host("n2"), func() error {
		return addAddress("eth0", netip.MustParsePrefix("fe80::62/64"), unix.IFA_F_NODAD)
	})
	setIPv6(t, n1.host, map[string]string{"accept_dad": "1", "dad_transmits": "1"})
	kernels := n1.addr(port6)
	within(t, n1.host, func() error {
		return errors.Join(netlink.AddrDel(eth("eth0"), address(kernels.String()+"/64")), netlink.AddrAdd(eth("eth0"), address("fe80::62/64")))
	})
	n1.awaitErr(t, port6, true, netif.ErrDuplicate)
	n1.awaitUp(t, port4)
}

// TestFieldReport30LostMembership has the kernel forget the membership without the program being told. No interface goes
// down.
func TestFieldReport30LostMembership(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
		var log bytes.Buffer
		t.Cleanup(func() { // when n2 is closed, and its log is written
			if !strings.Contains(log.String(), "membership") || !strings.Contains(log.String(), group.String()) {
				t.Errorf("log: %s", log.String())
			}
		})
		n1 := newPeer(t, lab.Host("n1"), nil)
		n2 := newPeer(t, lab.Host("n2"), &netif.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		port1, port2 := n1.attach(t, "eth0", group), n2.attach(t, "eth0", group)
		awaitExchange(t, n1, port1, n2, port2, group, "before")
		if group.Is4() {
			leaveAll(t, group)
		}
		for _, h := range []*netlab.Host{n1.host, n2.host} {
			within(t, h, func() error { // IPv6 is gone, with all that belongs to it, for as long as the MTU is too small
				e := eth("eth0")
				return errors.Join(netlink.LinkSetMTU(e, 1000), netlink.LinkSetMTU(e, 1500))
			})
		}
		awaitExchange(t, n1, port1, n2, port2, group, "after")
		if n2.net.Stats().Rejoined == 0 {
			t.Error("the membership was not joined again: this test can't tell")
		}
	})
}

// leaveAll has every raw socket of this process leave a group of IPv4.
func leaveAll(t *testing.T, group netip.Addr) {
	t.Helper()
	left := 0
	for fd := range 256 {
		if protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL); err != nil || protocol != 112 {
			continue
		}
		index, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX)
		if err != nil {
			t.Fatal(err)
		}
		m := unix.IPMreqn{Multiaddr: group.As4(), Ifindex: int32(index)}
		if err := unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_DROP_MEMBERSHIP, &m); err == nil {
			left++
		}
	}
	if left == 0 {
		t.Fatal("no socket to leave the group with")
	}
}
