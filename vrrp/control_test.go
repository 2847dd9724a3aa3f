// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// Maintenance is a planned hand-over, and lasts: whatever the link, the priority and
// the configuration do.
func TestMaintenance(t *testing.T) {
	sim, a, b := pair(t)
	if err := a.virtual.Maintenance(true); err != nil {
		t.Fatal(err)
	}
	for range 700 {
		sim.Run(time.Millisecond)
		if len(a.addrs.Held())+len(b.addrs.Held()) == 0 {
			t.Fatal("nobody has the address")
		}
	}
	wantStates(t, []*node{a, b}, vrrp.Initialize, vrrp.Active)
	if why := a.last(); why.Reason != vrrp.ReasonMaintenance || b.last().Reason != vrrp.ReasonGoodbye {
		t.Errorf("%v, %v", why, b.last())
	}
	if got := a.virtual.Status(); got.Barred != vrrp.ReasonMaintenance {
		t.Errorf("%+v", got)
	}
	cfg := vrrp.VirtualRouterConfig{Config: v3(priority(220)), Link: "eth0", Backend: a.addrs}
	for _, err := range []error{a.host.SetLink("eth0", false), a.virtual.SetPriority(210), a.virtual.Reconfigure(cfg)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	sim.Run(time.Second)
	if err := a.host.SetLink("eth0", true); err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Initialize, vrrp.Active)
	if err := a.virtual.Maintenance(false); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
}

// Maintenance before anything has begun keeps a router out from the start, and its end
// during the hand-over leaves no address behind.
func TestMaintenanceAtTheEdges(t *testing.T) {
	sim, a, b := pair(t)
	for _, on := range []bool{true, true, false, true, false, false} {
		if err := a.virtual.Maintenance(on); err != nil {
			t.Fatal(err)
		}
		sim.Run(10 * time.Millisecond)
	}
	sim.Run(900 * time.Millisecond)
	wantStates(t, []*node{a, b}, vrrp.Backup, vrrp.Active)
	sim.Run(4 * time.Second)
	wantStates(t, []*node{a, b}, vrrp.Active, vrrp.Backup)
	a.router.Stop()
	sim.Run(3 * time.Second)
	if err := a.virtual.Maintenance(true); !errors.Is(err, vrrp.ErrClosed) {
		t.Errorf("Maintenance after Stop = %v", err)
	}
}

// Errors name the virtual router, the value and what is allowed.
func TestControlErrors(t *testing.T) {
	_, a, _ := pair(t)
	for name, err := range map[string]error{
		"-1s": a.virtual.Resign(-time.Second), "-2s": a.virtual.Force(-2 * time.Second),
		"priority 0": a.virtual.SetPriority(0), "priority 255": a.virtual.SetPriority(255),
	} {
		var value *vrrp.ValueError
		if !errors.As(err, &value) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "eth0 IPv4 VRID 51") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
