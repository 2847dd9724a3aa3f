// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"time"
)

// will is what the guard was last told of a seat.
type will uint8

const (
	willNone      will = iota
	willAddresses      // to remove what is kept for the successor
	willAll            // to say goodbye and to remove the addresses
)

// bequeath brings the will in line with where the election stands. What was inherited is
// still that of who had it before, until the other side can't take it back.
func (s *Seat) bequeath() {
	if e := s.engine; e.cfg.Guard == nil || e.cfg.Inherit != nil && e.inherited == 0 {
		return
	}
	want, addrs, validity := willNone, []netip.Prefix(nil), time.Duration(0)
	if s.standing.role == Holding {
		want, addrs, validity = willAll, s.cfg.Addresses, leaseIntervals*s.cfg.Interval
	} else if addrs = s.Holder.Held(); s.standing.role == Releasing || len(addrs) > 0 {
		want = willAddresses
	}
	if want == s.will && (want == willNone || !s.willStale) {
		return
	}
	s.will, s.willStale = want, false
	devices := s.devices(addrs)
	for i := range s.legs {
		s.legs[i].bequeath(s, s.willOf(i), want, devices, validity)
		devices = nil
	}
}

// bequeathAll does so for all seats.
func (e *Engine) bequeathAll() {
	for _, s := range e.seats {
		s.bequeath()
	}
}

// flusher is a guard that tells when it has what was set and cleared before. Another error
// than that of ctx says that there is nobody who would execute a will.
type flusher interface {
	Flush(ctx context.Context) error
}

// voidWills takes all wills back, and waits until the guard has none. It comes before
// anything is handed over: if this process dies after that, nobody says goodbye for what
// another one may have by then.
func (e *Engine) voidWills(ctx context.Context) error {
	guard := e.cfg.Guard
	if guard == nil {
		return nil
	}
	for _, s := range e.seats {
		if s.will == willNone {
			continue
		}
		for i := range s.legs {
			guard.Clear(s.willOf(i))
		}
		s.will = willNone
	}
	if f, ok := guard.(flusher); ok {
		if err := f.Flush(ctx); ctx.Err() != nil {
			return fmt.Errorf("%s: the guard keeps its wills: %w", e.cfg.Protocol, cmp.Or(err, ctx.Err()))
		}
	}
	return nil
}

// willOf returns the identifier for the guard of a leg.
func (s *Seat) willOf(leg int) int { return int(s.wills) + leg }

// bequeath has one leg's part of the will kept: its goodbye and, of the first leg,
// the addresses.
func (l *Leg) bequeath(s *Seat, id int, want will, devices map[netip.Prefix]string, validity time.Duration) {
	dst, goodbye := l.group, []byte(nil)
	if want == willAll && l.source.IsValid() {
		if to, message := s.member.Goodbye(l); message != nil {
			dst, goodbye = to, message
		}
	}
	if want == willNone || goodbye == nil && devices == nil {
		s.engine.cfg.Guard.Clear(id)
		return
	}
	s.engine.cfg.Guard.Set(id, s.cfg.Link, l.source, dst, goodbye, devices, validity)
}

// devices returns addresses with the devices that they are on, none if nobody
// adds them.
func (s *Seat) devices(addrs []netip.Prefix) map[netip.Prefix]string {
	devices := map[netip.Prefix]string{}
	if s.cfg.Backend == nil {
		return devices
	}
	for _, p := range addrs {
		devices[p] = cmp.Or(s.cfg.Devices[p], s.cfg.Link)
	}
	return devices
}

// GoodbyeChanged tells that the goodbye is another than the one that the guard was
// given. It is told at the next [Seat.Follow].
func (s *Seat) GoodbyeChanged() { s.willStale = true }
