// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-fhrp/fhrp/internal/group"
)

// Resign gives up the role in a planned hand-over and does not preempt for d; see
// [Machine.Resign]. The other members of its group give it up as well. A negative
// d is a [*ValueError]; another error is [ErrClosed].
func (v *VirtualRouter) Resign(d time.Duration) error {
	return v.seat.Do(func(now time.Time) error {
		if d < 0 {
			return v.refused(&ValueError{Name: "time to resign for", Value: d, Allowed: "0 and more"})
		}
		v.perform(v.machine.Resign(now, d))
		return nil
	})
}

// ErrNotReady is returned for what a virtual router can't do in state
// Initialize.
var ErrNotReady = errors.New("vrrp: not taking part in the election")

// Force takes the role for d, or with d of 0 until [VirtualRouter.Resign]; see
// [Machine.Force]. The members of its group that can take part are forced with it.
// Errors: [ErrClosed]; [ErrNotReady] while the link isn't usable or it is kept out
// of the election; a [*ValueError] for a negative d.
func (v *VirtualRouter) Force(d time.Duration) error {
	return v.seat.Do(func(now time.Time) error {
		switch {
		case d < 0:
			return v.refused(&ValueError{Name: "time to force for", Value: d, Allowed: "0 and more"})
		case v.machine.State() == Initialize:
			return v.refused(ErrNotReady)
		}
		v.together(func(m *VirtualRouter) { m.perform(m.machine.Force(now, d)) })
		return nil
	})
}

// SetPriority changes the priority until [VirtualRouter.Reconfigure]; see
// [Machine.SetPriority]. The weights of conditions are added to it. Errors:
// [ErrClosed], [*ValueError].
func (v *VirtualRouter) SetPriority(priority uint8) error {
	return v.seat.Do(func(now time.Time) error {
		actions, err := v.machine.SetPriority(now, priority)
		v.perform(actions)
		if err != nil {
			return v.refused(err)
		}
		return nil
	})
}

// Maintenance takes the virtual router out of the election, or lets it take part
// again. It is then in state Initialize, after a planned hand-over if it was
// Active, whatever the link, the priority or the configuration does meanwhile. In a
// group that counts as a member that can't take part. The error is [ErrClosed] or
// nil.
func (v *VirtualRouter) Maintenance(on bool) error {
	return v.seat.Do(func(time.Time) error {
		v.setBars(func(b *bars) { b.maintenance = on })
		v.rebar()
		return nil
	})
}

// refused says which virtual router an error is about.
func (v *VirtualRouter) refused(err error) error {
	return fmt.Errorf("vrrp: %s: %w", v.seat.Name(), err)
}

// bars are the reasons to be out of the election that lie in neither link nor
// address. What conditions come to is asked for when it is needed.
type bars struct {
	maintenance bool
	group       string // the member by whose doing the group takes no part
	fault       string // the condition, as of the last change of one
}

// bars returns the reasons that there are.
func (v *VirtualRouter) bars() bars {
	if v.someBars == nil {
		return bars{}
	}
	return *v.someBars
}

// setBars changes them.
func (v *VirtualRouter) setBars(change func(*bars)) {
	b := v.bars()
	if change(&b); b == (bars{}) {
		v.someBars = nil
	} else {
		v.someBars = &b
	}
}

// barred returns why the virtual router is kept out of the election, and by whose
// doing, ReasonNone if it isn't.
func (v *VirtualRouter) barred() (Reason, string) {
	switch b := v.bars(); {
	case b.maintenance:
		return ReasonMaintenance, ""
	case b.fault != "":
		return ReasonTracker, b.fault
	case b.group != "":
		return ReasonGroup, b.group
	}
	return ReasonNone, ""
}

// rebar has what the bars come to done.
func (v *VirtualRouter) rebar() {
	reason, _ := v.barred()
	v.seat.Bar(reason != ReasonNone)
	v.follow()
}

// follow tells the group how the virtual router stands.
func (v *VirtualRouter) follow() {
	if v.place != nil {
		v.place.Follow(v.stands())
	}
}

// stands returns how the virtual router stands by itself, for its group.
func (v *VirtualRouter) stands() group.Standing {
	b := v.bars()
	s := group.Standing{Able: v.seat.Able() && !b.maintenance && b.fault == "", Claiming: v.machine.Claiming()}
	switch v.machine.State() {
	case Backup:
		s.Role = group.Backup
	case Active:
		s.Role = group.Active
	}
	return s
}

// retire ends what a virtual router that takes part no more has to do with others.
func (v *VirtualRouter) retire() {
	v.leaveGroup()
	v.stopTrackers()
}
