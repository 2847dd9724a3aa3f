// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"bytes"
	"errors"
	"maps"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
)

// A holder is a host that takes the role of a virtual router and gives it up, with a virtual MAC.
type holder struct {
	*peer
	port    int
	backend vip.Backend // on the virtual MAC
	service netip.Prefix
	group   netip.Addr
	mac     [6]byte
}

// newHolder returns a host that does not have the role.
func newHolder(t *testing.T, h *netlab.Host, group netip.Addr, service netip.Prefix) *holder {
	t.Helper()
	p := newPeer(t, h, nil)
	m := newMacvlan(t, h, netif.MacvlanConfig{Parent: "eth0", VRID: 51, IPv6: group.Is6()})
	var device *vip.Device
	within(t, h, func() (err error) {
		device, err = vip.Open(m.Name(), nil)
		return err
	})
	t.Cleanup(func() { device.Close() })
	return &holder{p, p.attach(t, "eth0", group), vip.NewRaiser(device, m), service, group, vmac(group)}
}

// take takes the role, in the order in which a router does it.
func (h *holder) take(t *testing.T) {
	t.Helper()
	h.sendAs(h.port, h.mac, h.group, "advertisement")
	if err := h.backend.Add(t.Context(), []netip.Prefix{h.service}); err != nil {
		t.Fatal(err)
	}
	if err := h.net.Announce(t.Context(), "eth0", h.mac, []netip.Addr{h.service.Addr()}); err != nil {
		t.Fatal(err)
	}
}

// give gives it up.
func (h *holder) give(t *testing.T) {
	t.Helper()
	if err := h.backend.Remove(t.Context(), []netip.Prefix{h.service}); err != nil {
		t.Fatal(err)
	}
	h.send(h.port, h.group, "backup") // is no advertisement, but makes the switch look at its port
}

// forwards reports whether the switch has learned that a MAC address is behind the port of a host.
func forwards(t *testing.T, mac [6]byte, h *netlab.Host) bool {
	t.Helper()
	port := switchPort(t, h)
	list, err := netlab.Whole(func() ([]netlink.Neigh, error) { return netlink.NeighList(port, unix.AF_BRIDGE) })
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range list {
		if n.LinkIndex == port && bytes.Equal(n.HardwareAddr, mac[:]) {
			return true
		}
	}
	return false
}

// watchNeighbour notes at which MAC addresses a host has had another address.
func watchNeighbour(t *testing.T, h *netlab.Host, addr netip.Addr) func() map[string]bool {
	t.Helper()
	updates, done := make(chan netlink.NeighUpdate), make(chan struct{})
	within(t, h, func() error { return netlink.NeighSubscribe(updates, done) })
	t.Cleanup(func() { close(done) })
	var mu sync.Mutex
	seen := make(map[string]bool)
	go func() {
		for u := range updates {
			if u.IP.Equal(net.IP(addr.AsSlice())) && len(u.HardwareAddr) > 0 {
				mu.Lock()
				seen[u.HardwareAddr.String()] = true
				mu.Unlock()
			}
		}
	}()
	return func() map[string]bool {
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(seen)
	}
}

// TestFieldReport40TheSwitchFollows has two hosts with a virtual MAC take the role from each other: the switch sends what
// is for it to the port of the one that has it, and nothing changes for a client. Reports 39 and 41 are about the same:
// clients that keep a MAC address, and a Backup that makes the switch look at the wrong port.
func TestFieldReport40TheSwitchFollows(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2", "client"}})
		service := netip.MustParsePrefix("10.0.0.200/32")
		if group.Is6() {
			service = netip.MustParsePrefix("fd00::200/128")
		}
		n1, n2 := newHolder(t, lab.Host("n1"), group, service), newHolder(t, lab.Host("n2"), group, service)
		client, mac := lab.Host("client"), vmac(group)
		learned := watchNeighbour(t, client, service.Addr())
		again := time.NewTicker(10 * time.Millisecond)
		defer again.Stop()
		follow := func(to, from *holder) {
			t.Helper()
			to.awaitTrying(t, "switch that follows", again.C, func() {}, func() bool {
				return forwards(t, mac, to.host) && !forwards(t, mac, from.host)
			})
			if got := neighbour(t, client, service.Addr()); got != mac {
				t.Errorf("the service address is at %x", got)
			}
			if !forwards(t, mac, to.host) {
				t.Error("the switch does not stay with it")
			}
		}
		n1.take(t)
		follow(n1, n2)
		n1.give(t)
		n2.take(t)
		follow(n2, n1)
		n2.give(t)
		n1.take(t)
		follow(n1, n2)
		if got := learned(); len(got) != 1 || !got[net.HardwareAddr(mac[:]).String()] {
			t.Errorf("the client had the service address at %v", got)
		}
		for _, h := range []*holder{n1, n2} {
			if errs := errors.Join(h.failures()...); errs != nil {
				t.Error(errs)
			}
		}
	})
}
