// SPDX-License-Identifier: Apache-2.0

package drivers

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/vmtest"
)

// TestGuest runs the tests of this package in a virtual machine.
func TestGuest(t *testing.T) {
	vmtest.Run(t, vmtest.Config{
		Modules:  []string{"dummy", "8021q", "bonding", "vrf", "sch_netem"},
		Tests:    []string{"TestDummy", "TestVLAN", "TestBond", "TestVRF", "TestNetem"},
		Parallel: 3, // nearly all of their time is the protocols'
		Programs: []string{"github.com/go-fhrp/fhrp/examples/vrrpd", "github.com/go-fhrp/fhrp/examples/carpd"},
	})
}
