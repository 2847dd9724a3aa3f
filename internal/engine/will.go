// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
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

// bequeath brings the will in line with where the election stands.
func (s *Seat) bequeath() {
	if s.engine.cfg.Guard == nil {
		return
	}
	want, addrs, validity := willNone, []netip.Prefix(nil), time.Duration(0)
	if s.standing.Role == Holding {
		want, addrs, validity = willAll, s.cfg.Addresses, leaseIntervals*s.cfg.Interval
	} else if addrs = s.Holder.Held(); s.standing.Role == Releasing || len(addrs) > 0 {
		want = willAddresses
	}
	if want == s.will && (want == willNone || !s.willStale) {
		return
	}
	s.will, s.willStale = want, false
	devices := s.devices(addrs)
	for i := range s.legs {
		s.legs[i].bequeath(s, want, devices, validity)
		devices = nil
	}
}

// bequeath has one leg's part of the will kept: its goodbye and, of the first leg,
// the addresses.
func (l *Leg) bequeath(s *Seat, want will, devices map[netip.Prefix]string, validity time.Duration) {
	dst, goodbye := l.group, []byte(nil)
	if want == willAll && l.source.IsValid() {
		if to, message := s.member.Goodbye(l); message != nil {
			dst, goodbye = to, message
		}
	}
	if want == willNone || goodbye == nil && devices == nil {
		s.engine.cfg.Guard.Clear(l.will)
		return
	}
	s.engine.cfg.Guard.Set(l.will, s.cfg.Link, l.source, dst, goodbye, devices, validity)
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
