// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

func withVirtualMAC(c *vrrp.VirtualRouterConfig) { c.VirtualMAC = true }

// Advertisements and announcements come from the MAC address of the virtual
// router, if that is asked for, and else from that of the link; or announcements alone
// come from the former.
func TestSection7_3_VirtualMAC(t *testing.T) {
	v6 := vrrp.Config{VRID: 51, Addresses: prefixes("fe80::100/64")}
	for name, c := range map[string]struct {
		config vrrp.Config
		addr   string
		change func(*vrrp.VirtualRouterConfig)
		want   [6]byte // zero: the host's own
	}{
		"IPv4":  {v3(), "192.0.2.1/24", withVirtualMAC, [6]byte{0, 0, 0x5e, 0, 1, 51}},
		"IPv6":  {v6, "fe80::1/64", withVirtualMAC, [6]byte{0, 0, 0x5e, 0, 2, 51}},
		"plain": {v3(), "192.0.2.1/24", func(c *vrrp.VirtualRouterConfig) { c.VirtualMAC, c.FromLink = true, true }, [6]byte{0, 0, 0x5e, 0, 1, 51}},
		"off":   {v3(), "192.0.2.1/24", func(*vrrp.VirtualRouterConfig) {}, [6]byte{}},
	} {
		t.Run(name, func(t *testing.T) {
			sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
			n := newNode(t, sim.LAN, c.addr, c.config, c.change)
			if c.want == [6]byte{} {
				c.want = n.host.MAC()
			}
			from := c.want
			if name == "plain" {
				from = n.host.MAC()
			}
			packets, claims := 0, 0
			sim.Tap(func(p netiftest.Packet) {
				if packets++; p.MAC != from {
					t.Errorf("packet from %x", p.MAC)
				}
			})
			neighbour := sim.Host("neighbour", netiftest.Link{Addresses: prefixes("192.0.2.9/24", "fe80::9/64")}).Network()
			group := vrrp.GroupIPv4()
			if c.config.Addresses[0].Addr().Is6() {
				group = vrrp.GroupIPv6()
			}
			if _, err := neighbour.Attach("eth0", group); err != nil {
				t.Fatal(err)
			}
			sim.Drive(n.host, n.router)
			sim.Run(10 * time.Second)
			n.router.Stop()
			sim.Run(time.Second)
			neighbour.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) {})
			neighbour.Claims(func(_ int, _ netip.Addr, mac [6]byte) {
				if claims++; mac != c.want {
					t.Errorf("announced by %x", mac)
				}
			})
			if packets < 5 || claims < 5 {
				t.Errorf("%d packets, %d announcements", packets, claims)
			}
		})
	}
}

// The successor announces the address by the same MAC address, and has it then.
func TestSection7_3_HandOverByTheVirtualMAC(t *testing.T) {
	sim, a, b := pair(t, withVirtualMAC)
	a.router.Stop()
	both := time.Duration(0)
	for range 2000 {
		sim.Run(time.Millisecond)
		switch len(a.addrs.Held()) + len(b.addrs.Held()) {
		case 0:
			t.Fatal("nobody has the address")
		case 2:
			both += time.Millisecond
		}
	}
	if len(a.addrs.Held()) > 0 || both > 2*time.Millisecond {
		t.Errorf("%v left, both for %v", a.addrs.Held(), both)
	}
}

// The virtual MAC is always that of a router of the same virtual router; any other
// is a host that has no business with the address.
func TestConflictIsReportedAndDefended(t *testing.T) {
	for name, c := range map[string]struct {
		mac      [6]byte
		conflict bool
	}{
		"a stranger":            {[6]byte{0x02, 0, 0, 0, 0, 0x99}, true},
		"the virtual MAC":       {[6]byte{0, 0, 0x5e, 0, 1, 51}, false},
		"another virtual MAC":   {[6]byte{0, 0, 0x5e, 0, 1, 52}, true},
		"the one of the family": {[6]byte{0, 0, 0x5e, 0, 2, 51}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			traced := uint64(0)
			trace := vrrp.Trace{Conflict: func(_ *vrrp.VirtualRouter, addr netip.Addr, mac [6]byte) {
				if traced++; addr != addrs("192.0.2.100")[0] || mac != c.mac {
					t.Errorf("conflict about %v with %v", addr, mac)
				}
			}}
			sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
			host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
			router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now, Trace: trace, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			v, err := router.Add(vrrp.VirtualRouterConfig{Config: v3(), Name: "web", Link: "eth0", Backend: &viptest.Memory{}})
			if err != nil {
				t.Fatal(err)
			}
			sim.Drive(host, router)
			stranger := sim.Host("stranger", netiftest.Link{Addresses: prefixes("192.0.2.9/24")})
			sim.Run(30 * time.Second)
			before := v.Status().Stats.Announcements
			for range 3 {
				if err := stranger.Announce(context.Background(), "eth0", c.mac, addrs("192.0.2.100", "192.0.2.77")); err != nil {
					t.Fatal(err)
				}
				sim.Run(time.Second)
			}
			defended := v.Status().Stats.Announcements - before
			if n := v.Status().Stats.Conflicts; n != traced || (n == 3) != c.conflict {
				t.Errorf("%d conflicts, %d of them traced", n, traced)
			}
			line := `msg="address claimed by another host" virtual_router=web address=192.0.2.100 mac=02:00:00:00:00:99 suppressed=0`
			if name == "a stranger" && strings.Count(log.String(), line) != 1 {
				t.Errorf("the log lacks %s:\n%s", line, &log)
			}
			if c.conflict != strings.Contains(log.String(), "address claimed") || c.conflict != (defended == 1) || v.Status().State != vrrp.Active {
				t.Errorf("defended %d times; %s", defended, &log)
			}
		})
	}
}

func TestReconfigureKeepsTheVirtualMAC(t *testing.T) {
	_, a, _ := pair(t, withVirtualMAC)
	cfg := vrrp.VirtualRouterConfig{Link: "eth0", Config: v3(priority(180))}
	var value *vrrp.ValueError
	if err := a.virtual.Reconfigure(cfg); !errors.As(err, &value) {
		t.Errorf("Reconfigure without it = %v", err)
	}
	cfg.VirtualMAC, cfg.Group = true, vrrp.GroupIPv4() // which is the default
	if err := a.virtual.Reconfigure(cfg); err != nil || a.virtual.Status().Priority != 180 {
		t.Errorf("Reconfigure = %v, priority %d", err, a.virtual.Status().Priority)
	}
}
