// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// marginPair is an Active Router and a Backup, of priorities 200 and 100 and with an interval of 1 s.
func marginPair(t *testing.T) (*netiftest.Simulation, *node, *node) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	interval := func(c *vrrp.Config) { c.Interval = time.Second }
	a := newNode(t, sim.LAN, "192.0.2.2/24", v3(interval, func(c *vrrp.Config) { c.Priority = 200 }))
	b := newNode(t, sim.LAN, "192.0.2.3/24", v3(interval, func(c *vrrp.Config) { c.Priority = 100 }))
	sim.Drive(a.host, a.router)
	sim.Drive(b.host, b.router)
	sim.Run(10*time.Second + time.Second/2)
	if a.state() != vrrp.Active || b.state() != vrrp.Backup {
		t.Fatalf("states %v and %v", a.state(), b.state())
	}
	return sim, a, b
}

// An advertisement that is lost is a gap of two intervals, and a margin that is one interval lower.
func TestMarginOfABackup(t *testing.T) {
	sim, a, b := marginPair(t)
	before := b.virtual.Status()
	if m := before.Margin; m.Heard[0] == 0 || m.LongestGap != time.Second || m.Lowest != before.DownInterval-time.Second {
		t.Errorf("undisturbed: %+v", m)
	}
	sim.Partition([]*netiftest.Host{a.host}, []*netiftest.Host{b.host})
	sim.Run(time.Second)
	sim.Partition()
	sim.Run(10 * time.Second)
	m := b.virtual.Status().Margin
	if m.LongestGap != 2*time.Second || m.Lowest != before.DownInterval-2*time.Second || !m.LowestAt.After(before.Margin.LowestAt) {
		t.Errorf("longest gap %v, lowest margin %v at %v", m.LongestGap, m.Lowest, m.LowestAt)
	}
	want := vrrp.Lateness{0: before.Margin.Heard[0] + 9, 6: 1}
	if diff := cmp.Diff(want, m.Heard); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if m.Sent != (vrrp.Lateness{}) {
		t.Errorf("a Backup sent %v", m.Sent)
	}
}

// A loop that stands still sends late.
func TestMarginOfAnActiveRouter(t *testing.T) {
	sim, a, _ := marginPair(t)
	before := a.virtual.Status().Margin
	if before.Sent[0] == 0 || before.Latest != 0 {
		t.Errorf("undisturbed: %+v", before)
	}
	sim.Freeze(a.host, 1700*time.Millisecond)
	sim.Run(5 * time.Second)
	m := a.virtual.Status().Margin
	late := uint64(0)
	for _, n := range m.Sent[1:] {
		late += n
	}
	if late != 1 || m.Latest == 0 || m.Latest > 2*time.Second {
		t.Errorf("%+v", m)
	}
}

func TestLatenessBounds(t *testing.T) {
	if bounds := vrrp.LatenessBounds(); len(bounds[:])+1 != len(vrrp.Lateness{}) {
		t.Errorf("bounds %v", bounds)
	}
}
