// SPDX-License-Identifier: Apache-2.0

package engine

import "time"

// Bar keeps the member out of the election, for reasons that lie in neither link nor
// address, or lets it take part again. It is for the loop, or for before [Engine.Add].
func (s *Seat) Bar(on bool) {
	if s.barred == on {
		return
	}
	s.barred = on
	if s.joined {
		s.Settle()
	}
}

// Able reports whether link and address let the member take part, barred or not.
func (s *Seat) Able() bool { return s.able }

// Leaving reports whether the seat is not taken, is being removed, or the engine is
// stopping.
func (s *Seat) Leaving() bool { return !s.joined || s.removal != nil || s.engine.stopping }

// Post has f run on the loop, without waiting for it, unless the seat is leaving by
// then. It is safe for concurrent use.
func (s *Seat) Post(f func(now time.Time)) {
	e := s.engine
	e.loop.Post(func() {
		if !s.Leaving() {
			f(e.now)
		}
	})
}
