// SPDX-License-Identifier: Apache-2.0

package netiftest

import (
	"container/heap"
	"slices"
	"time"
)

// Stepper is a router that can be run in steps, such as a vrrp.Router: Turn does
// what is due and returns when it wants to be called again at the latest.
type Stepper interface {
	Turn() (until time.Time, done bool)
}

// Simulation is a LAN with a clock of its own, which goes from one event to the
// next as fast as they can be worked off. It is not safe for concurrent use.
type Simulation struct {
	*LAN
	now    time.Time
	driven []*driven
	events events
	serial int
}

// driven is a host with the router on it.
type driven struct {
	host    *Host
	stepper Stepper
	until   time.Time // zero: never
	frozen  time.Time // not stepped before that
}

// NewSimulation returns a simulation at the given time, which is not the zero one.
func NewSimulation(cfg Config, start time.Time) *Simulation {
	s := &Simulation{now: start}
	s.LAN = newLAN(cfg, func() time.Time { return s.now })
	s.LAN.stepped = true
	return s
}

// Drive has a router on a host stepped, from now on. A host has one router: one
// whose router has ended, or crashed, can have another.
func (s *Simulation) Drive(h *Host, stepper Stepper) {
	s.driven = append(s.driven, &driven{host: h, stepper: stepper, until: s.now})
}

// Crash ends the stepping of a host's router, without a word to anybody, and
// closes what it had open. What has arrived for it is lost.
func (s *Simulation) Crash(h *Host) {
	s.forget(h)
	h.lan.mu.Lock()
	defer h.lan.mu.Unlock()
	h.inbox, h.ports = nil, nil
	h.network.outgoing, h.network.claims, h.network.headed = nil, nil, nil
}

// forget ends the stepping of a host's router.
func (s *Simulation) forget(h *Host) {
	s.driven = slices.DeleteFunc(s.driven, func(d *driven) bool { return d.host == h })
}

// Freeze stops a host's router for a time, as a stopped process or a paused
// virtual machine is. Packets go on to arrive.
func (s *Simulation) Freeze(h *Host, d time.Duration) {
	for _, r := range s.driven {
		if r.host == h {
			r.frozen = s.now.Add(d)
		}
	}
}

// After has f called when d has passed. f may call any method but Run.
func (s *Simulation) After(d time.Duration, f func()) {
	s.serial++
	heap.Push(&s.events, event{s.now.Add(d), s.serial, f})
}

// Run lets time pass.
func (s *Simulation) Run(d time.Duration) {
	end := s.now.Add(d)
	for {
		at, next := s.next()
		if len(s.events) > 0 && !s.events[0].at.After(at) || next == nil {
			if len(s.events) == 0 || s.events[0].at.After(end) {
				break
			}
			e := heap.Pop(&s.events).(event)
			s.now = later(s.now, e.at)
			e.f()
			continue
		}
		if at.After(end) {
			break
		}
		s.now = later(s.now, at)
		until, done := next.stepper.Turn()
		if next.until = until; done {
			s.forget(next.host)
		}
	}
	s.now = end
}

// next returns the router that wants to be stepped first, and when; nil if none
// ever does.
func (s *Simulation) next() (time.Time, *driven) {
	var first *driven
	var at time.Time
	for _, d := range s.driven {
		if t, ok := d.next(); ok && (first == nil || t.Before(at)) {
			first, at = d, t
		}
	}
	return at, first
}

// next returns when d is to be stepped: at its time, when something arrives for
// it, or now if it was woken.
func (d *driven) next() (time.Time, bool) {
	h := d.host
	select {
	case <-h.network.wake:
		d.until = h.lan.clock()
	default:
	}
	at, ok := d.until, !d.until.IsZero()
	h.lan.mu.Lock()
	defer h.lan.mu.Unlock()
	if len(h.inbox) > 0 && (!ok || h.inbox[0].at.Before(at)) {
		at, ok = h.inbox[0].at, true
	}
	return later(at, d.frozen), ok
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

type event struct {
	at     time.Time
	serial int
	f      func()
}

type events []event

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e events) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].serial < e[j].serial
	}
	return e[i].at.Before(e[j].at)
}
func (e *events) Push(x any) { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
