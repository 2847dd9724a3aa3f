// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// An advertisement that is lost is a gap of two intervals on the Backup. The Master's are on time.
func TestMargin(t *testing.T) {
	sim, a, b := pair(t, carp.Config{VHID: 7, AdvBase: 1, Addresses: prefixes("192.0.2.100/24")})
	sim.Run(10 * time.Second)
	before := b.virtual.Status()
	if m := before.Margin; m.Heard[0] == 0 || m.LongestGap != time.Second || m.Lowest != before.DownInterval-time.Second {
		t.Errorf("undisturbed: %+v", m)
	}
	sim.Partition([]*netiftest.Host{a.host}, []*netiftest.Host{b.host})
	sim.Run(time.Second)
	sim.Partition()
	sim.Run(10 * time.Second)
	m := b.virtual.Status().Margin
	if m.LongestGap != 2*time.Second || m.Heard[6] != 1 || m.Lowest >= before.Margin.Lowest {
		t.Errorf("%+v", m)
	}
	if m := a.virtual.Status().Margin; m.Sent[0] == 0 || m.Latest != 0 {
		t.Errorf("Master: %+v", m)
	}
}
