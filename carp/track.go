// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/track"
)

// Tracker follows one condition that virtual hosts depend on: it runs a check
// again and again, for as long as a [Host] with a virtual host that names it in
// [VirtualHostConfig.Trackers] runs. Several can name it, of this package and of
// package vrrp: its check runs once for all. A check that hangs delays nothing, and
// has one goroutine; [Host.Run] waits for it at the end, up to its time-out. Its
// methods are safe for concurrent use; Run is for a tracker that no virtual host
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
// the default, a condition that is a fault keeps the virtual host out of the
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

// Track is a condition that a virtual host depends on: a Tracker, and the Action
// that is taken about it.
type Track = track.Track

// TrackAction is what is done about a condition; its parts can be combined. Weight, if
// negative, demotes by so much while the condition is down, as [VirtualHost.Demote]
// does with the reason "conditions"; a positive one makes up for other demotions while
// it is up, and a number is multiplied by it. Reverse reverses all of it. Fault leaves
// the election, for state Init, while the condition is down. Resign gives up the role
// once when the condition goes down, which moves it where no peer preempts as well; a
// Weight moves it only to a peer that does.
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

// SetTrackers changes the conditions that the virtual host depends on, and what is
// done about them, as [VirtualHost.Reconfigure] does. Those that stay go on as they
// are. One that is new is no fault before its first outcome. Errors: [ErrClosed],
// [*ValueError]; nothing is changed then.
func (v *VirtualHost) SetTrackers(list ...Track) error {
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
	v.watch = track.Watch{Post: v.seat.Post, Changed: v.tracked}
	v.watch.Set(v.cfg.Trackers, false)
	e := v.watch.Effect()
	v.bars.fault = e.FaultBy
	v.seat.Bar(e.Fault)
}

// startTrackers has them run if the host does.
func (v *VirtualHost) startTrackers() {
	if v.host.begun && !v.leaving {
		v.host.using[v] = true
		v.watch.Start()
	}
	v.affected(v.host.engine.Now(), v.watch.Effect())
}

// setTrackers brings the trackers in line with the configuration.
func (v *VirtualHost) setTrackers(now time.Time) {
	v.host.ending.Add(v.watch.Set(v.cfg.Trackers, v.machine.State() != Init))
	v.affected(now, v.watch.Effect())
}

// stopTrackers ends their use.
func (v *VirtualHost) stopTrackers() {
	delete(v.host.using, v)
	v.host.ending.Add(v.watch.Stop())
}

// tracked takes in that a condition has changed.
func (v *VirtualHost) tracked(now time.Time, c TrackerChange, e track.Effect) {
	h := v.host
	if h.cfg.Trace.Tracked != nil {
		h.cfg.Trace.Tracked(v, c)
	}
	v.tell(Event{Kind: EventCondition, Condition: c, Err: c.Err})
	v.seat.ConditionChanged(c)
	v.affected(now, e)
}

// conditions is the reason for the demotion by the weights of conditions.
const conditions = "conditions"

// affected has what the conditions come to done.
func (v *VirtualHost) affected(now time.Time, e track.Effect) {
	v.demoteFor(now, conditions, -e.Weight)
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
