// SPDX-License-Identifier: Apache-2.0

package conditions

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/netif/track"
)

// Validate returns what is wrong with a list: a tracker that is missing, has no name, or is in it twice, or the weight of
// an action.
func Validate(list []track.Track) error {
	var errs []error
	for i, t := range list {
		switch {
		case t.Tracker == nil:
			errs = append(errs, fmt.Errorf("track: condition %d: there must be a tracker", i+1))
			continue
		case t.Tracker.Name() == "":
			errs = append(errs, fmt.Errorf("track: condition %d: its tracker must have a name", i+1))
		case slices.ContainsFunc(list[:i], func(o track.Track) bool { return o.Tracker == t.Tracker }):
			errs = append(errs, fmt.Errorf("track: %s: must be there once", t.Tracker.Name()))
		}
		if err := t.Action.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("track: %s: %w", t.Tracker.Name(), err))
		}
	}
	return errors.Join(errs...)
}

// Watch is the conditions of one virtual router. It belongs to the loop that the virtual router belongs to; what its
// trackers find is brought there. A nil Watch is that of none, for which all can be called but Set.
type Watch struct {
	// Post runs a function on the loop, without waiting for it, as long as the virtual router takes part.
	Post func(f func(now time.Time))
	// Changed is called on the loop after each change, with what all conditions come to then.
	Changed func(now time.Time, c track.Change, e Effect)

	entries []*entry
	running bool
}

// entry is one condition.
type entry struct {
	Condition
	tracker *track.Tracker
	release func() <-chan struct{} // nil unless it is used
}

// Set changes the list to another valid one, and returns what has then ended, as [Tracker.Use] has it. Conditions that
// were there before stay what they are. Of those that are new to a virtual router that takes part, as lenient says,
// Unknown is no fault.
func (w *Watch) Set(list []track.Track, lenient bool) (ended []<-chan struct{}) {
	var entries []*entry
	for _, t := range list {
		i := slices.IndexFunc(w.entries, func(e *entry) bool { return e.tracker == t.Tracker })
		if i < 0 {
			r := t.Tracker.Status().Reading
			e := &entry{tracker: t.Tracker, Condition: Condition{Name: t.Tracker.Name(), Now: r, Before: r, Lenient: lenient}}
			w.start(e)
			entries = append(entries, e)
		} else {
			entries = append(entries, w.entries[i])
		}
		entries[len(entries)-1].Action = t.Action
	}
	gone := slices.DeleteFunc(w.entries, func(e *entry) bool { return slices.Contains(entries, e) })
	w.entries = entries
	return stop(gone)
}

// Resume takes what another watch knew of conditions of these names, for those of which
// nothing is known here yet: of none the lack of an outcome is a fault.
func (w *Watch) Resume(known map[string]track.Reading) {
	if w == nil {
		return
	}
	for _, e := range w.entries {
		r, ok := known[e.Name]
		if !ok {
			continue
		}
		e.tracker.Resume(r)
		now := e.tracker.Status().Reading
		e.Now, e.Before, e.Lenient = now, now, true
	}
}

// Start has the trackers run.
func (w *Watch) Start() {
	if w == nil {
		return
	}
	w.running = true
	for _, e := range w.entries {
		w.start(e)
	}
}

// Stop ends that. It returns what [Watch.Set] returns.
func (w *Watch) Stop() (ended []<-chan struct{}) {
	if w == nil {
		return nil
	}
	w.running = false
	return stop(w.entries)
}

// start has the tracker of a condition run.
func (w *Watch) start(e *entry) {
	if !w.running || e.release != nil {
		return
	}
	now, release := e.tracker.Use(func(c track.Change) {
		w.Post(func(now time.Time) { w.changed(now, e, c) })
	})
	e.Now, e.Before, e.release = now, now, release
}

// stop ends the use of the trackers of conditions.
func stop(entries []*entry) (ended []<-chan struct{}) {
	for _, e := range entries {
		if e.release == nil {
			continue
		}
		if c := e.release(); c != nil {
			ended = append(ended, c)
		}
		e.release = nil
	}
	return ended
}

// changed takes in what a tracker has found.
func (w *Watch) changed(now time.Time, e *entry, c track.Change) {
	if e.release == nil {
		return // it was of interest when it was reported
	}
	e.Now = c.Now
	effect := w.Effect()
	e.Before = e.Now
	w.Changed(now, c, effect)
}

// Effect returns what all conditions come to.
func (w *Watch) Effect() Effect {
	var e Effect
	if w == nil {
		return e
	}
	for _, c := range w.entries {
		e.add(&c.Condition)
	}
	return e
}

// Tracks returns the list that was set.
func (w *Watch) Tracks() []track.Track {
	if w == nil {
		return nil
	}
	var list []track.Track
	for _, e := range w.entries {
		list = append(list, track.Track{Tracker: e.tracker, Action: e.Action})
	}
	return list
}

// Status returns what is known of each condition.
func (w *Watch) Status() []track.Status {
	if w == nil {
		return nil
	}
	var list []track.Status
	for _, e := range w.entries {
		list = append(list, e.tracker.Status())
	}
	return list
}
