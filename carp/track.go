// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/conditions"
	"github.com/go-fhrp/fhrp/netif/track"
)

// validateTrackers returns a [*ValueError] for what is wrong with a list.
func validateTrackers(list []track.Track) error {
	if err := conditions.Validate(list); err != nil {
		return &ValueError{Name: "trackers", Value: err, Allowed: "trackers with names, each once, and weights of -254 to 254"}
	}
	return nil
}

// SetTrackers changes the conditions that the virtual host depends on, and what is
// done about them, as [VirtualHost.Reconfigure] does. Those that stay go on as they
// are. One that is new is no fault before its first outcome. Errors: [ErrClosed],
// [*ValueError]; nothing is changed then.
func (v *VirtualHost) SetTrackers(list ...track.Track) error {
	list = slices.Clone(list)
	return v.seat.Do(func(now time.Time) error {
		if err := validateTrackers(list); err != nil {
			return v.refused(err)
		}
		v.cfg.Trackers = list
		v.setTrackers(now)
		return nil
	})
}

// prepareTrackers is what is to be done about trackers before the seat is taken.
func (v *VirtualHost) prepareTrackers() {
	v.watch = conditions.Watch{Post: v.seat.Post, Changed: v.tracked}
	v.watch.Set(v.cfg.Trackers, false)
	e := v.watch.Effect()
	v.bars.fault = e.FaultBy
	v.seat.Bar(e.Fault)
}

// startTrackers has them run if the host does.
func (v *VirtualHost) startTrackers() {
	if v.host.begins.Load() && !v.leaving {
		v.host.watches.Start(&v.watch)
	}
	v.affected(v.host.engine.Now(), v.watch.Effect())
}

// setTrackers brings the trackers in line with the configuration.
func (v *VirtualHost) setTrackers(now time.Time) {
	v.host.watches.Set(&v.watch, v.cfg.Trackers, v.machine.State() != Init)
	v.affected(now, v.watch.Effect())
}

// stopTrackers ends their use.
func (v *VirtualHost) stopTrackers() { v.host.watches.Stop(&v.watch) }

// tracked takes in that a condition has changed.
func (v *VirtualHost) tracked(now time.Time, c track.Change, e conditions.Effect) {
	h := v.host
	if h.cfg.Trace.Tracked != nil {
		h.cfg.Trace.Tracked(v, c)
	}
	v.tell(Event{Kind: EventCondition, Condition: c, Err: c.Err})
	v.seat.ConditionChanged(c)
	v.affected(now, e)
}

// byConditions is the reason for the demotion by the weights of conditions.
const byConditions = "conditions"

// affected has what the conditions come to done.
func (v *VirtualHost) affected(now time.Time, e conditions.Effect) {
	v.demoteFor(now, byConditions, -e.Weight)
	v.bars.fault = e.FaultBy
	v.rebar()
	if e.Resign && !e.Fault {
		v.perform(v.machine.resign(now, 0, ReasonTracker, e.ResignBy))
	}
}

// demoteFor demotes for a reason, by a weight that may be 0.
func (v *VirtualHost) demoteFor(now time.Time, reason string, weight int) {
	if weight == 0 {
		v.demoted(v.machine.Undemote(now, reason))
	} else {
		v.demoted(v.machine.Demote(now, reason, weight))
	}
}
