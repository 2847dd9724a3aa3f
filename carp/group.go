// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
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

	// Demotion is the weight by which the members are demoted while too few of them
	// can take part, default 240 (net.inet.carp.ifdown_demotion_factor); OpenBSD's
	// is 1, for members with Config.DemoteOctet.
	Demotion int
	// Leave has them leave the election instead, for state Init: where hosts don't
	// preempt, nothing is moved by a demotion.
	Leave bool
}

// Validate reports what is wrong with the configuration as a [*ValueError].
func (c GroupConfig) Validate() error {
	switch {
	case c.Name == "":
		return &ValueError{Name: "name of a group", Value: `""`, Allowed: "any but the empty one"}
	case !group.Policy(c.Policy).Valid(c.Quorum):
		return &ValueError{Name: "policy of group " + c.Name, Value: fmt.Sprint(c.Policy, " with a quorum of ", c.Quorum), Allowed: "all, any, and quorum with one of 1 and more"}
	case c.Demotion < 0:
		return &ValueError{Name: "demotion of group " + c.Name, Value: c.Demotion, Allowed: "0 for the default, and more"}
	}
	return nil
}

// Group is virtual hosts of one [Host], of any links, that move as one.
//
// When one loses the role the others give it up with a bow-out. While none is Master
// none becomes so before all would: each claim waits for the last. If fewer are able
// to take part than the policy asks for, the rest is demoted, so that peers that
// preempt take them all over: what a BSD does for all virtual hosts of a host, this
// does for those that belong together. While one is Master, those that come back from
// a fault or were added each have to win their own election. The addresses of a member
// that can't take part, while the policy lets the others, are held nowhere: the claims
// of its peers wait for their groups.
//
// All hosts of a cluster must have the same groups, and the ranks of the members must
// rank the hosts in the same order: else what one member wins is what another one
// loses, and the group is Master nowhere. Conditions with a weight are best given to
// all members. For a host to be demoted for a link that is down beside this, see
// [HostConfig].LinkDownDemotion.
//
// Its methods are safe for concurrent use, but must not be called from functions of
// the [Trace].
type Group struct {
	host     *Host
	name     string
	demotion int
	leave    bool
	group    *group.Group // belongs to the loop
}

// NewGroup returns a group with these members, none to begin with if none is named.
// Errors: those of [GroupConfig.Validate] and of [Group.Join]; there is no group then.
func (h *Host) NewGroup(cfg GroupConfig, members ...*VirtualHost) (*Group, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	g := &Group{host: h, name: cfg.Name, demotion: cmp.Or(cfg.Demotion, defaultDemotion), leave: cfg.Leave}
	g.group = group.New(group.Config{Policy: group.Policy(cfg.Policy), Quorum: cfg.Quorum, Stopped: h.engine.Stopping, Changed: g.changed})
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
// [*ValueError] for a virtual host of another Host, one that is in a group, or one that
// doesn't preempt, unless the members of the group leave.
func (g *Group) Join(v *VirtualHost) error {
	return v.seat.Do(func(time.Time) error {
		if v.host != g.host || v.group != nil {
			return &ValueError{Name: "member of group " + g.name, Value: v.cfg.Name, Allowed: "virtual hosts of the same Host that are in no group"}
		}
		if err := g.permits(&v.cfg); err != nil {
			return err
		}
		v.group, v.place = g, g.group.Join(grouped{v})
		g.group.Settle()
		return nil
	})
}

// permits returns a [*ValueError] for what a member can't be configured to.
func (g *Group) permits(cfg *VirtualHostConfig) error {
	if g == nil || g.leave || cfg.Preempt {
		return nil
	}
	return &ValueError{Name: "preempt of " + cfg.Name, Value: false, Allowed: "true in group " + g.name + ", whose members are demoted"}
}

// Leave takes a member out. It is on its own again, and the rest stays what it is: a
// quorum that the rest doesn't have goes down with it. Errors: [ErrClosed], and a
// [*ValueError] for a virtual host that isn't a member. One that is removed leaves by
// itself.
func (g *Group) Leave(v *VirtualHost) error {
	return v.seat.Do(func(time.Time) error {
		if v.group != g {
			return &ValueError{Name: "member of group " + g.name, Value: v.cfg.Name, Allowed: "its members"}
		}
		v.leaveGroup()
		return nil
	})
}

// Close takes all members out.
func (g *Group) Close() {
	g.host.engine.Do(func() {
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
	g.host.engine.Do(func() { g.group.Configure(group.Policy(policy), quorum) })
	return nil
}

// leaveGroup takes the virtual host out of its group.
func (v *VirtualHost) leaveGroup() {
	if v.group == nil {
		return
	}
	p := v.place
	v.group, v.place = nil, nil
	p.Leave()
	if !v.seat.Leaving() {
		now := v.host.engine.Now()
		v.excluded(now, true, "", "")
		v.perform(v.machine.Restrain(now, false))
	}
}

// together calls f for the virtual host and those that move with it.
func (v *VirtualHost) together(f func(*VirtualHost)) {
	if v.group == nil {
		f(v)
		return
	}
	v.group.group.Hold(func() {
		for _, m := range v.place.Together() {
			f(m.(grouped).VirtualHost)
		}
	})
}

// groupName returns the name of the group, empty if there is none.
func (v *VirtualHost) groupName() string {
	if v.group == nil {
		return ""
	}
	return v.group.name
}

// grouped is a virtual host as its group sees it.
type grouped struct{ *VirtualHost }

// Name returns the name of the virtual host.
func (v grouped) Name() string { return v.cfg.Name }

// Standing returns how it stands by itself.
func (v grouped) Standing() group.Standing { return v.stands() }

// Exclude has it demoted, or leave the election.
func (v grouped) Exclude(by string) {
	reason := ""
	if by != "" {
		reason = "group " + v.group.name + ": " + by
	}
	v.excluded(v.host.engine.Now(), v.group.leave, reason, by)
}

// excluded demotes for a reason, or bars the virtual host for what has this name;
// empty ones end both.
func (v *VirtualHost) excluded(now time.Time, leave bool, reason, by string) {
	if leave && v.bars.group != by {
		v.bars.group = by
		v.rebar()
	}
	before := v.bars.demoted
	if leave {
		reason = ""
	}
	if before == reason {
		return
	}
	v.bars.demoted = reason
	if reason != "" { // first: never is it without a reason in between
		v.demoteFor(now, reason, v.group.demotion)
	}
	if before != "" {
		v.demoteFor(now, before, 0)
	}
}

// Restrain has its claim wait.
func (v grouped) Restrain(on bool) { v.perform(v.machine.Restrain(v.host.engine.Now(), on)) }

// Yield gives up the role: without a word if the loop stood still for so long that
// the peers will have claimed it.
func (v grouped) Yield(by group.Member) {
	now := v.host.engine.Now()
	if v.seat.Overslept() {
		v.perform(v.machine.Slept(now))
		return
	}
	v.perform(v.machine.resign(now, 0, ReasonGroup, by.Name()))
}

// changed reports that the group has moved.
func (g *Group) changed(from, to group.Role, by string) {
	h := g.host
	t := GroupTransition{At: h.engine.Now(), From: state(from), To: state(to), By: by}
	if h.cfg.Trace.Moved != nil {
		h.cfg.Trace.Moved(g, t)
	}
	h.events.Append(Event{Kind: EventGroup, At: t.At, Name: g.name, State: t.To, Group: g, Moved: t})
	h.log.Log(t.At, slog.LevelInfo, "group moved", slog.String("group", g.name), slog.String("from", t.From.String()), slog.String("to", t.To.String()), slog.String("by", by))
}
