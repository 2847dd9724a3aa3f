// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// redirected is a network on which all packets are to a group: a port of netif has the
// groups of all its virtual routers.
type redirected struct {
	*netiftest.Network
	to netip.Addr
}

func (n redirected) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	n.Network.Receive(func(port int, src, _ netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
		f(port, src, n.to, hopLimit, at, payload)
	})
}

// What is sent to the group of another virtual router on the port is not heard.
func TestAnotherGroup(t *testing.T) {
	for to, want := range map[string]vrrp.State{"224.0.0.18": vrrp.Backup, "239.1.2.3": vrrp.Active} {
		sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
		a := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200)))
		host := sim.Host("b", netiftest.Link{Addresses: prefixes("192.0.2.2/24")})
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: redirected{host.Network(), netip.MustParseAddr(to)}, Now: sim.Now})
		if err != nil {
			t.Fatal(err)
		}
		v, err := router.Add(vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"})
		if err != nil {
			t.Fatal(err)
		}
		sim.Drive(a.host, a.router)
		sim.Drive(host, router)
		sim.Run(10 * time.Second)
		if s := router.Stats(); v.Status().State != want || (s.VRIDErrors > 0) != (want == vrrp.Active) {
			t.Errorf("to %s: %v, %+v", to, v.Status().State, s)
		}
	}
}
