// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing/synctest"
)

// The rules of walks, besides those of scenarios.
const (
	ruleTouched rule = "what both configurations hold is neither removed nor added again"
	ruleStream  rule = "the stream has each event once, and what it says of the state is so"
	ruleReason  rule = "who gives up the role has an event that says why"
	ruleRefused rule = "what is refused changes nothing"
)

// settle waits until nothing moves, and judges what there was since the last time.
func (w *walker) settle() {
	synctest.Wait()
	w.mu.Lock()
	events := w.events
	w.events = nil
	w.mu.Unlock()
	for _, o := range events {
		w.judgeEvent(o)
	}
	for _, s := range w.places {
		if s.instance != nil {
			s.judge()
		}
	}
}

// judgeEvent judges the next event.
func (w *walker) judgeEvent(o occurrence) {
	if w.heard++; o.number != w.heard || o.lost != 0 {
		w.violated(ruleStream, "event %d after %d, lost %d: %s", o.number, w.heard-1, o.lost, o.text)
	}
	i := slices.IndexFunc(w.places[:], func(s *spot) bool { return s.instance != nil && s.instance.owns(o.of) })
	if !o.transition || i < 0 {
		return
	}
	s, active := w.places[i], stateActive(w.CARP)
	if o.from != s.state {
		w.violated(ruleStream, "place %d was %s: %s", i, s.state, o.text)
	}
	if s.state = o.to; o.to == active {
		s.took++
	}
	if o.from == active {
		s.left = true
		w.tally.gaveUp++
		if !s.explains(o) {
			w.violated(ruleReason, "place %d: %s", i, o.text)
		}
	}
}

// explains reports whether there was what an event gives as the reason.
func (s *spot) explains(o occurrence) bool {
	switch o.reason {
	case "peer has higher priority", "peer of equal priority has higher address",
		"more frequent advertisement received", "peer of equal rank has lower address", "peer of equal rank stays":
		return s.w.Peer && o.peer
	case "resigned":
		return s.may.resigned
	case "maintenance":
		return s.may.barred
	case "tracked condition":
		return s.conditions() > 0 && strings.HasPrefix(o.by, "condition ")
	case "moved with its group":
		return s.may.grouped && o.by != ""
	case "shutdown":
		return s.may.removed
	}
	return false
}

// judge judges one place.
func (s *spot) judge() {
	w := s.w
	is := s.instance.look()
	if gone := s.gone.Load(); !gone && (is.state != s.state || is.took != s.took) {
		w.violated(ruleStream, "place %d is %s and has taken the role %d times, but for the events it is %s, %d times", s.index, is.state, is.took, s.state, s.took)
	} else if gone {
		s.instance = nil
		return
	}
	w.mu.Lock()
	touched, busy := s.shelf.touched, w.calls > 0
	s.shelf.touched = nil
	w.mu.Unlock()
	for _, p := range s.kept {
		switch {
		case s.left:
		case slices.Contains(touched, p):
			w.violated(ruleTouched, "place %d: %v", s.index, p)
		default:
			w.tally.kept++
		}
	}
	active := s.state == stateActive(w.CARP)
	if s.left || !active {
		s.kept = nil
	}
	s.left, s.may = false, reasons{barred: s.barred, grouped: s.joined, removed: s.going, trackers: s.wish.Trackers}
	if !active || busy {
		return
	}
	s.kept = s.addrs(s.wish)
	for _, p := range s.kept {
		if !w.there(s, p) {
			w.violated(rulePresent, "place %d has no %v", s.index, p)
		}
	}
}

// there reports whether an address is there.
func (w *walker) there(s *spot, p fmt.Stringer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.book[[2]string{linkOf(s.index), p.String()}]
}

// picture is all that can be seen of the program.
func (w *walker) picture() string {
	var b strings.Builder
	for _, s := range w.places {
		if s.instance != nil {
			fmt.Fprintf(&b, "place %d: %s\n", s.index, s.instance.look().all)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	touched := 0
	for _, s := range w.places {
		if s.shelf != nil {
			touched += len(s.shelf.touched)
		}
	}
	fmt.Fprintf(&b, "%d packets sent, %d events, %d addresses touched", w.sent, len(w.events), touched)
	return b.String()
}

// stop has the program end.
func (w *walker) stop(cancel context.CancelFunc) {
	w.note("stop")
	for _, s := range w.places {
		s.may.removed = true
	}
	cancel()
}

// ended judges what has come to an end.
func (w *walker) ended() {
	for _, s := range w.places {
		if s.state == stateActive(w.CARP) && s.instance != nil {
			w.violated(ruleReason, "place %d has ended, and no event says so", s.index)
		}
	}
	for key, there := range w.book {
		if there {
			w.violated(ruleAbsent, "%v is left behind", key)
		}
	}
}
