// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// retryFirst and retryMost bound the time until a failed removal of addresses is
// tried again; it doubles each time.
const (
	retryFirst = time.Second
	retryMost  = 60 * time.Second
)

// Announced counts calls to the Announcer.
type Announced struct{ Calls, Errors uint64 }

// Announced returns how many announcements there were.
func (s *Seat) Announced() Announced { return Announced{s.announced.Load(), s.unannounced} }

// LastError returns what went wrong last, nil if nothing did.
func (s *Seat) LastError() error {
	if s.trouble == nil {
		return nil
	}
	return s.trouble.last
}

// holderConfig connects the seat's address work with the loop.
func (s *Seat) holderConfig() holder.Config {
	return holder.Config{Common: s.engine.work, Place: &s.cfg.Place, Outcomes: outcomes{s}, Together: s.batches()}
}

// outcomes takes the outcome of address work to the loop. There it concerns nobody if
// another engine has taken the seat over by then.
type outcomes struct{ seat *Seat }

func (o outcomes) post(f func()) {
	o.seat.engine.loop.Post(func() {
		if !o.seat.abandoned {
			f()
		}
	})
}

// Added, Removed and Hooked are those of [holder.Outcomes].
func (o outcomes) Added(err error)   { o.post(func() { o.seat.addressesAdded(err) }) }
func (o outcomes) Removed(err error) { o.post(func() { o.seat.addressesRemoved(err) }) }
func (o outcomes) Hooked(err error)  { o.post(func() { o.seat.Failed("hook failed", err) }) }

// Announced is one of them, too. The loop need not wake for each of thousands of
// announcements, five an address.
func (o outcomes) Announced(err error) {
	o.seat.announced.Add(1)
	if err != nil {
		o.post(func() { o.seat.addressesNotAnnounced(err) })
	}
}

// addressesAdded, addressesRemoved and addressesNotAnnounced take in the outcome of
// address work.
func (s *Seat) addressesAdded(err error) {
	if err != nil {
		s.Failed("addresses not added", err)
	}
	s.member.AddressesAdded(s.engine.now, err)
	if s.missed {
		s.renew()
	}
}

// addressesRemoved has what failed tried again, at growing intervals: all together
// that failed until then.
func (s *Seat) addressesRemoved(err error) {
	switch {
	case err != nil:
		s.Failed("addresses not removed", err)
		s.passOn()
		if s.retryAt.IsZero() {
			s.retryAt = s.engine.instant().Add(min(retryFirst<<s.retries, retryMost))
			s.retries = min(s.retries+1, 10)
		}
	case s.Holder.Settled():
		s.retries = 0
		s.passOn()
		s.giveUp(nil)
		s.member.AddressesRemoved(s.engine.now)
	}
	s.follow()
}

// giveUp notes which addresses are not in the settings any more, and not known to be
// removed.
func (s *Seat) giveUp(addrs []netip.Prefix) {
	delete(s.engine.given, s)
	if len(addrs) > 0 {
		s.engine.given[s] = addrs
	}
}

// passOn has addresses that the seat has given up, and that a call was to remove, added
// once more by the seat on the link that has taken them over meanwhile: its addition may
// have come before the removal. One that failed may have removed some of them.
func (s *Seat) passOn() {
	given := map[netip.Addr]bool{}
	for _, p := range s.engine.given[s] {
		given[p.Addr()] = true
	}
	if len(given) == 0 {
		return
	}
	for _, other := range s.engine.seats {
		if other == s || other.cfg.Link != s.cfg.Link || other.standing.role != Holding {
			continue
		}
		taken := slices.DeleteFunc(slices.Clone(other.cfg.Addresses), func(p netip.Prefix) bool { return !given[p.Addr()] })
		if len(taken) > 0 {
			other.Holder.Add(taken)
		}
	}
}

func (s *Seat) addressesNotAnnounced(err error) {
	s.unannounced++
	s.Failed("addresses not announced", err)
}

// Failed reports, at a bounded rate, that something could not be done.
func (s *Seat) Failed(what string, err error) {
	t := s.troubled()
	t.last = err
	if suppressed, ok := t.failures.Allow(s.engine.now); ok {
		s.member.Failed(what, err, suppressed)
		s.engine.log.Log(s.engine.now, slog.LevelError, what, slog.String(s.engine.cfg.Noun, s.cfg.Name), slog.Any("error", err), slog.Int("suppressed", suppressed))
	}
}
