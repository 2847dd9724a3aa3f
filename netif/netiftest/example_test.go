// SPDX-License-Identifier: Apache-2.0

package netiftest_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Two routers on a LAN that runs in real time. The first one leaves, and the second takes its place.
func ExampleLAN() {
	lan := netiftest.New(netiftest.Config{})
	start := func(addr string, priority uint8) (active <-chan struct{}, stop func()) {
		host := lan.Host(addr, netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix(addr)}})
		became := make(chan struct{}, 1)
		router, err := vrrp.NewRouter(vrrp.RouterConfig{
			Network: host.Network(),
			Trace: vrrp.Trace{Transition: func(_ *vrrp.VirtualRouter, t vrrp.Transition) {
				if t.To == vrrp.Active {
					select {
					case became <- struct{}{}:
					default:
					}
				}
			}},
		})
		if err != nil {
			panic(err)
		}
		if _, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Config: vrrp.Config{
			VRID:      7,
			Priority:  priority,
			Interval:  50 * time.Millisecond,
			Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")},
		}}); err != nil {
			panic(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- router.Run(ctx) }()
		return became, func() { cancel(); fmt.Println("stopped:", <-ended) }
	}
	first, stopFirst := start("192.0.2.1/24", 200)
	<-first
	fmt.Println("192.0.2.1 is Active")

	second, stopSecond := start("192.0.2.2/24", 100)
	stopFirst()
	<-second
	fmt.Println("192.0.2.2 is Active")
	stopSecond()
	// Output:
	// 192.0.2.1 is Active
	// stopped: <nil>
	// 192.0.2.2 is Active
	// stopped: <nil>
}

// A day of two routers, in no time. At noon the better one dies.
func ExampleSimulation() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	sim := netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, start)
	vip := netip.MustParsePrefix("192.0.2.100/24")

	run := func(host *netiftest.Host, priority uint8) {
		router, err := vrrp.NewRouter(vrrp.RouterConfig{
			Network: host.Network(),
			Now:     sim.Now,
			Trace: vrrp.Trace{Transition: func(_ *vrrp.VirtualRouter, t vrrp.Transition) {
				fmt.Printf("%s %v: %v\n", t.At.Format(time.TimeOnly), host, t)
			}},
		})
		if err != nil {
			panic(err)
		}
		if _, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Config: vrrp.Config{
			VRID: 7, Priority: priority, Addresses: []netip.Prefix{vip}}}); err != nil {
			panic(err)
		}
		sim.Drive(host, router)
	}
	a := sim.Host("a", netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}})
	b := sim.Host("b", netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.2/24")}})
	run(a, 200)
	run(b, 100)
	sim.After(12*time.Hour, func() { sim.Crash(a) })
	sim.Run(24 * time.Hour)
	fmt.Println("neighbours send to", sim.Owner(vip.Addr()))
	// Output:
	// 00:00:00 a: Initialize -> Backup: startup
	// 00:00:00 b: Initialize -> Backup: startup
	// 00:00:03 a: Backup -> Active: no advertisement heard
	// 12:00:02 b: Backup -> Active: no advertisement heard (peer 192.0.2.1, priority 200)
	// neighbours send to b
}
