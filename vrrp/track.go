// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"log/slog"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/track"
)

// Tracker follows one condition that virtual routers depend on: it runs a check
// again and again, for as long as a [Router] with a virtual router that names it in
// [VirtualRouterConfig.Trackers] runs. Several can name it, of this package and of
// package carp: its check runs once for all. A check that hangs delays nothing, and
// has one goroutine; [Router.Run] waits for it at the end, up to its time-out. Its
// methods are safe for concurrent use; Run is for a tracker that no virtual router
// names.
type Tracker = track.Tracker

// TrackerConfig says what a [Tracker] runs and how often: Check, a function that
// returns nil for success, or Number, one that returns a number, with an Interval
// (default 1s), a Timeout by the monotonic clock (default the interval), and how
// many outcomes in succession Rise and Fall take (default 1). Name is required;
// package netif/check has checks of links, files, processes, programs and services.
// A host that stood still doesn't blame its checks: what overlapped that is looked
// at again.
//
// Initial is what counts before the first outcome. While that is [TrackerUnknown],
// the default, a condition that is a fault keeps the virtual router out of the
// election, unless it was added to one that takes part.
type TrackerConfig = track.Config

// TrackerState is what is known of a condition.
type TrackerState = track.State

// The states of a condition.
const (
	TrackerUnknown = track.Unknown // no outcome yet
	TrackerUp      = track.Up
	TrackerDown    = track.Down
)

// TrackerReading is a TrackerState, and the number of a condition that has one.
type TrackerReading = track.Reading

// TrackerChange is a reading that is another one than before, and why.
type TrackerChange = track.Change

// TrackerStatus is all that is known of a [Tracker].
type TrackerStatus = track.Status

// TrackerPool bounds how many checks run at once; it is given in TrackerConfig.Pool.
type TrackerPool = track.Pool

// Track is a condition that a virtual router depends on: a Tracker, and the Action
// that is taken about it.
type Track = track.Track

// TrackAction is what is done about a condition; its parts can be combined. Weight is
// keepalived's: if positive it is added to the priority while the condition is up, if
// negative it is taken away while it is down, and a number is multiplied by it; the
// sum with the priority is kept between 1 and 254, and an address owner stays 255.
// Reverse reverses all of it. Fault leaves the election, for state Initialize, while
// the condition is down: it is what keepalived does for a weight of 0. Resign gives
// up the role once when the condition goes down, which moves it where no peer
// preempts as well; a Weight moves it only to a peer that does.
type TrackAction = track.Action

// NewTracker returns a tracker, which doesn't run yet. The error says which value of
// the configuration is not allowed.
func NewTracker(cfg TrackerConfig) (*Tracker, error) { return track.New(cfg) }

// NewTrackerPool returns a pool that runs up to n checks at once; 0 or less is 64.
func NewTrackerPool(n int) *TrackerPool { return track.NewPool(n) }

// validateTrackers returns a [*ValueError] for what is wrong with a list.
func validateTrackers(list []Track) error {
	if err := track.Validate(list); err != nil {
		return &ValueError{Name: "trackers", Value: err, Allowed: "trackers with names, each once, and weights of -254 to 254"}
	}
	return nil
}

// SetTrackers changes the conditions that the virtual router depends on, and what is
// done about them, as [VirtualRouter.Reconfigure] does. Those that stay go on as they
// are. One that is new is no fault before its first outcome. Errors: [ErrClosed],
// [*ValueError]; nothing is changed then.
func (v *VirtualRouter) SetTrackers(list ...Track) error {
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
func (v *VirtualRouter) prepareTrackers() {
	v.watch = track.Watch{Post: v.seat.Post, Changed: v.tracked}
	v.watch.Set(v.cfg.Trackers, false)
	e := v.watch.Effect()
	v.machine.Weigh(time.Time{}, e.Weight)
	v.bars.fault = e.FaultBy
	v.seat.Bar(e.Fault)
}

// startTrackers has them run if the router does.
func (v *VirtualRouter) startTrackers() {
	if v.router.begun && !v.seat.Leaving() {
		v.router.using[v] = true
		v.watch.Start()
		v.affected(v.router.engine.Now(), v.watch.Effect())
		v.warnOfWeights()
	}
}

// setTrackers brings the trackers in line with the configuration.
func (v *VirtualRouter) setTrackers(now time.Time) {
	v.router.ending.Add(v.watch.Set(v.cfg.Trackers, v.machine.State() != Initialize))
	v.affected(now, v.watch.Effect())
	v.warnOfWeights()
}

// warnOfWeights tells of conditions that move nothing: where nobody preempts, an Active
// Router stays whatever its priority.
func (v *VirtualRouter) warnOfWeights() {
	for _, t := range v.cfg.Trackers {
		if v.cfg.NoPreempt && t.Action.Weight != 0 && !t.Action.Resign && !t.Action.Fault {
			r := v.router
			r.log.Log(r.engine.Now(), slog.LevelWarn, "weight of a condition moves nothing to a peer that doesn't preempt, see Resign",
				slog.String(logName, v.cfg.Name), slog.String("condition", t.Tracker.Status().Name))
		}
	}
}

// stopTrackers ends their use.
func (v *VirtualRouter) stopTrackers() {
	delete(v.router.using, v)
	v.router.ending.Add(v.watch.Stop())
}

// tracked takes in that a condition has changed.
func (v *VirtualRouter) tracked(now time.Time, c TrackerChange, e track.Effect) {
	r := v.router
	if r.cfg.Trace.Tracked != nil {
		r.cfg.Trace.Tracked(v, c)
	}
	v.tell(Event{Kind: EventCondition, Condition: c, Err: c.Err})
	v.seat.ConditionChanged(c)
	v.affected(now, e)
}

// affected has what the conditions come to done.
func (v *VirtualRouter) affected(now time.Time, e track.Effect) {
	v.perform(v.machine.Weigh(now, e.Weight))
	v.bars.fault = e.FaultBy
	v.rebar()
	if e.Resign && !e.Fault {
		v.perform(v.machine.resign(now, 0, ReasonTracker, e.ResignBy))
	}
}
