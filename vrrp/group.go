// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/group"
)

// GroupPolicy says how many of its members must be able to take part for a [Group]
// to: a member isn't while its link can't be used, a condition is a fault, or it is
// in maintenance.
type GroupPolicy uint8

// The policies.
const (
	GroupAll    = GroupPolicy(group.All)    // each of them: keepalived's vrrp_sync_group
	GroupAny    = GroupPolicy(group.Any)    // one
	GroupQuorum = GroupPolicy(group.Quorum) // a number of them
)

// String returns "all", "any" or "quorum".
func (p GroupPolicy) String() string { return group.Policy(p).String() }

// GroupConfig says how the members of a [Group] move.
type GroupConfig struct {
	Name   string      // required
	Policy GroupPolicy // default GroupAll
	Quorum int         // how many members must be able to take part, of GroupQuorum
}

// Validate reports what is wrong with the configuration as a [*ValueError].
func (c GroupConfig) Validate() error {
	switch {
	case c.Name == "":
		return &ValueError{Name: "name of a group", Value: `""`, Allowed: "any but the empty one"}
	case !group.Policy(c.Policy).Valid(c.Quorum):
		return &ValueError{Name: "policy of group " + c.Name, Value: fmt.Sprint(c.Policy, " with a quorum of ", c.Quorum), Allowed: "all, any, and quorum with one of 1 and more"}
	}
	return nil
}

// Group is virtual routers of one [Router], of any families and links, that move as
// one, as in keepalived's vrrp_sync_group.
//
// When one loses the role the others give it up with a goodbye. While none is Active
// none becomes so before all would: each claim waits for the last. If fewer are able
// to take part than the policy asks for, all leave the election, for state
// Initialize. While one is Active, those that come back from a fault or were added
// each have to win their own election. The addresses of a member that can't take
// part, while the policy lets the others, are held nowhere: the claims of its peers
// wait for their groups.
//
// All routers of a cluster must have the same groups, and the priorities of the
// members must rank the routers in the same order: else what one member wins is what
// another one loses, and the group is Active nowhere. Conditions with a weight are
// best given to all members.
//
// Its methods are safe for concurrent use, but must not be called from functions of
// the [Trace].
type Group struct {
	router *Router
	name   string
	group  *group.Group // belongs to the loop
}

// NewGroup returns a group with these members, none to begin with if none is named.
// Errors: those of [GroupConfig.Validate] and of [Group.Join]; there is no group then.
func (r *Router) NewGroup(cfg GroupConfig, members ...*VirtualRouter) (*Group, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	g := &Group{router: r, name: cfg.Name}
	g.group = group.New(group.Config{Policy: group.Policy(cfg.Policy), Quorum: cfg.Quorum, Stopped: r.engine.Stopping, Changed: g.changed})
	for _, v := range members {
		if err := g.Join(v); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

// Name returns the name.
func (g *Group) Name() string { return g.name }

// Join adds a member. It moves nobody: where others take part, the new member belongs
// to the group from the moment it is in the same state. Errors: [ErrClosed], and a
// [*ValueError] for a virtual router of another Router, or one that is in a group.
func (g *Group) Join(v *VirtualRouter) error {
	return v.seat.Do(func(time.Time) error {
		if v.router != g.router || v.group != nil {
			return &ValueError{Name: "member of group " + g.name, Value: v.seat.Name(), Allowed: "virtual routers of the same Router that are in no group"}
		}
		v.group, v.place = g, g.group.Join(grouped{v})
		g.group.Settle()
		return nil
	})
}

// Leave takes a member out. It is on its own again, and the rest stays what it is: a
// quorum that the rest doesn't have goes down with it. Errors: [ErrClosed], and a
// [*ValueError] for a virtual router that isn't a member. One that is removed leaves by
// itself.
func (g *Group) Leave(v *VirtualRouter) error {
	return v.seat.Do(func(time.Time) error {
		if v.group != g {
			return &ValueError{Name: "member of group " + g.name, Value: v.seat.Name(), Allowed: "its members"}
		}
		v.leaveGroup()
		return nil
	})
}

// Close takes all members out.
func (g *Group) Close() {
	g.router.engine.Do(func() {
		for _, p := range slices.Clone(g.group.Places()) {
			p.Member().(grouped).leaveGroup()
		}
	})
}

// SetPolicy changes the policy. It returns a [*ValueError] for one that
// [GroupConfig.Validate] doesn't take.
func (g *Group) SetPolicy(policy GroupPolicy, quorum int) error {
	if err := (GroupConfig{Name: g.name, Policy: policy, Quorum: quorum}).Validate(); err != nil {
		return err
	}
	g.router.engine.Do(func() { g.group.Configure(group.Policy(policy), quorum) })
	return nil
}

// leaveGroup takes the virtual router out of its group.
func (v *VirtualRouter) leaveGroup() {
	if v.group == nil {
		return
	}
	p := v.place
	v.group, v.place = nil, nil
	p.Leave()
	if !v.seat.Leaving() {
		v.setBars(func(b *bars) { b.group = "" })
		v.rebar()
		v.perform(v.machine.Restrain(v.router.engine.Now(), false))
	}
}

// together calls f for the virtual router and those that move with it.
func (v *VirtualRouter) together(f func(*VirtualRouter)) {
	if v.group == nil {
		f(v)
		return
	}
	v.group.group.Hold(func() {
		for _, m := range v.place.Together() {
			f(m.(grouped).VirtualRouter)
		}
	})
}

// groupName returns the name of the group, empty if there is none.
func (v *VirtualRouter) groupName() string {
	if v.group == nil {
		return ""
	}
	return v.group.name
}

// grouped is a virtual router as its group sees it.
type grouped struct{ *VirtualRouter }

// Name returns the name of the virtual router.
func (v grouped) Name() string { return v.seat.Name() }

// Standing returns how it stands by itself.
func (v grouped) Standing() group.Standing { return v.stands() }

// Exclude keeps it out of the election.
func (v grouped) Exclude(by string) {
	if v.bars().group != by {
		v.setBars(func(b *bars) { b.group = by })
		v.rebar()
	}
}

// Restrain has its claim wait.
func (v grouped) Restrain(on bool) { v.perform(v.machine.Restrain(v.router.engine.Now(), on)) }

// Yield gives up the role: without a word if the loop stood still for so long that
// the peers will have claimed it.
func (v grouped) Yield(by group.Member) {
	now := v.router.engine.Now()
	if v.seat.Overslept() {
		v.perform(v.machine.Slept(now))
		return
	}
	v.perform(v.machine.resign(now, 0, ReasonGroup, by.Name()))
}

// changed reports that the group has moved.
func (g *Group) changed(from, to group.Role, by string) {
	r := g.router
	t := GroupTransition{At: r.engine.Now(), From: state(from), To: state(to), By: by}
	if r.cfg.Trace.Moved != nil {
		r.cfg.Trace.Moved(g, t)
	}
	r.events.Append(Event{Kind: EventGroup, At: t.At, Name: g.name, State: t.To, Group: g, Moved: t})
	r.log.Log(t.At, slog.LevelInfo, "group moved", slog.String("group", g.name), slog.String("from", t.From.String()), slog.String("to", t.To.String()), slog.String("by", by))
}
