// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-fhrp/fhrp/internal/group"
)

// Resign gives up the role in a planned hand-over and does not preempt for d; see
// [Machine.Resign]. The other members of its group give it up as well. A negative
// d is a [*ValueError]; another error is [ErrClosed].
func (v *VirtualHost) Resign(d time.Duration) error {
	return v.seat.Do(func(now time.Time) error {
		if d < 0 {
			return v.refused(&ValueError{Name: "time to resign for", Value: d, Allowed: "0 and more"})
		}
		v.perform(v.machine.Resign(now, d))
		return nil
	})
}

// ErrNotReady is returned for what a virtual host can't do in state Init.
var ErrNotReady = errors.New("carp: not taking part in the election")

// Force takes the role for d, or with d of 0 until [VirtualHost.Resign]; see
// [Machine.Force]. The members of its group that can take part are forced with it.
// Errors: [ErrClosed]; [ErrNotReady] while the link isn't usable or it is kept out
// of the election; a [*ValueError] for a negative d.
func (v *VirtualHost) Force(d time.Duration) error {
	return v.seat.Do(func(now time.Time) error {
		switch {
		case d < 0:
			return v.refused(&ValueError{Name: "time to force for", Value: d, Allowed: "0 and more"})
		case v.machine.State() == Init:
			return v.refused(ErrNotReady)
		}
		v.together(func(m *VirtualHost) { m.perform(m.machine.Force(now, d)) })
		return nil
	})
}

// SetAdvSkew changes advskew until [VirtualHost.Reconfigure]; demotions are added to
// it. A Master tells its new rank at once, and a running timer follows. Errors:
// [ErrClosed], and a [*ValueError] for more than 254, or for 0 beside an advbase of 0.
func (v *VirtualHost) SetAdvSkew(skew uint8) error {
	return v.seat.Do(func(now time.Time) error {
		cfg := v.cfg.Config
		cfg.AdvSkew = skew
		actions, err := v.machine.Reconfigure(now, cfg)
		if err != nil {
			return v.refused(err)
		}
		v.cfg.AdvSkew = skew
		v.demoted(actions)
		return nil
	})
}

// Maintenance takes the virtual host out of the election, or lets it take part again.
// It is then in state Init, after a planned hand-over if it was Master, whatever the
// link or the configuration does meanwhile. In a group that counts as a member that
// can't take part. (Firewalls on FreeBSD demote for this, which moves nothing where
// the peer doesn't preempt.) The error is [ErrClosed] or nil.
func (v *VirtualHost) Maintenance(on bool) error {
	return v.seat.Do(func(time.Time) error {
		v.bars.maintenance = on
		v.rebar()
		return nil
	})
}

// refused says which virtual host an error is about.
func (v *VirtualHost) refused(err error) error {
	return fmt.Errorf("carp: %s: %w", v.cfg.Name, err)
}

// bars are the reasons to be out of the election that lie in neither link nor
// address. What conditions come to is asked for when it is needed.
type bars struct {
	maintenance bool
	group       string // the member by whose doing the members of the group leave
	demoted     string // the reason for which the group demotes
	fault       string // the condition, as of the last change of one
}

// barred returns why the virtual host is kept out of the election, and by whose
// doing, ReasonNone if it isn't.
func (v *VirtualHost) barred() (Reason, string) {
	switch b := &v.bars; {
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
func (v *VirtualHost) rebar() {
	reason, _ := v.barred()
	v.seat.Bar(reason != ReasonNone)
	v.follow()
}

// follow tells the group how the virtual host stands.
func (v *VirtualHost) follow() {
	if v.place != nil {
		v.place.Follow(v.stands())
	}
}

// stands returns how the virtual host stands by itself, for its group.
func (v *VirtualHost) stands() group.Standing {
	s := group.Standing{Able: v.seat.Able() && !v.bars.maintenance && v.bars.fault == "", Claiming: v.machine.Claiming()}
	switch v.machine.State() {
	case Backup:
		s.Role = group.Backup
	case Master:
		s.Role = group.Active
	}
	return s
}
