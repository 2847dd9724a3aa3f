// SPDX-License-Identifier: Apache-2.0

package engine

import "time"

// Where many seats hold their addresses, what is due at nearly the same time is done
// in one turn: a turn with a wake-up costs more than ten advertisements. Deadlines
// of holders are put off to a grid that all have in common. A seat's advertisements
// are then all late by the same, and as far apart as they should be.
const (
	crowd  = 16  // seats, of which each still has its own time
	fine   = 128 // steps of the grid in an interval, so that what is put off is put off by less than 1 %
	finest = time.Microsecond
)

// onGrid returns the time at which a holder is to act that has something due at a
// time. Other roles act on the dot: their deadlines are hardly ever reached.
func (s *Seat) onGrid(at time.Time) time.Time {
	e := s.engine
	step := s.cfg.Interval / fine
	if len(e.seats) <= crowd || s.standing.role != Holding || step < finest {
		return at
	}
	if past := at.Sub(e.epoch) % step; past > 0 {
		return at.Add(step - past)
	}
	return at
}
