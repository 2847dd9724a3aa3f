// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// bare hides what a network can do beyond Network.
type bare struct{ vrrp.Network }

// TestHopLimit sends to peers with the hop limit that is asked for, with a header of authentication too, and to the group and where
// the network can do no other with 255.
func TestHopLimit(t *testing.T) {
	limited := func(c *vrrp.VirtualRouterConfig) { unicast(c); c.HopLimit = 64 }
	for name, c := range map[string]struct {
		change  []func(*vrrp.VirtualRouterConfig)
		bare    bool
		version vrrp.Version
		want    map[bool]uint8 // by whether it is to the group
	}{
		"limited":         {[]func(*vrrp.VirtualRouterConfig){limited}, false, vrrp.V3, map[bool]uint8{false: 64}},
		"unlimited":       {[]func(*vrrp.VirtualRouterConfig){unicast}, false, vrrp.V3, map[bool]uint8{false: 255}},
		"with group":      {[]func(*vrrp.VirtualRouterConfig){limited, func(c *vrrp.VirtualRouterConfig) { c.WithGroup = true }}, false, vrrp.V3, map[bool]uint8{false: 64, true: 255}},
		"with header":     {[]func(*vrrp.VirtualRouterConfig){limited, withAH(t)}, false, vrrp.V2, map[bool]uint8{false: 64}},
		"another network": {[]func(*vrrp.VirtualRouterConfig){limited}, true, vrrp.V3, map[bool]uint8{false: 255}},
	} {
		sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
		host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
		var network vrrp.Network = host.Network()
		if c.bare {
			network = bare{network}
		}
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Now: sim.Now})
		if err != nil {
			t.Fatal(err)
		}
		cfg := vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"}
		cfg.Version = c.version
		for _, f := range c.change {
			f(&cfg)
		}
		if _, err := router.Add(cfg); err != nil {
			t.Fatal(name, err)
		}
		got := map[bool]uint8{}
		sim.Tap(func(p netiftest.Packet) {
			limit := p.HopLimit
			if p.AH {
				limit = p.Payload[8]
			}
			if before, ok := got[p.Dst.IsMulticast()]; ok && before != limit {
				t.Errorf("%s: %d after %d", name, limit, before)
			}
			got[p.Dst.IsMulticast()] = limit
		})
		sim.Drive(host, router)
		sim.Run(10 * time.Second)
		router.Stop()
		sim.Run(time.Second)
		if len(got) != len(c.want) || got[false] != c.want[false] || got[true] != c.want[true] {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
