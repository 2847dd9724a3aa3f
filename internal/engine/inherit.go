// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/netip"
	"slices"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/holder"
)

// Legacy is what a seat leaves to that of another engine, besides its election.
type Legacy struct {
	Held      []holder.Held `json:"held,omitempty"`
	Legs      []LegLegacy   `json:"legs"`
	Announced Announced     `json:"announced"`
}

// LegLegacy is what a leg leaves.
type LegLegacy struct {
	Source netip.Addr `json:"source"`
	// Heard is the arrival of the last packet that was taken in on the port, in
	// nanoseconds since 1970: the sockets of both engines have received it.
	Heard int64 `json:"heard"`
	// HeardAH is that of packets with an authentication header, which have sockets of their own.
	HeardAH int64 `json:"heard-ah,omitzero"`
}

// Legacy returns what the seat leaves.
func (s *Seat) Legacy() Legacy {
	l := Legacy{Held: s.Holder.Legacy(), Announced: s.Announced()}
	for i := range s.legs {
		l.Legs = append(l.Legs, LegLegacy{s.legs[i].source, s.legs[i].port.heard, s.legs[i].port.heardAH})
	}
	return l
}

// Inherit takes what another seat has left. It is for within Config.Inherit, before the
// election that belongs to it is followed.
func (s *Seat) Inherit(l Legacy) {
	s.announced.Store(l.Announced.Calls)
	s.unannounced = l.Announced.Errors
	s.Holder.Inherit(l.Held)
	if slices.ContainsFunc(l.Held, func(h holder.Held) bool { return !h.Wished }) { // that could not be removed
		s.retryAt = s.engine.instant().Add(retryFirst)
	}
	for i := range min(len(s.legs), len(l.Legs)) {
		s.legs[i].source = l.Legs[i].Source
		p := s.legs[i].port
		p.cut, p.cutAH = max(p.cut, l.Legs[i].Heard), max(p.cutAH, l.Legs[i].HeardAH)
	}
}

// inheritor is a backend that is told what it has inherited, in the place of being asked to
// add it again.
type inheritor interface{ Inherited(addrs []netip.Prefix) }

// Keep has the backend make sure of what the seat has inherited and still wishes for:
// leases begin anew.
func (s *Seat) Keep() {
	var wished []netip.Prefix
	for _, h := range s.Holder.Legacy() {
		if h.Wished {
			wished = append(wished, h.Prefix)
		}
	}
	if s.standing.role != Holding || len(wished) == 0 {
		return
	}
	if b, ok := s.cfg.Backend.(inheritor); ok {
		b.Inherited(wished)
		return
	}
	s.Holder.Add(wished)
}

// inherit opens the ports and has the function of the configuration take over. Nothing
// else has been done before. It reports whether that went well.
func (e *Engine) inherit() bool {
	if !e.waiting || e.failed != nil {
		return e.failed == nil
	}
	e.pool.Hold() // nothing is touched if it comes to nothing
	e.selectPackets()
	e.network.Links(e.calls.link)
	if e.failed = e.cfg.Inherit(); e.failed != nil {
		e.stopping = true
		return false
	}
	e.Resume()
	e.inherited = e.turns + 1
	e.bequeathAll()
	return true
}

// Resume begins to take part, within Config.Inherit, when what there is to inherit has
// been taken. It is called after that as well, in vain.
func (e *Engine) Resume() {
	if !e.waiting {
		return
	}
	e.Freshen()
	e.waiting = false
	for _, s := range slices.Clone(e.seats) {
		s.Settle()
	}
}

// Freshen reads the clock, for what is done within Config.Inherit.
func (e *Engine) Freshen() {
	e.now = deadline.Later(e.now, e.cfg.Now())
	e.clock.Set(e.now)
	e.woken = e.now
	e.suspended()
}

// doubled reports whether a packet of that arrival was taken in by the engine that this
// one has inherited from, which has done so up to cut. That concerns the first turn only:
// what comes later comes to this engine alone, and its arrival may be told by a clock that
// was set back.
func (e *Engine) doubled(arrival, cut int64) bool {
	return e.turns == e.inherited && arrival <= cut
}

// InheritUnsent counts on from how many packets another engine could not send.
func (e *Engine) InheritUnsent(n uint64) { e.unsent += n }
