// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// Maintenance is a planned hand-over, and lasts whatever the link does, also where
// nobody preempts.
func TestMaintenance(t *testing.T) {
	sim, a, b := pair(t, config())
	if err := a.virtual.Maintenance(true); err != nil {
		t.Fatal(err)
	}
	for range 700 {
		sim.Run(time.Millisecond)
		if len(a.addrs.Held())+len(b.addrs.Held()) == 0 {
			t.Fatal("nobody has the address")
		}
	}
	wantStates(t, []*node{a, b}, carp.Init, carp.Master)
	if why := a.last(); why.Reason != carp.ReasonMaintenance || a.virtual.Status().Barred != carp.ReasonMaintenance {
		t.Errorf("%v", why)
	}
	for _, up := range []bool{false, true} {
		if err := a.host.SetLink("eth0", up); err != nil {
			t.Fatal(err)
		}
		sim.Run(5 * time.Second)
	}
	wantStates(t, []*node{a, b}, carp.Init, carp.Master)
	if err := a.virtual.Maintenance(false); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, carp.Backup, carp.Master)
}

// advskew decides who is Master, as configured, where hosts preempt.
func TestSetAdvSkew(t *testing.T) {
	sim, a, b := pair(t, config(preempt))
	if err := a.virtual.SetAdvSkew(200); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, carp.Backup, carp.Master)
	if got := a.virtual.Status().Rank.AdvSkew; got != 200 {
		t.Errorf("advskew %d", got)
	}
	a.reconfigure(t)
	sim.Run(5 * time.Second)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	for name, err := range map[string]error{"255": a.virtual.SetAdvSkew(255), "-1s": a.virtual.Resign(-time.Second), "-2s": a.virtual.Force(-2 * time.Second)} {
		var value *carp.ValueError
		if !errors.As(err, &value) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "eth0 VHID 42") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
