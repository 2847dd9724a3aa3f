// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// Two hosts on a simulated LAN: the better one fails after an hour.
func ExampleHost() {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Millisecond}, time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
	passphrase, err := carp.NewKey("mekmitasdigoat")
	if err != nil {
		panic(err)
	}
	start := func(name, addr string, advSkew uint8) *netiftest.Host {
		machine := sim.Host(name, netiftest.Link{Name: "eth0", Addresses: []netip.Prefix{netip.MustParsePrefix(addr)}})
		host, err := carp.NewHost(carp.HostConfig{
			Network: machine.Network(),
			Now:     sim.Now,
			Trace: carp.Trace{Transition: func(_ *carp.VirtualHost, t carp.Transition) {
				fmt.Println(t.At.Format("15:04:05.000"), name, t)
			}},
		})
		if err != nil {
			panic(err)
		}
		_, err = host.Add(carp.VirtualHostConfig{
			Link:    "eth0",
			Key:     passphrase,
			Backend: &viptest.Memory{},
			Config: carp.Config{
				VHID:    1,
				AdvSkew: advSkew,
				Preempt: true,
				Addresses: []netip.Prefix{
					netip.MustParsePrefix("192.0.2.100/24"),
					netip.MustParsePrefix("2001:db8::100/64"),
				},
			},
		})
		if err != nil {
			panic(err)
		}
		sim.Drive(machine, host)
		return machine
	}
	a := start("a", "192.0.2.1/24", 0)
	start("b", "192.0.2.2/24", 100)
	sim.Run(time.Hour)
	sim.Crash(a)
	sim.Run(time.Hour)
	// Output:
	// 12:00:00.000 a Init -> Backup: startup
	// 12:00:00.000 b Init -> Backup: startup
	// 12:00:03.000 a Backup -> Master: master timed out
	// 13:00:03.391 b Backup -> Master: master timed out (peer 192.0.2.1, advbase 1 advskew 0)
}
