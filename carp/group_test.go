// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
)

// carp(4), net.inet.carp.ifdown_demotion_factor: a link that is down demotes all, so that
// a peer that preempts takes them over, at the same time, and without a gap in those
// whose link is up.
func TestGroupFaultDemotesAll(t *testing.T) {
	sim, first, second := duo(t, carp.GroupConfig{})
	first.link("eth1", false)
	sim.Run(time.Second)
	first.is("a Master, b Init")
	if got := first.virtual["a"].Status(); got.Rank.AdvSkew != 240 || !cmp.Equal(got.Demotions, []carp.Demotion{{Reason: "group g: b", Weight: 240}}) {
		t.Errorf("%+v", got)
	}
	for range 5000 {
		sim.Run(time.Millisecond)
		if len(first.addrs["a"].Held())+len(second.addrs["a"].Held()) == 0 {
			t.Fatal("nobody has the addresses of a")
		}
	}
	first.is("a Backup, b Init")
	second.is("a Master, b Master")
	second.want("a Master preempting a slower master", "b Master master timed out", "g Master")
	first.link("eth1", true)
	sim.Run(10 * time.Second)
	first.is("a Master, b Master")
	second.is("a Backup, b Backup")
	if got := first.virtual["a"].Status(); got.Demotion != 0 {
		t.Errorf("%+v", got.Demotions)
	}
}

// Where nobody preempts the members leave.
func TestGroupThatLeaves(t *testing.T) {
	sim, first, second := duo(t, carp.GroupConfig{Leave: true})
	first.link("eth1", false)
	sim.Run(10 * time.Second)
	first.is("a Init, b Init")
	first.want("b Init link down", "a Init moved with its group by b", "g Init")
	second.is("a Master, b Master")
	first.link("eth1", true)
	sim.Run(10 * time.Second)
	first.is("a Backup, b Backup")
	if err := second.virtual["a"].Resign(0); err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	first.is("a Master, b Master")
	second.is("a Backup, b Backup")
	second.want("a Master master bowed out", "b Master master timed out", "g Master", "a Backup resigned", "b Backup moved with its group by a", "g Backup")
}

// A host that becomes Master of one is that of all, when it is forced; and not of any when
// another is better in one.
func TestGroupMovesAsOne(t *testing.T) {
	sim, first, second := duo(t, carp.GroupConfig{})
	if err := second.virtual["b"].Force(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	sim.Run(2 * time.Second)
	second.is("a Master, b Master")
	first.is("a Backup, b Backup")
	sim.Run(15 * time.Second)
	first.is("a Master, b Master")
	second.is("a Backup, b Backup")
	if err := first.virtual["a"].Maintenance(true); err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	first.is("a Init, b Backup")
	second.is("a Master, b Master")
	if got := first.group.Status(); got.State != carp.Backup || got.Members[0].Able || !got.Members[1].Able {
		t.Errorf("%+v", got)
	}
	if got := first.virtual["a"].Status(); got.Barred != carp.ReasonMaintenance || got.Last.Reason != carp.ReasonMaintenance || got.Group != "g" {
		t.Errorf("%+v", got)
	}
}

// Who leaves is on its own, and the rest stays what it is.
func TestGroupLeave(t *testing.T) {
	sim, first, second := duo(t, carp.GroupConfig{})
	first.link("eth1", false)
	sim.Run(10 * time.Second)
	second.log = nil
	for _, r := range []*rig{first, second} {
		if err := r.group.Leave(r.virtual["b"]); err != nil {
			t.Fatal(err)
		}
	}
	sim.Run(10 * time.Second)
	first.is("a Master, b Init")
	second.is("a Backup, b Master")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := second.virtual["a"].Remove(ctx); !errors.Is(err, context.Canceled) && err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	if n := len(second.group.Status().Members); n != 0 {
		t.Errorf("%d members", n)
	}
	first.group.Close()
	if got := first.virtual["a"].Status(); got.Group != "" || got.State != carp.Master {
		t.Errorf("%+v", got)
	}
}

// What can't be a member, and how a group can't be.
func TestGroupRefuses(t *testing.T) {
	_, first, second := duo(t, carp.GroupConfig{})
	var value *carp.ValueError
	cfg := rigConfig("a", 0)
	cfg.Preempt = false
	for name, err := range map[string]error{
		"in a group":        first.group.Join(first.virtual["a"]),
		"of another host":   first.group.Join(second.virtual["a"]),
		"not a member":      first.group.Leave(second.virtual["a"]),
		"no name":           carp.GroupConfig{}.Validate(),
		"no quorum":         carp.GroupConfig{Name: "h", Policy: carp.GroupQuorum}.Validate(),
		"negative weight":   carp.GroupConfig{Name: "h", Demotion: -1}.Validate(),
		"without preempt":   first.virtual["a"].Reconfigure(cfg),
		"time to resign":    first.virtual["a"].Resign(-1),
		"time to be forced": first.virtual["a"].Force(-1),
	} {
		if !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
