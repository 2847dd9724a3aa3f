// SPDX-License-Identifier: Apache-2.0

package group

import (
	"cmp"
	"fmt"
	"slices"
)

// Config is what a group goes by.
type Config struct {
	Policy Policy
	Quorum int // of [Quorum]; 1 and more

	// Stopped reports whether everything is being stopped: nobody is moved any more.
	Stopped func() bool
	// Changed is told when the role of the group has become another, and by whose doing where that is known; may be nil.
	Changed func(from, to Role, by string)
}

// Group is some members that move as one. It belongs to the loop that its members belong to.
//
// Its role follows from the roles of its members, whether it takes part from what they say of themselves: neither is
// kept. What is kept is who belongs to it.
type Group struct {
	cfg    Config
	places []*Place

	lost     *Place // the member that has lost the role, for the others to follow
	yielding bool   // others follow
	busy     bool   // a pass is under way
	again    bool   // and there has to be another
	told     Role   // what Changed was told last
}

// New returns a group without members.
func New(cfg Config) *Group { return &Group{cfg: cfg} }

// Join lets a member belong to the group. Where others take part it does so from the moment it is in the same role: it
// moves nobody, whatever its own is. [Group.Settle] is to be called when the member has the place.
func (g *Group) Join(m Member) *Place {
	p := &Place{group: g, member: m, seen: m.Standing()}
	g.places = append(g.places, p)
	return p
}

// Settle has done what follows from a change of the group.
func (g *Group) Settle() { g.settle("") }

// Leave ends that, and the rest stays what it is: the quorum goes down with a member that it can't do without. The member
// knows by itself that it is neither excluded nor restrained any more.
func (p *Place) Leave() {
	g := p.group
	fit, _ := g.fit()
	g.places = slices.DeleteFunc(g.places, func(other *Place) bool { return other == p })
	if still, _ := g.fit(); fit && !still {
		g.cfg.Quorum = max(g.able(), 1)
	}
	if g.lost == p {
		g.lost = nil
	}
	p.group = nil
	g.settle("")
}

// Configure changes the policy.
func (g *Group) Configure(policy Policy, quorum int) {
	g.cfg.Policy, g.cfg.Quorum = policy, quorum
	g.settle("")
}

// Policy returns what the group goes by.
func (g *Group) Policy() (policy Policy, quorum int) { return g.cfg.Policy, g.cfg.Quorum }

// Places returns the places in the order in which they were taken. The slice belongs to the group.
func (g *Group) Places() []*Place { return g.places }

// Role returns the role of the group: Active if a member is, else Backup if one is, else Out.
func (g *Group) Role() Role {
	role := Out
	for _, p := range g.places {
		if p.joined {
			role = max(role, p.seen.Role)
		}
	}
	return role
}

// Hold has nobody moved while f runs, and settles afterwards.
func (g *Group) Hold(f func()) {
	g.busy = true
	f()
	g.busy = false
	g.settle("")
}

// Inherit has nobody moved while f runs, in which the members come to stand as those of
// another group stood, and has them belong to the group that joined says. Nothing has
// changed by that.
func (g *Group) Inherit(f func(), joined func(Member) bool) {
	g.busy = true
	f()
	for _, p := range g.places {
		p.joined = joined(p.member)
	}
	g.told, g.lost, g.busy = g.Role(), nil, false
	g.settle("")
}

// settle moves members until nobody has to be moved any more. What they do meanwhile comes back by [Place.Follow].
func (g *Group) settle(by string) {
	if g.again = true; g.busy || g.cfg.Stopped() {
		return
	}
	g.busy = true
	for range passes(len(g.places)) {
		if !g.again {
			break
		}
		g.again = false
		g.pass()
	}
	g.busy = false
	if role := g.Role(); role != g.told {
		from := g.told
		g.told = role
		if g.cfg.Changed != nil {
			g.cfg.Changed(from, role, by)
		}
	}
}

// passes bounds what follows from one event: each member leaves, comes back and takes the role once at most.
func passes(members int) int { return 4*members + 4 }

// pass does what is to be done about members as they are.
func (g *Group) pass() {
	g.admit()
	_, by := g.fit()
	g.each(func(p *Place) { p.member.Exclude(by) })
	if lost := g.lost; lost != nil {
		g.lost, g.yielding = nil, true
		g.each(func(p *Place) {
			if p != lost && p.seen.Role == Active {
				p.member.Yield(lost.member)
			}
		})
		g.yielding = false
	}
	restrained := g.Role() != Active && !g.claims()
	for _, p := range slices.Clone(g.places) {
		p.restrain(p.joined && restrained)
	}
}

// admit has members that have come to be in the role of the group belong to it.
func (g *Group) admit() {
	for _, p := range g.places {
		if !p.joined && (p.seen.Role == g.Role() || !g.inhabited()) {
			p.joined = true
		}
	}
}

// each calls f for each member that belongs to the group.
func (g *Group) each(f func(*Place)) {
	for _, p := range slices.Clone(g.places) {
		if p.joined && p.group != nil {
			f(p)
		}
	}
}

// inhabited reports whether somebody belongs to the group.
func (g *Group) inhabited() bool {
	return slices.ContainsFunc(g.places, func(p *Place) bool { return p.joined })
}

// able returns how many could take part by themselves.
func (g *Group) able() (n int) {
	for _, p := range g.places {
		if p.joined && p.seen.Able {
			n++
		}
	}
	return n
}

// fit reports whether the group takes part, and if not, who is in the way: the first that isn't able, or a quorum for which
// there are too few.
func (g *Group) fit() (ok bool, by string) {
	members := 0
	for _, p := range g.places {
		if !p.joined {
			continue
		}
		if members++; !p.seen.Able && by == "" {
			by = p.member.Name()
		}
	}
	if members == 0 || g.able() >= g.needed(members) {
		return true, ""
	}
	return false, cmp.Or(by, fmt.Sprint("quorum of ", g.cfg.Quorum))
}

// needed returns how many of the members must be able to take part.
func (g *Group) needed(members int) int {
	switch g.cfg.Policy {
	case Any:
		return 1
	case Quorum:
		return g.cfg.Quorum
	}
	return members
}

// claims reports whether every member that can take part would claim the role.
func (g *Group) claims() bool {
	claiming := false
	for _, p := range g.places {
		switch {
		case !p.joined || !p.seen.Able:
		case !p.seen.Claiming:
			return false
		default:
			claiming = true
		}
	}
	return claiming
}
