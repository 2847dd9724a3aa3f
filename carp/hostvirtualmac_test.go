// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

func withVirtualMAC(c *carp.VirtualHostConfig) { c.VirtualMAC = true }

// Advertisements and announcements come from 00:00:5e:00:01:vhid in both families,
// if that is asked for (carp_set_enaddr), and else from the link's own address;
// never from 00:00:5e:00:00:vhid, as ucarp's do.
func TestVirtualMAC(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*carp.VirtualHostConfig)
		want   [6]byte // zero: the host's own
	}{
		"on":  {withVirtualMAC, [6]byte{0, 0, 0x5e, 0, 1, 42}},
		"off": {func(*carp.VirtualHostConfig) {}, [6]byte{}},
	} {
		t.Run(name, func(t *testing.T) {
			sim := newSimulation()
			n := newNode(t, sim.LAN, 1, config(five), c.change)
			if c.want == [6]byte{} {
				c.want = n.host.MAC()
			}
			packets, claims := 0, 0
			sim.Tap(func(p netiftest.Packet) {
				if packets++; p.MAC != c.want {
					t.Errorf("packet from %x", p.MAC)
				}
			})
			neighbour := sim.Host("neighbour", linkOf(9, "eth0", "")).Network()
			for _, group := range []netip.Addr{carp.GroupIPv4(), carp.GroupIPv6()} {
				if _, err := neighbour.Attach("eth0", group); err != nil {
					t.Fatal(err)
				}
			}
			sim.Drive(n.host, n.carp)
			sim.Run(10 * time.Second)
			n.carp.Stop()
			sim.Run(2 * time.Second)
			neighbour.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) {})
			neighbour.Claims(func(_ int, _ netip.Addr, mac [6]byte) {
				if claims++; mac != c.want {
					t.Errorf("announced by %x", mac)
				}
			})
			if packets < 10 || claims < 25 {
				t.Errorf("%d packets, %d announcements", packets, claims)
			}
		})
	}
}

// The successor announces the addresses by the same MAC address, and has them then.
func TestHandOverByTheVirtualMAC(t *testing.T) {
	sim, a, b := pair(t, config(five), withVirtualMAC)
	a.carp.Stop()
	both := hold(t, sim, 2*time.Second, a, b)
	if len(a.addrs.Held()) > 0 || both > 2*time.Millisecond {
		t.Errorf("%v left, both for %v", a.addrs.Held(), both)
	}
}

// The virtual MAC is always that of a host of the same virtual host; any other is
// one that has no business with the address.
func TestConflictIsReported(t *testing.T) {
	for name, c := range map[string]struct {
		mac      [6]byte
		conflict bool
	}{
		"a stranger":          {[6]byte{0x02, 0, 0, 0, 0, 0x99}, true},
		"the virtual MAC":     {[6]byte{0, 0, 0x5e, 0, 1, 42}, false},
		"another virtual MAC": {[6]byte{0, 0, 0x5e, 0, 1, 43}, true},
		"that of VRRP's IPv6": {[6]byte{0, 0, 0x5e, 0, 2, 42}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			traced := uint64(0)
			sim := newSimulation()
			n := newNodeOf(t, sim.LAN, 1, func(h *carp.HostConfig) {
				h.Logger = slog.New(slog.NewTextHandler(&log, nil))
				h.Trace.Conflict = func(_ *carp.VirtualHost, addr netip.Addr, mac [6]byte) {
					if traced++; addr != ips("2001:db8::100")[0] || mac != c.mac {
						t.Errorf("conflict about %v with %v", addr, mac)
					}
				}
			}, config(five), func(v *carp.VirtualHostConfig) { v.Name = "web" })
			sim.Drive(n.host, n.carp)
			other := sim.Host("stranger", linkOf(9, "eth0", ""))
			sim.Run(30 * time.Second)
			before := n.virtual.Status().Stats.Announcements
			for range 3 {
				if err := other.Announce(t.Context(), "eth0", c.mac, ips("2001:db8::100", "192.0.2.77")); err != nil {
					t.Fatal(err)
				}
				sim.Run(time.Second)
			}
			defended := n.virtual.Status().Stats.Announcements - before
			if got := n.virtual.Status().Stats.Conflicts; got != traced || (got == 3) != c.conflict || (defended == 1) != c.conflict {
				t.Errorf("%d conflicts, %d traced, defended %d times", got, traced, defended)
			}
			line := `msg="address claimed by another host" virtual_host=web address=2001:db8::100 mac=02:00:00:00:00:99 suppressed=0`
			if name == "a stranger" && strings.Count(log.String(), line) != 1 {
				t.Errorf("the log lacks %s:\n%s", line, &log)
			}
			wantStates(t, []*node{n}, carp.Master)
		})
	}
}

func TestReconfigureKeepsTheVirtualMAC(t *testing.T) {
	_, a, _ := pair(t, config(five), withVirtualMAC)
	cfg := a.cfg
	cfg.VirtualMAC = false
	var value *carp.ValueError
	if err := a.virtual.Reconfigure(cfg); !errors.As(err, &value) {
		t.Errorf("Reconfigure without it = %v", err)
	}
	a.reconfigure(t, func(c *carp.VirtualHostConfig) { c.AdvSkew, c.GroupIPv4 = 7, carp.GroupIPv4() }) // which is the default
	if got := a.virtual.Status().Rank.AdvSkew; got != 7 {
		t.Errorf("advskew %d", got)
	}
}
