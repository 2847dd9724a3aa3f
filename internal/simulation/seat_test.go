// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"net/netip"
	"slices"
	"time"
)

// group is a virtual router or virtual host.
type group struct {
	index   int
	spec    *groupSpec
	seats   []*seat
	slowest time.Duration // the longest interval that it ever had
	lowest  uint8         // the lowest rank that a member ever had
}

// seat is the place of a node in a group: what it is configured to do there, and
// what became of it.
type seat struct {
	c     *cluster
	st    *station
	group *group
	pool  []netip.Prefix // that the addresses of the group are of
	place place

	want, is settings // as it is to be, and as it is
	active   bool
	running  bool      // is out of Initialize
	started  bool      // has been out of Initialize in this life
	since    time.Time // it has been Active, or has not
	changed  time.Time // the configuration was changed last
	excused  time.Time // it need not claim the role before that
	failures int       // to add addresses, in this life
}

// settings are those of a seat.
type settings struct {
	memberSpec
	interval  time.Duration
	addresses uint8
}

// held returns the service addresses.
func (s *seat) held() []netip.Prefix {
	var list []netip.Prefix
	for i, p := range s.pool {
		if s.is.addresses&(1<<i) != 0 {
			list = append(list, p)
		}
	}
	return list
}

// fixed reports whether the addresses are there for good.
func (s *seat) fixed() bool {
	return !s.group.spec.Protocol.carp() && s.is.Rank == 255 && !s.is.OwnerAdds
}

// begin is called before the program starts.
func (s *seat) begin() {
	s.is = s.want
	s.active, s.running, s.started, s.since, s.changed, s.failures = false, false, false, s.c.now(), s.c.now(), 0
	s.excused = time.Time{}
	s.sweep()
	s.dirty()
}

// sweep removes addresses that an earlier run has left and that are not in the
// configuration, as a vip.Keeper does at its start.
func (s *seat) sweep() {
	for i, p := range s.pool {
		if s.is.addresses&(1<<i) == 0 {
			s.st.book.set(p, time.Time{})
		}
	}
}

// end is called when it is gone.
func (s *seat) end() {
	s.active, s.since, s.place = false, s.c.now(), nil
	s.dirty()
}

// dirty has the judge look at the seat.
func (s *seat) dirty() { s.c.judge.stale = true }

// apply brings the program in line with what the seat is to be.
func (s *seat) apply() {
	if s.st.life == nil || s.st.life.stopping || s.want == s.is {
		return
	}
	before := s.is
	s.is = s.want
	if err := s.place.reconfigure(s); err != nil {
		s.is = before
		s.c.violated(ruleRun, "node %d group %d can't be reconfigured: %v", s.st.node.index, s.group.index, err)
		return
	}
	s.group.slowest = max(s.group.slowest, s.is.interval)
	if s.changed = s.c.now(); !s.started {
		s.sweep()
	}
	s.c.disturb()
}

// transition is called by the program.
func (s *seat) transition(from, to, why string, running, active, failed bool) {
	now := s.c.now()
	s.st.life.seen.changed++
	if s.c.told != nil {
		s.c.note(s.st.node.index, "group %d: %s -> %s: %s", s.group.index, from, to, why)
	}
	if active != s.active {
		s.since = now
	}
	if running && !s.running {
		s.excused = later(s.excused, now.Add(s.c.atMost(s.is.StartupHold)))
	}
	s.active, s.running, s.started = active, running, s.started || running
	if failed {
		s.excused = now.Add(s.c.atMost(min(time.Second<<min(s.failures, 10), backOffMost)))
		s.failures++
	}
	s.dirty()
}

// removing is called when the program removes addresses.
func (s *seat) removing(addrs []netip.Prefix) {
	for _, p := range s.held() {
		if s.active && slices.Contains(addrs, p) {
			s.c.violated(ruleRemove, "node %d group %d is Active and removes %v", s.st.node.index, s.group.index, p)
		}
	}
}
