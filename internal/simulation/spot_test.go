// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"math/bits"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing/synctest"
	"time"
)

// spot is the place of one virtual router or virtual host in a program that walks.
type spot struct {
	w     *walker
	index int
	pool  []netip.Prefix

	instance instance    // nil: there is none
	shelf    *shelf      // its backend
	gone     atomic.Bool // it was removed, and that is done
	going    bool        // it is being removed
	wish     wish
	barred   bool // in maintenance
	joined   bool // in the group

	state string         // as the events say
	took  uint64         // how often they say that it has taken the role
	left  bool           // they say that it has given it up, since the last look
	kept  []netip.Prefix // has had them since the last look, and is to have them still
	may   reasons
}

// reasons are what there may be to lose the role since the last look.
type reasons struct {
	resigned, barred, grouped, removed bool
	trackers                           uint8
}

// addrs returns the addresses that it is to have.
func (s *spot) addrs(w wish) (list []netip.Prefix) {
	for i, p := range s.pool {
		if w.Addresses&(1<<i) != 0 {
			list = append(list, p)
		}
	}
	return list
}

// possible reports whether a place can have a configuration: there is nothing wrong with
// it, and nobody else on the link has one of its addresses.
func (s *spot) possible(w wish) bool {
	for _, o := range s.w.places {
		if o != s && o.instance != nil && linkOf(o.index) == linkOf(s.index) && o.wish.Addresses&w.Addresses>>4 != 0 {
			return false
		}
	}
	return w.Wrong == 0
}

// take takes a step, and looks what comes of it at once and after a while.
func (w *walker) take(s step) {
	w.note("%v", s)
	spot := w.places[s.Place]
	if s.Kind == stepReplace {
		spot.clear()
	}
	before := w.picture()
	err, refused := w.ask(spot, s)
	synctest.Wait()
	if w.tally.steps++; refused {
		w.tally.refused++
	}
	if (err != nil) != refused {
		w.violated(ruleRun, "%v: error %v, to be refused: %v", s, err, refused)
	}
	if after := w.picture(); refused && after != before {
		w.violated(ruleRefused, "%v: %v\nbefore:\n%s\nafter:\n%s", s, err, before, after)
	}
	w.settle()
	if s.Wait > 0 && w.found == nil {
		time.Sleep(s.Wait)
		w.settle()
	}
}

// ask asks for a step, and reports whether it must be refused.
func (w *walker) ask(spot *spot, s step) (err error, refused bool) {
	switch s.Kind {
	case stepTrip:
		c := w.conds[s.Value%3]
		c.bad.Store(!c.bad.Load())
		return nil, false
	case stepPolicy:
		return w.subject.setPolicy(s.Value), s.Value%4 == 3
	case stepCable:
		return w.other.SetLink("eth0", s.Value&1 == 0), false
	case stepAdd, stepReplace:
		return spot.add(s)
	}
	if spot.instance == nil || spot.going && s.Kind == stepRemove {
		return nil, false
	}
	going := spot.going
	err, refused = spot.ask(s)
	return err, refused || going
}

// add adds a virtual router or virtual host, in the place of the one that there is, or
// is refused because there is one.
func (s *spot) add(step step) (err error, refused bool) {
	wish := wish{}.changed(step, s.w.CARP)
	refused = s.instance != nil || !s.possible(wish)
	shelf := &shelf{spot: s}
	added, err := s.w.subject.add(s.index, wish, shelf)
	if err == nil {
		s.instance, s.shelf, s.wish = added, shelf, wish
		s.gone.Store(false)
		s.going, s.barred, s.joined, s.took, s.kept = false, false, false, 0, nil
		s.state = stateInit(s.w.CARP)
	}
	return err, refused
}

// clear has it removed, and waits until that is done.
func (s *spot) clear() {
	if s.instance != nil && !s.going {
		s.remove()
	}
	for s.instance != nil {
		time.Sleep(100 * time.Millisecond)
		s.w.settle()
	}
}

// remove has it removed.
func (s *spot) remove() {
	removed := s.instance
	s.going, s.may.removed = true, true
	go func() {
		if err := removed.Remove(context.Background()); err != nil {
			s.w.violated(ruleRun, "place %d: removed: %v", s.index, err)
		}
		s.gone.Store(true)
	}()
}

// ask asks for what concerns one that is there.
func (s *spot) ask(step step) (err error, refused bool) {
	d := time.Duration(step.Value % uint64(10*time.Second))
	switch step.Kind {
	case stepRemove:
		s.remove()
		return nil, false
	case stepJoin:
		refused = s.joined
		if err = s.instance.join(); err == nil {
			s.joined, s.may.grouped = true, true
		}
		return err, refused
	case stepLeave:
		refused = !s.joined
		if err = s.instance.leave(); err == nil {
			s.joined = false
		}
		return err, refused
	case stepMaintenance:
		if err = s.instance.Maintenance(!s.barred); err == nil {
			s.barred = !s.barred
			s.may.barred = true
		}
		return err, false
	case stepResign:
		s.may.resigned = true
		return s.instance.Resign(d), false
	case stepForce:
		idle := s.state == stateInit(s.w.CARP)
		return s.instance.Force(d), idle
	}
	return s.change(step)
}

// change asks for another configuration. What both have is kept.
func (s *spot) change(step step) (err error, refused bool) {
	wish := s.wish.changed(step, s.w.CARP)
	refused = !s.possible(wish)
	switch step.Kind {
	case stepSetTrackers:
		err = s.instance.setTrackers(wish.Trackers)
	case stepSetRank:
		err = s.instance.setRank(wish.Rank)
	default:
		err = s.instance.reconfigure(wish)
	}
	if err == nil {
		s.wish = wish
		s.may.trackers |= wish.Trackers
		s.kept = slices.DeleteFunc(s.kept, func(p netip.Prefix) bool { return !slices.Contains(s.addrs(wish), p) })
	}
	return err, refused
}

// conditions returns how many conditions it depends on, or did since the last look.
func (s *spot) conditions() int { return bits.OnesCount8(s.may.trackers | s.wish.Trackers) }

// stateInit and stateActive are what protocols call the states.
func stateInit(carp bool) string {
	if carp {
		return "Init"
	}
	return "Initialize"
}

func stateActive(carp bool) string {
	if carp {
		return "Master"
	}
	return "Active"
}
