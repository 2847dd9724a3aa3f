// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

const (
	allActive     = "4 Active, 6 Active, x Active"
	allBackup     = "4 Backup, 6 Backup, x Backup"
	allInitialize = "4 Initialize, 6 Initialize, x Initialize"
)

// The members become Active in the same turn.
func TestGroupBecomesActiveAsOne(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	a := newRig(t, sim.LAN, 1, 100, "4", "6")
	last := rigConfig("x", 100)
	last.StartupHold = 20 * time.Second
	a.add(last)
	g := a.group(vrrp.GroupConfig{}, "4", "6", "x")
	sim.Drive(a.host, a.router)
	sim.Run(19 * time.Second)
	a.is(allBackup)
	want := []vrrp.GroupMember{{Name: "4", State: vrrp.Backup, Able: true, Waiting: true}, {Name: "6", State: vrrp.Backup, Able: true, Waiting: true}, {Name: "x", State: vrrp.Backup, Able: true}}
	for i, m := range g.Status().Members {
		if m != want[i] {
			t.Errorf("%+v, want %+v", m, want[i])
		}
	}
	a.took()
	sim.Run(2 * time.Second)
	a.is(allActive)
	a.want("4 Active no advertisement heard", "6 Active no advertisement heard", "x Active no advertisement heard", "g Active")
	if s := g.Status(); s.State != vrrp.Active || s.Name != "g" || s.Policy != vrrp.GroupAll {
		t.Errorf("%+v", s)
	}
}

// keepalived, vrrp_sync_fault: a link that is down takes all members out.
func TestGroupFaultOfOneIsThatOfAll(t *testing.T) {
	sim, a, b := duo(t, "4", "6", "x")
	a.is(allActive)
	b.is(allBackup)
	a.link("eth1", false)
	sim.Run(10 * time.Second)
	a.is(allInitialize)
	a.want("x Initialize link down", "4 Initialize moved with its group by x", "6 Initialize moved with its group by x", "g Initialize")
	b.is(allActive)
	if o := owner(sim, "192.0.2.100"); o != b.host {
		t.Errorf("neighbours send to %v", o)
	}
	b.took()
	a.link("eth1", true)
	sim.Run(10 * time.Second)
	a.is(allActive)
	b.is(allBackup)
}

// keepalived, vrrp_sync_backup and vrrp_sync_master: one that yields takes the others
// with it, whoever it yields to.
func TestGroupYieldsAsOne(t *testing.T) {
	sim, a, b := duo(t, "4", "6")
	c := newRig(t, sim.LAN, 3, 250, "4")
	sim.Drive(c.host, c.router)
	sim.Run(5 * time.Second)
	a.is("4 Backup, 6 Backup")
	a.want("4 Backup peer has higher priority", "6 Backup moved with its group by 4", "g Backup")
	sim.Run(20 * time.Second) // nobody has both
	a.is("4 Backup, 6 Backup")
	b.is("4 Backup, 6 Backup")
	a.took()
	sim.Crash(c.host)
	sim.Run(5 * time.Second)
	a.is("4 Active, 6 Active")
	b.is("4 Backup, 6 Backup")
}

// Resign of one is that of all, and none of them comes back before the time.
func TestGroupResignsAsOne(t *testing.T) {
	sim, a, b := duo(t, "4", "6", "x")
	if err := a.virtual["6"].Resign(30 * time.Second); err != nil {
		t.Fatal(err)
	}
	sim.Run(25 * time.Second)
	a.is(allBackup)
	a.want("6 Backup resigned", "4 Backup moved with its group by 6", "x Backup moved with its group by 6", "g Backup")
	b.is(allActive)
	sim.Run(10 * time.Second)
	a.is(allActive)
}

// While a group moves there is always somebody who has each address.
func TestGroupHandsOverWithoutAGap(t *testing.T) {
	for name, leave := range map[string]func(*rig) error{
		"resign":      func(r *rig) error { return r.virtual["4"].Resign(time.Hour) },
		"maintenance": func(r *rig) error { return r.virtual["x"].Maintenance(true) },
	} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := duo(t, "4", "6", "x")
			if err := leave(a); err != nil {
				t.Fatal(err)
			}
			for range 2000 {
				sim.Run(time.Millisecond)
				for v := range a.virtual {
					if len(a.addrs[v].Held())+len(b.addrs[v].Held()) == 0 {
						t.Fatalf("nobody has the address of %s", v)
					}
				}
			}
			b.is(allActive)
		})
	}
}

// A forced member takes the others with it, until the time is over.
func TestGroupIsForcedAsOne(t *testing.T) {
	sim, a, b := duo(t, "4", "6")
	if err := b.virtual["6"].Force(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	b.is("4 Active, 6 Active")
	a.is("4 Backup, 6 Backup")
	sim.Run(20 * time.Second)
	b.is("4 Backup, 6 Backup")
	a.is("4 Active, 6 Active")
}

// Address owners wait for each other too.
func TestGroupOfOwners(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	a := newRig(t, sim.LAN, 1, 255)
	for _, name := range []string{"4", "x"} {
		cfg := rigConfig(name, 255)
		cfg.OwnerAdds = true
		a.add(cfg)
	}
	a.group(vrrp.GroupConfig{}, "4", "x")
	a.link("eth1", false)
	sim.Drive(a.host, a.router)
	sim.Run(5 * time.Second)
	a.is("4 Initialize, x Initialize")
	a.want()
	a.link("eth1", true)
	sim.Run(10 * time.Millisecond)
	a.is("4 Active, x Active")
	a.want("4 Backup startup", "x Backup startup", "4 Active address owner", "x Active address owner", "g Active")
}

// A host that slept leaves without a word on all members.
func TestGroupThatSlept(t *testing.T) {
	sim, a, b := duo(t, "4", "6", "x")
	sim.Freeze(a.host, 10*time.Second)
	before := a.virtual["x"].Status().Stats.GoodbyesSent
	sim.Run(10100 * time.Millisecond)
	b.is(allActive)
	a.is(allBackup)
	if n := a.virtual["x"].Status().Stats.GoodbyesSent; n != before {
		t.Errorf("%d goodbyes", n-before)
	}
}

// A member is in one group, of its own router.
func TestGroupRefuses(t *testing.T) {
	_, a, b := duo(t, "4", "6")
	var value *vrrp.ValueError
	for name, err := range map[string]error{
		"in a group":        errOf(a.router.NewGroup(vrrp.GroupConfig{Name: "h"}, a.virtual["4"])),
		"of another router": errOf(a.router.NewGroup(vrrp.GroupConfig{Name: "h"}, b.virtual["4"])),
		"no name":           errOf(a.router.NewGroup(vrrp.GroupConfig{})),
		"no quorum":         vrrp.GroupConfig{Name: "h", Policy: vrrp.GroupQuorum}.Validate(),
		"quorum of all":     vrrp.GroupConfig{Name: "h", Quorum: 1}.Validate(),
		"negative quorum":   vrrp.GroupConfig{Name: "h", Policy: vrrp.GroupQuorum, Quorum: -1}.Validate(),
		"unknown policy":    vrrp.GroupConfig{Name: "h", Policy: 9}.Validate(),
	} {
		if !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func errOf(_ *vrrp.Group, err error) error { return err }
