// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"log/slog"
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

// SetTrackers changes the conditions that the virtual router depends on, and what is
// done about them, as [VirtualRouter.Reconfigure] does. Those that stay go on as they
// are. One that is new is no fault before its first outcome. Errors: [ErrClosed],
// [*ValueError]; nothing is changed then.
func (v *VirtualRouter) SetTrackers(list ...track.Track) error {
	return v.seat.Do(func(now time.Time) error {
		if err := validateTrackers(list); err != nil {
			return v.refused(err)
		}
		v.setTrackers(now, list)
		return nil
	})
}

// prepareTrackers is what is to be done about trackers before the seat is taken.
func (v *VirtualRouter) prepareTrackers(list []track.Track) {
	if len(list) == 0 {
		return
	}
	v.watch = v.newWatch()
	v.watch.Set(list, false)
	e := v.watch.Effect()
	v.machine.Weigh(time.Time{}, e.Weight)
	v.setBars(func(b *bars) { b.fault = e.FaultBy })
	v.seat.Bar(e.Fault)
}

// newWatch returns a watch of no conditions yet.
func (v *VirtualRouter) newWatch() *conditions.Watch {
	return &conditions.Watch{Post: v.seat.Post, Changed: v.tracked}
}

// startTrackers has them run if the router does.
func (v *VirtualRouter) startTrackers() {
	if v.watch != nil && v.router.begins.Load() && !v.seat.Leaving() {
		v.router.watches.Start(v.watch)
		v.affected(v.router.engine.Now(), v.watch.Effect())
		v.warnOfWeights()
	}
}

// setTrackers brings the trackers in line with the configuration.
func (v *VirtualRouter) setTrackers(now time.Time, list []track.Track) {
	if v.watch == nil && len(list) > 0 {
		v.watch = v.newWatch()
		if v.router.begins.Load() {
			v.router.watches.Start(v.watch)
		}
	}
	if v.watch != nil {
		v.router.watches.Set(v.watch, list, v.machine.State() != Initialize)
	}
	v.affected(now, v.watch.Effect())
	v.warnOfWeights()
}

// warnOfWeights tells of conditions that move nothing: where nobody preempts, an Active
// Router stays whatever its priority.
func (v *VirtualRouter) warnOfWeights() {
	for _, t := range v.watch.Tracks() {
		if v.machine.cfg.NoPreempt && t.Action.Weight != 0 && !t.Action.Resign && !t.Action.Fault {
			r := v.router
			r.log.Log(r.engine.Now(), slog.LevelWarn, "weight of a condition moves nothing to a peer that doesn't preempt, see Resign",
				slog.String(logName, v.seat.Name()), slog.String("condition", t.Tracker.Status().Name))
		}
	}
}

// stopTrackers ends their use.
func (v *VirtualRouter) stopTrackers() {
	if v.watch != nil {
		v.router.watches.Stop(v.watch)
	}
}

// tracked takes in that a condition has changed.
func (v *VirtualRouter) tracked(now time.Time, c track.Change, e conditions.Effect) {
	r := v.router
	if r.cfg.Trace.Tracked != nil {
		r.cfg.Trace.Tracked(v, c)
	}
	v.tell(Event{Kind: EventCondition, Condition: c, Err: c.Err})
	v.seat.ConditionChanged(c)
	v.affected(now, e)
}

// affected has what the conditions come to done.
func (v *VirtualRouter) affected(now time.Time, e conditions.Effect) {
	v.perform(v.machine.Weigh(now, e.Weight))
	v.setBars(func(b *bars) { b.fault = e.FaultBy })
	v.rebar()
	if e.Resign && !e.Fault {
		v.perform(v.machine.resign(now, 0, ReasonTracker, e.ResignBy))
	}
}
