// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"fmt"
	"time"

	"github.com/go-fhrp/fhrp/internal/group"
)

// GroupTransition is a change of the state of a [Group].
type GroupTransition struct {
	At   time.Time `json:"time"`         // of the turn of the loop in which it happened
	From State     `json:"from"`         // the state before
	To   State     `json:"to"`           // the state after
	By   string    `json:"by,omitempty"` // the name of the member whose change led to it; empty if that was none's
}

// String is one line for a log.
func (t GroupTransition) String() string {
	s := fmt.Sprintf("%v -> %v", t.From, t.To)
	if t.By != "" {
		s += " (" + t.By + ")"
	}
	return s
}

// GroupStatus is a group at one moment.
type GroupStatus struct {
	Name   string      `json:"name"`            // that it was made with
	Policy GroupPolicy `json:"policy"`          // how many members must be able to take part
	Quorum int         `json:"quorum,omitzero"` // how many with GroupQuorum, else 0
	// State is Master if a member is, else Backup if one is, else Init.
	State   State         `json:"state"`
	Members []GroupMember `json:"members,omitempty"` // in the order in which they joined
}

// GroupMember is a member of a group at one moment.
type GroupMember struct {
	Name  string `json:"name"`  // of the virtual host
	State State  `json:"state"` // of the virtual host
	// Able reports whether it could take part, but for the group.
	Able bool `json:"able"`
	// Waiting reports whether it would be Master but for the others.
	Waiting bool `json:"waiting"`
	// Joining reports whether it doesn't belong to the group yet, for it hasn't
	// been in the state of the group.
	Joining bool `json:"joining"`
}

// Status returns the state of the group, which follows from those of its members.
func (g *Group) Status() GroupStatus {
	s := GroupStatus{Name: g.name}
	g.host.engine.Do(func() {
		policy, quorum := g.group.Policy()
		s.Policy, s.Quorum = GroupPolicy(policy), quorum
		s.State = state(g.group.Role())
		for _, p := range g.group.Places() {
			is := p.Standing()
			s.Members = append(s.Members, GroupMember{Name: p.Member().Name(), State: state(is.Role), Able: is.Able, Waiting: is.Claiming, Joining: !p.Joined()})
		}
	})
	return s
}

// state returns the state of a role.
func state(r group.Role) State {
	switch r {
	case group.Backup:
		return Backup
	case group.Active:
		return Master
	}
	return Init
}
