// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// selective is a network that notes which identifiers are wanted.
type selective struct {
	*netiftest.Network
	wanted map[int][]int
}

func (s *selective) Select(port int, wanted *[256]bool) {
	s.wanted[port] = nil
	for id, ok := range wanted {
		if ok {
			s.wanted[port] = append(s.wanted[port], id)
		}
	}
}

// A network that can select is told which virtual hosts there are in each family, if that is asked for.
func TestSelect(t *testing.T) {
	for asked, want := range map[bool]map[int][]int{false: {}, true: {0: {1, 200}, 1: {1, 200}}} {
		sim := newSimulation()
		host := sim.Host("a", linkOf(1, "eth0", ""))
		network := &selective{Network: host.Network(), wanted: map[int][]int{}}
		c, err := carp.NewHost(carp.HostConfig{Network: network, Now: sim.Now, Select: asked})
		if err != nil {
			t.Fatal(err)
		}
		for _, vhid := range []uint8{1, 200} {
			service := prefixes("192.0.2.101/24", "2001:db8::101/64")
			if vhid == 200 {
				service = prefixes("192.0.2.102/24", "2001:db8::102/64")
			}
			machine := carp.Config{VHID: vhid, Addresses: service}
			if _, err := c.Add(carp.VirtualHostConfig{Link: "eth0", Config: machine}); err != nil {
				t.Fatal(err)
			}
		}
		sim.Drive(host, c)
		sim.Run(time.Second)
		if diff := cmp.Diff(want, network.wanted); diff != "" {
			t.Errorf("asked %v: wanted by port (-want +got):\n%s", asked, diff)
		}
	}
}
