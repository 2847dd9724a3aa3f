// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

func ExampleAdvertisement_Append() {
	adv := vrrp.Advertisement{
		Version:   vrrp.V3,
		VRID:      51,
		Priority:  100,
		Interval:  time.Second,
		Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.100")},
	}
	message, err := adv.Append(nil, netip.MustParseAddr("198.51.100.10"), vrrp.GroupIPv4(), vrrp.ChecksumMessage)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%x\n", message)
	// Output: 313364010064a802c0000264
}

func ExampleAdvertisement_Parse() {
	message := []byte("\x31\x33\x64\x01\x00\x64\x9d\x35\xc0\x00\x02\x64")
	header := vrrp.IPHeader{Src: netip.MustParseAddr("198.51.100.10"), Dst: vrrp.GroupIPv4(), HopLimit: 255}

	var adv vrrp.Advertisement
	form, err := adv.Parse(message, header)
	fmt.Println(adv.VRID, adv.Priority, adv.Interval, adv.Addresses, form, err)

	header.HopLimit = 64
	_, err = adv.Parse(message, header)
	fmt.Println(err, errors.Is(err, vrrp.FaultHopLimit))
	// Output:
	// 51 100 1s [192.0.2.100] pseudo-header <nil>
	// vrrp: wrong hop limit: 64, want 255 true
}

// A machine is told what happens and says what is to be done.
func ExampleMachine() {
	machine, err := vrrp.NewMachine(vrrp.Config{VRID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/32")}})
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	show := func(actions []vrrp.Action) {
		for _, a := range actions {
			fmt.Printf("%v %T %v\n", now.Format("05.000"), a, a)
		}
	}
	show(machine.Startup(now, netip.MustParseAddr("192.0.2.1")))
	now, _ = machine.Deadline()
	show(machine.Expire(now))
	// Output:
	// 00.000 vrrp.RemoveAddresses {[192.0.2.100/32]}
	// 00.000 vrrp.Transition Initialize -> Backup: startup
	// 03.609 vrrp.SendAdvertisement 100
	// 03.609 vrrp.AddAddresses {[192.0.2.100/32]}
	// 03.609 vrrp.Announce {[192.0.2.100/32] 5}
	// 03.609 vrrp.Transition Backup -> Active: no advertisement heard
}

// Two routers on a simulated LAN: the better one fails after an hour.
func ExampleRouter() {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Millisecond}, time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
	start := func(name, addr string, priority uint8) *netiftest.Host {
		host := sim.Host(name, netiftest.Link{Name: "eth0", Addresses: []netip.Prefix{netip.MustParsePrefix(addr)}})
		router, err := vrrp.NewRouter(vrrp.RouterConfig{
			Network: host.Network(),
			Now:     sim.Now,
			Trace: vrrp.Trace{Transition: func(_ *vrrp.VirtualRouter, t vrrp.Transition) {
				fmt.Println(t.At.Format("15:04:05.000"), name, t)
			}},
		})
		if err != nil {
			panic(err)
		}
		_, err = router.Add(vrrp.VirtualRouterConfig{
			Link:    "eth0",
			Backend: &viptest.Memory{},
			Config: vrrp.Config{
				VRID:      51,
				Priority:  priority,
				Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/32")},
			},
		})
		if err != nil {
			panic(err)
		}
		sim.Drive(host, router)
		return host
	}
	a := start("a", "192.0.2.1/24", 200)
	start("b", "192.0.2.2/24", 100)
	sim.Run(time.Hour)
	sim.Crash(a)
	sim.Run(time.Hour)
	// Output:
	// 12:00:00.000 a Initialize -> Backup: startup
	// 12:00:00.000 b Initialize -> Backup: startup
	// 12:00:03.218 a Backup -> Active: no advertisement heard
	// 13:00:02.829 b Backup -> Active: no advertisement heard (peer 192.0.2.1, priority 200)
}
