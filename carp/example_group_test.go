// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"net/netip"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/check"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
)

// A host between two links whose virtual hosts move as one, and are demoted while the uplink is down.
func ExampleHost_NewGroup() {
	uplink, err := track.New(track.Config{Name: "uplink", Check: check.Link("ppp0"), Fall: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := carp.NewKey("mekmitasdigoat")
	if err != nil {
		fmt.Println(err)
		return
	}
	machine := netiftest.New(netiftest.Config{}).Host("a", netiftest.Link{Name: "inside"}, netiftest.Link{Name: "outside"})
	host, err := carp.NewHost(carp.HostConfig{Network: machine.Network()})
	if err != nil {
		fmt.Println(err)
		return
	}
	var members []*carp.VirtualHost
	for i, link := range []string{"inside", "outside"} {
		v, err := host.Add(carp.VirtualHostConfig{
			Link: link,
			Key:  key,
			Config: carp.Config{VHID: uint8(1 + i), Preempt: true, Addresses: []netip.Prefix{
				netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(100 + i)}), 32),
			}},
			Trackers: []track.Track{{Tracker: uplink, Action: track.Action{Weight: -100}}},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		members = append(members, v)
	}
	group, err := host.NewGroup(carp.GroupConfig{Name: "gateway"}, members...)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range group.Status().Members {
		fmt.Println(m.Name, m.State)
	}
	// Output:
	// inside VHID 1 Init
	// outside VHID 2 Init
}
