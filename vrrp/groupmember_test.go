// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// KA#2715: a virtual router that joins moves nobody, and belongs to the group from
// the moment it has won its own election.
func TestGroupJoinOfABackupMovesNobody(t *testing.T) {
	sim, a, b := duo(t, "4", "6")
	g := a.virtual["4"].Status().Group
	v := a.add(rigConfig("x", 200))
	if err := groupOf(t, a).Join(v); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	a.is("4 Active, 6 Active, x Backup")
	a.want("x Backup startup")
	if s := v.Status(); s.Group != g || !groupOf(t, a).Status().Members[2].Joining {
		t.Errorf("%+v", groupOf(t, a).Status())
	}
	sim.Run(5 * time.Second)
	a.is(allActive)
	if groupOf(t, a).Status().Members[2].Joining {
		t.Error("still joining")
	}
	a.link("eth1", false)
	sim.Run(5 * time.Second)
	a.is(allInitialize)
	b.is("4 Active, 6 Active")
}

// One whose link is down, or which loses its own election, moves nobody either.
func TestGroupJoinOfALoserMovesNobody(t *testing.T) {
	sim, a, b := duo(t, "4", "6")
	b.add(rigConfig("x", 250))
	sim.Run(5 * time.Second)
	if err := groupOf(t, a).Join(a.add(rigConfig("x", 200))); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	a.link("eth1", false)
	sim.Run(10 * time.Second)
	a.link("eth1", true)
	sim.Run(10 * time.Second)
	a.is("4 Active, 6 Active, x Backup")
	b.is("4 Backup, 6 Backup, x Active")
	a.want("x Backup startup", "x Initialize link down", "x Backup startup")
}

// An Active virtual router that joins a group that is Backup stays what it is.
func TestGroupJoinOfAnActiveMovesNobody(t *testing.T) {
	sim, a, b := duo(t, "4", "6")
	v := b.add(rigConfig("x", 250))
	sim.Run(5 * time.Second)
	if err := groupOf(t, b).Join(v); err != nil {
		t.Fatal(err)
	}
	sim.Run(20 * time.Second)
	b.is("4 Backup, 6 Backup, x Active")
	a.is("4 Active, 6 Active")
	if s := groupOf(t, b).Status(); s.State != vrrp.Backup || !s.Members[2].Joining {
		t.Errorf("%+v", s)
	}
}

// A member that leaves, or is removed, moves nobody, with whatever policy.
func TestGroupLeaveMovesNobody(t *testing.T) {
	for name, cfg := range map[string]vrrp.GroupConfig{
		"all": {}, "any": {Policy: vrrp.GroupAny}, "quorum": {Policy: vrrp.GroupQuorum, Quorum: 3},
	} {
		for how, leave := range map[string]func(*rig) error{
			"leave":  func(r *rig) error { return groupOf(t, r).Leave(r.virtual["4"]) },
			"remove": remove,
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				sim, a, _ := duo(t, "4", "6", "x")
				if err := groupOf(t, a).SetPolicy(cfg.Policy, cfg.Quorum); err != nil {
					t.Fatal(err)
				}
				if err := leave(a); err != nil {
					t.Fatal(err)
				}
				sim.Run(20 * time.Second)
				if n := len(groupOf(t, a).Status().Members); n != 2 {
					t.Errorf("%d members", n)
				}
				for _, v := range []string{"6", "x"} {
					if s := a.virtual[v].Status(); s.State != vrrp.Active || s.Stats.BecameActive != 1 {
						t.Errorf("%s: %+v", v, s)
					}
				}
			})
		}
	}
}

// remove begins the removal of a virtual router, and doesn't wait for its end.
func remove(r *rig) error {
	ctx, cancel := context.WithCancel(r.t.Context())
	cancel()
	if err := r.virtual["4"].Remove(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// One whose fault kept the rest out, and one that waited for the others, is on its own
// when it leaves.
func TestGroupLeaveEndsWhatTheGroupAskedFor(t *testing.T) {
	sim, a, b := duo(t, "4", "6", "x")
	a.link("eth1", false)
	sim.Run(5 * time.Second)
	a.is(allInitialize)
	if err := groupOf(t, a).Leave(a.virtual["x"]); err != nil {
		t.Fatal(err)
	}
	if err := groupOf(t, b).Leave(b.virtual["x"]); err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	a.is("4 Active, 6 Active, x Initialize")
	b.is("4 Backup, 6 Backup, x Active")
	groupOf(t, a).Close()
	if s := a.virtual["4"].Status(); s.Group != "" || s.State != vrrp.Active {
		t.Errorf("%+v", s)
	}
	a.link("eth0", false)
	a.link("eth1", true)
	sim.Run(10 * time.Second)
	a.is("4 Initialize, 6 Initialize, x Active")
}

// Policy any: those that can take part do, and one that comes back has to win its own
// election.
func TestGroupAny(t *testing.T) {
	sim, a, b := duo(t, "4", "6", "x")
	for _, r := range []*rig{a, b} {
		if err := groupOf(t, r).SetPolicy(vrrp.GroupAny, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.virtual["x"].Maintenance(true); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	a.is("4 Active, 6 Active, x Initialize")
	a.want("x Initialize maintenance")
	b.is(allBackup) // its claim of x waits for the others
	if err := a.virtual["x"].Maintenance(false); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	a.is(allActive)
	a.want("x Backup startup", "x Active no advertisement heard")
	a.link("eth0", false)
	a.link("eth1", false)
	sim.Run(5 * time.Second)
	a.is(allInitialize)
	b.is(allActive)
}

// Policy quorum: two of three are enough, and one is not.
func TestGroupQuorum(t *testing.T) {
	sim, a, b := duo(t, "4", "6", "x")
	if err := groupOf(t, a).SetPolicy(vrrp.GroupQuorum, 2); err != nil {
		t.Fatal(err)
	}
	a.link("eth1", false)
	sim.Run(time.Second)
	a.is("4 Active, 6 Active, x Initialize")
	if err := a.virtual["6"].Maintenance(true); err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	a.is(allInitialize)
	a.want("x Initialize link down", "6 Initialize maintenance", "4 Initialize moved with its group by 6", "g Initialize")
	b.is(allActive)
	a.link("eth1", true)
	sim.Run(10 * time.Second)
	a.is("4 Active, 6 Initialize, x Active")
	b.is(allBackup)
}
