// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

// station is a node and what surrounds it.
type station struct {
	name     string
	node     Node
	frozen   bool
	inbox    []parcel     // what has come while it was frozen
	holds    []netip.Addr // addresses that are there
	work     time.Duration
	busy     time.Time // address work takes until then
	failure  string    // why addresses can't be added
	life     int       // how often it has crashed
	silenced int       // how often it was silenced
}

// parcel is something that has come for a node.
type parcel struct {
	packet bool // from the network
	do     func()
}

func newStation(name string, node Node) *station { return &station{name: name, node: node} }

// arrive hands something to the node, or keeps it until it wakes.
func (s *station) arrive(p parcel) {
	if s.frozen {
		s.inbox = append(s.inbox, p)
		return
	}
	p.do()
}

// start begins address work, which is done behind what was begun before.
func (s *station) start(w *world, work Work, addrs []netip.Addr) {
	switch {
	case work == Silence:
		s.silenced++
	case work == Own:
		s.holds = slices.Clone(addrs)
	}
	if !w.works || work != Add && work != Remove && work != Announce {
		return
	}
	if s.busy.Before(w.now) {
		s.busy = w.now
	}
	if work != Announce {
		s.busy = s.busy.Add(s.work)
	}
	life, silenced := s.life, s.silenced
	w.at(s.busy, func() {
		switch {
		case s.life != life:
		case work == Announce:
			if s.silenced == silenced {
				s.announce(w, addrs)
			}
		default:
			s.arrive(parcel{do: s.configure(w, work, addrs)})
		}
	})
}

// configure does address work, and returns what is left to do: to tell the node.
func (s *station) configure(w *world, work Work, addrs []netip.Addr) (tell func()) {
	var err error
	text := ""
	for _, a := range addrs {
		s.holds = slices.DeleteFunc(s.holds, func(h netip.Addr) bool { return h == a })
		if work == Add && s.failure == "" {
			s.holds = append(s.holds, a)
		}
		text += " " + a.String()
	}
	if work == Add && s.failure != "" {
		err = errors.New(s.failure)
		w.say(s.name, "not added"+text)
	} else {
		w.say(s.name, work.String()+text)
	}
	w.client.look(w)
	return func() { w.perform(s, s.node.Done(w.now, work, err)) }
}

// announce tells the others of those addresses that are there.
func (s *station) announce(w *world, addrs []netip.Addr) {
	for _, a := range addrs {
		if slices.Contains(s.holds, a) {
			w.announced(s, a)
		}
	}
	w.client.look(w)
}

// wake ends a time in which the node did nothing.
func (s *station) wake(w *world) error {
	if !s.frozen {
		return errors.New("not frozen")
	}
	s.frozen = false
	trusted := true
	if due, ok := s.node.Deadline(); ok && due.Before(w.now) {
		var effects []Effect
		effects, trusted = s.node.Wake(w.now, due)
		w.perform(s, effects)
	}
	inbox := s.inbox
	s.inbox = nil
	for _, p := range inbox {
		if trusted || !p.packet {
			p.do()
		}
	}
	w.perform(s, s.node.Expire(w.now))
	return nil
}

// crash ends the node, its addresses and what it was doing.
func (s *station) crash(w *world, will bool) {
	effects := s.node.Crash(w.now, will)
	s.life++
	s.frozen, s.inbox, s.holds, s.busy = false, nil, nil, time.Time{}
	w.perform(s, effects)
}
