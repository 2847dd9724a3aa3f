// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/check"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vrrp"
)

// A router with a virtual router in each family, which move as one, and which leave the
// election while the uplink is down or a program fails.
func ExampleRouter_NewGroup() {
	uplink, err := track.New(track.Config{Name: "uplink", Check: check.Link("eth1"), Fall: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	health, err := track.New(track.Config{Name: "health", Interval: 5 * time.Second, Timeout: 2 * time.Second,
		Check: check.Command(check.CommandConfig{Argv: []string{"/usr/local/bin/healthy"}})})
	if err != nil {
		fmt.Println(err)
		return
	}

	host := netiftest.New(netiftest.Config{}).Host("a", netiftest.Link{})
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network()})
	if err != nil {
		fmt.Println(err)
		return
	}
	var members []*vrrp.VirtualRouter
	for _, address := range []string{"192.0.2.100/32", "fe80::100/128"} {
		v, err := router.Add(vrrp.VirtualRouterConfig{
			Link:   "eth0",
			Config: vrrp.Config{VRID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix(address)}},
			Trackers: []track.Track{
				{Tracker: uplink, Action: track.Action{Fault: true}},
				{Tracker: health, Action: track.Action{Weight: -50}},
			},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		members = append(members, v)
	}
	group, err := router.NewGroup(vrrp.GroupConfig{Name: "dual stack"}, members...)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range group.Status().Members {
		fmt.Println(m.Name, m.State)
	}
	// Output:
	// eth0 IPv4 VRID 51 Initialize
	// eth0 IPv6 VRID 51 Initialize
}
