// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// TestHeardAt: the time of the last advertisement that was accepted stays when its sender is silent.
func TestHeardAt(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	sim := netiftest.NewSimulation(netiftest.Config{}, start)
	a, b := newRig(t, sim.LAN, 1, 200, "4"), newRig(t, sim.LAN, 2, 100, "4")
	heard := func(r *rig) time.Time { return r.virtual["4"].Status().HeardAt }
	if !heard(a).IsZero() || !heard(b).IsZero() {
		t.Error("heard before the start")
	}
	sim.Drive(a.host, a.router)
	sim.Drive(b.host, b.router)
	sim.Run(10500 * time.Millisecond)
	last := heard(b)
	if since := sim.Now().Sub(last); since < 0 || since > time.Second || !heard(a).IsZero() {
		t.Errorf("heard %v ago, and the Active Router at %v", since, heard(a))
	}
	sim.Crash(a.host)
	sim.Run(10 * time.Second)
	if sim.Now().Sub(heard(b)) < 9*time.Second {
		t.Errorf("heard at %v from a router that crashed at %v", heard(b), start.Add(10500*time.Millisecond))
	}
}

// TestFamily is known of a virtual router without a link.
func TestFamily(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, time.Unix(1, 0))
	r := newRig(t, sim.LAN, 1, 200, "4", "6")
	if err := r.host.SetLink("eth0", false); err != nil {
		t.Fatal(err)
	}
	sim.Drive(r.host, r.router)
	sim.Run(time.Second)
	for name, want := range map[string]bool{"4": false, "6": true} {
		if s := r.virtual[name].Status(); s.IPv6 != want || s.Source.IsValid() {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
