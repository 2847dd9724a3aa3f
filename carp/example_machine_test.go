// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// A machine is told what happens and says what is to be done.
func ExampleMachine() {
	machine, err := carp.NewMachine(carp.Config{VHID: 42, AdvSkew: 100, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/32")}})
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	show := func(actions []carp.Action) {
		for _, a := range actions {
			fmt.Printf("%v %T %v\n", now.Format("05.000"), a, a)
		}
	}
	show(machine.Startup(now, netip.MustParseAddr("192.0.2.1")))
	now, _ = machine.Deadline()
	show(machine.Expire(now))
	show(machine.Demote(now.Add(time.Second), "uplink", 100))
	// Output:
	// 00.000 carp.RemoveAddresses {[192.0.2.100/32]}
	// 00.000 carp.Transition Init -> Backup: startup
	// 03.390 carp.SendAdvertisement {0 1 100}
	// 03.390 carp.AddAddresses {[192.0.2.100/32]}
	// 03.390 carp.Announce {[192.0.2.100/32] 5}
	// 03.390 carp.Transition Backup -> Master: master timed out
	// 03.390 carp.SendAdvertisement {0 1 200}
}
