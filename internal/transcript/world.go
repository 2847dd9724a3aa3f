// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"net/netip"
	"slices"
	"time"
)

// world is the nodes, what is between them, and the clock.
type world struct {
	protocol Protocol
	begin    time.Time
	now      time.Time
	stations []*station
	pending  []event // by their time, then in the order in which they were made
	delay    time.Duration
	works    bool // address work is done by itself
	cuts     map[pair]bool
	losses   map[pair]int
	separate bool // nodes hear nothing of each other by themselves
	client   *client
	said     []said
	told     bool // deadlines are to be printed
}

// event is something that happens by itself.
type event struct {
	at time.Time
	do func()
}

// pair is a way from one node to another, by their names.
type pair struct{ from, to string }

// defaultDelay is how long packets take if nothing else is said.
const defaultDelay = time.Millisecond

func newWorld(p Protocol) *world {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &world{protocol: p, begin: begin, now: begin, delay: defaultDelay, cuts: map[pair]bool{}, losses: map[pair]int{}}
}

// after has something happen later.
func (w *world) after(d time.Duration, do func()) { w.at(w.now.Add(d), do) }

func (w *world) at(at time.Time, do func()) {
	i := len(w.pending)
	for i > 0 && w.pending[i-1].at.After(at) {
		i--
	}
	w.pending = slices.Insert(w.pending, i, event{at, do})
}

// advance has everything happen that is due until then, in order. What arrives
// at the moment of a deadline comes before it.
func (w *world) advance(until time.Time) {
	for {
		at, who := w.nextDeadline()
		switch {
		case len(w.pending) > 0 && !w.pending[0].at.After(until) && (who == nil || !w.pending[0].at.After(at)):
			e := w.pending[0]
			w.pending = w.pending[1:]
			w.turn(e.at)
			e.do()
		case who != nil && !at.After(until):
			w.turn(at)
			w.perform(who, who.node.Expire(w.now))
		default:
			w.turn(until)
			return
		}
	}
}

// turn moves the clock, which doesn't run backwards.
func (w *world) turn(to time.Time) {
	if to.After(w.now) {
		w.now = to
	}
}

// nextDeadline returns the earliest one, and whose it is.
func (w *world) nextDeadline() (earliest time.Time, who *station) {
	for _, s := range w.stations {
		at, ok := s.node.Deadline()
		if ok && !s.frozen && (who == nil || at.Before(earliest)) {
			earliest, who = at, s
		}
	}
	return earliest, who
}

// perform carries out what came of an input.
func (w *world) perform(s *station, effects []Effect) {
	for _, e := range effects {
		if e.Text != "" {
			w.say(s.name, e.Text)
		}
		if e.Packet != nil {
			w.send(s, func(to *station) { w.perform(to, to.node.Receive(w.now, e.Packet)) })
		}
		s.start(w, e.Work, e.Addrs)
	}
	w.client.look(w)
}

// send has something arrive at all others.
func (w *world) send(from *station, do func(to *station)) {
	for _, to := range w.stations {
		if to == from || w.separate || !w.passes(from.name, to.name) {
			continue
		}
		w.after(w.delay, func() { to.arrive(parcel{packet: true, do: func() { do(to) }}) })
	}
}

// passes reports whether the next packet gets through.
func (w *world) passes(from, to string) bool {
	p := pair{from, to}
	if w.losses[p] > 0 {
		w.losses[p]--
		return false
	}
	return !w.cuts[p]
}

// announced tells everybody that a node has announced an address.
func (w *world) announced(s *station, addr netip.Addr) {
	w.send(s, func(to *station) { w.perform(to, to.node.Claimed(w.now, addr)) })
	w.client.hear(w, s, addr)
}
