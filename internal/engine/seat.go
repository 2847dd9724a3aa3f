// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// SeatConfig is what a virtual router or virtual host asks of the engine.
type SeatConfig struct {
	Legs []LegConfig // one or two
	Terms
}

// Terms are what a seat has for as long as it takes part. What can be changed is in
// Settings.
type Terms struct {
	ID           uint8 // VRID or VHID, each once on a port
	AH           bool  // sends and receives packets with an authentication header: the network must be an [AHNetwork]
	Plain        bool  // packets come from the link's own MAC address, although there is another
	NoLease      bool  // hold addresses until they are removed, although Backend is a [holder.Leaser]
	holder.Place       // its MAC is what packets come from as well
	Settings
}

// Settings are what can be changed while taking part.
type Settings struct {
	Name      string                  // in logs and errors
	Interval  time.Duration           // between advertisements
	Addresses []netip.Prefix          // that are added and removed; none if they are on the link for good
	Devices   map[netip.Prefix]string // where Backend has them, if not on Link
	Unlinked  bool                    // it takes part although its link is down, where nobody hears it
}

// Seat is the place of one virtual router or virtual host in an engine. Do and
// Remove are safe for concurrent use; everything else belongs to the loop.
type Seat struct {
	// Holder makes the backend hold what the election wants held.
	Holder *holder.Holder

	engine   *Engine
	member   Member
	cfg      Terms
	legs     []Leg
	standing standing
	entry    deadline.Entry[*Seat]
	slept    int // the turn in which what it received can't be trusted

	lease       *lease           // nil if the addresses aren't leased
	leasedAt    deadline.Instant // last
	retryAt     deadline.Instant // removal of addresses is tried again
	announced   atomic.Uint64    // calls to the Announcer, counted by who makes them
	unannounced uint64           // those that failed
	trouble     *trouble         // nil: there was none, as with most of thousands
	removal     *removal         // nil unless somebody waits for it

	// What is small is side by side.
	wills     int32 // identifier of the first leg for the guard; the others follow
	will      will
	willStale bool // source or settings have changed
	missed    bool // a renewal, because addresses were being added
	able      bool // a leg has a source
	barred    bool
	usable    bool // able, and not barred
	joined    bool
	abandoned bool  // to another engine, which has the addresses
	retries   uint8 // of the removal of addresses, in succession
}

// removal is that of a seat.
type removal struct {
	done chan struct{} // closed when it is
	left error         // what could not be removed
}

// NewSeat returns the place for a member. It is taken by [Engine.Add].
func (e *Engine) NewSeat(m Member, cfg SeatConfig) *Seat {
	s := &Seat{engine: e, member: m, cfg: cfg.Terms, legs: make([]Leg, len(cfg.Legs))}
	for i, c := range cfg.Legs {
		s.legs[i] = Leg{group: c.Group, wanted: c.Source}
	}
	s.entry.Value = s
	return s
}

// Add lets a seat take part. Errors: Config.Closed, an [InUseError], and what
// Network.Attach says.
func (e *Engine) Add(s *Seat) error {
	err := error(nil)
	e.loop.Do(func() { err = s.join() })
	return err
}

// join takes the seat.
func (s *Seat) join() error {
	e := s.engine
	if e.closed || e.stopping {
		return e.cfg.Closed
	}
	if err := s.Available(s.cfg.Addresses); err != nil {
		return err
	}
	e.wake()
	if err := s.enterPorts(); err != nil {
		return err
	}
	s.joined = true
	s.Holder = holder.New(s.holderConfig())
	e.seats = append(e.seats, s)
	e.harmless = 0
	s.reserve()
	s.joinLease()
	s.Settle()
	return nil
}

// leave gives the seat up. What is still held is left behind.
func (s *Seat) leave() {
	e := s.engine
	if left := s.Holder.Held(); len(left) > 0 && !s.abandoned {
		err := fmt.Errorf("%s: %s: addresses left behind: %v: %w", e.cfg.Protocol, s.cfg.Name, left, cmp.Or(s.LastError(), e.cfg.Closed))
		e.left = append(e.left, err)
		if s.removal != nil {
			s.removal.left = err
		}
	}
	if s.removal != nil {
		defer close(s.removal.done)
	}
	s.unreserve()
	s.leaveLease()
	s.giveUp(nil)
	e.deadlines.Remove(&s.entry)
	e.seats = slices.DeleteFunc(e.seats, func(other *Seat) bool { return other == s })
	s.quitPorts()
	s.joined = false
}

// Configure changes the settings, and the source that is asked for on each leg.
// [Seat.Settle] is to be called when the election has taken part in the change.
func (s *Seat) Configure(settings Settings, sources ...netip.Addr) {
	s.unreserve()
	s.leaveLease()
	s.giveUp(prefixes.Without(s.Holder.Held(), settings.Addresses))
	s.cfg.Settings = settings
	s.engine.harmless = 0
	for i, source := range sources {
		s.legs[i].wanted = source
	}
	s.reserve()
	s.joinLease()
	s.willStale = true
}

// Name returns what it is called in logs and errors.
func (s *Seat) Name() string { return s.cfg.Name }

// Link returns the name of the network interface.
func (s *Seat) Link() string { return s.cfg.Link }

// Leg returns a leg, in the order of the configuration.
func (s *Seat) Leg(i int) *Leg { return &s.legs[i] }

// Slept reports whether what it received in this turn can't be trusted.
func (s *Seat) Slept() bool { return s.slept == s.engine.turns }

// Do has f run on the loop, or returns Config.Closed if the seat is being removed
// or the engine has been stopped.
func (s *Seat) Do(f func(now time.Time) error) error {
	e := s.engine
	err := e.cfg.Closed
	e.loop.Do(func() {
		if s.Leaving() {
			return
		}
		e.wake()
		err = f(e.now)
	})
	return err
}

// Remove hands over and gives the seat up. It returns when the addresses are gone,
// with an error that tells which could not be removed, or with the error of ctx,
// and the removal goes on.
func (s *Seat) Remove(ctx context.Context) error {
	err := s.Do(func(time.Time) error {
		s.removal = &removal{done: make(chan struct{})}
		s.engine.leaving++
		s.handOver()
		s.engine.sweep()
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case <-s.removal.done:
		return s.removal.left
	case <-ctx.Done():
		return ctx.Err()
	}
}

// handOver shuts the member down for good. Removals that failed before are tried
// once more, at the end.
func (s *Seat) handOver() {
	s.member.Shutdown(s.engine.now, Stopping)
	if s.retryAt = 0; s.standing.role != Releasing {
		s.Holder.Retry()
	}
}

// idle reports whether there is neither a hand-over nor address work left.
func (s *Seat) idle() bool { return s.standing.role != Releasing && s.Holder.Idle() }

// expire does what is due.
func (s *Seat) expire() {
	if deadline.Due(s.retryAt, s.engine.instant()) {
		s.retryAt = 0
		s.Holder.Retry()
	}
	s.member.Expire(s.engine.now)
}

// schedule notes when something is due next.
func (s *Seat) schedule() {
	at := deadline.Earlier(s.standing.deadline, s.retryAt)
	if at.IsZero() || !s.joined {
		s.engine.deadlines.Remove(&s.entry)
	} else {
		s.engine.deadlines.Set(&s.entry, s.onGrid(s.engine.clock.Time(at)))
	}
}
