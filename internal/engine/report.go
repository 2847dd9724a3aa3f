// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/quietlog"
	"github.com/go-fhrp/fhrp/netif/track"
)

// trouble is what there was with one seat, and bounds what is logged of it.
type trouble struct {
	last      error // what went wrong last
	failures  quietlog.Limit
	conflicts quietlog.Limit                   // claims to its addresses
	odd       map[fmt.Stringer]*quietlog.Limit // each notice
}

// troubled returns what trouble there was with the seat, to note more.
func (s *Seat) troubled() *trouble {
	if s.trouble == nil {
		s.trouble = &trouble{odd: map[fmt.Stringer]*quietlog.Limit{}}
	}
	return s.trouble
}

// Conflict reports, at a bounded rate, that another host claims an address, by which
// MAC address: whether this time, and how many more there were since the last.
func (s *Seat) Conflict(addr netip.Addr, mac [6]byte) (suppressed int, ok bool) {
	if suppressed, ok = s.troubled().conflicts.Allow(s.engine.now); ok {
		s.engine.log.Log(s.engine.now, slog.LevelWarn, "address claimed by another host", slog.String(s.engine.cfg.Noun, s.cfg.Name), slog.Any("address", addr),
			slog.String("mac", net.HardwareAddr(mac[:]).String()), slog.Int("suppressed", suppressed))
	}
	return suppressed, ok
}

// Odd reports, at a bounded rate for each notice, what is odd about a peer: whether this
// time, and how many more there were since the last.
func (s *Seat) Odd(notice fmt.Stringer, peer netip.Addr) (suppressed int, ok bool) {
	odd := s.troubled().odd
	limit := odd[notice]
	if limit == nil {
		limit = &quietlog.Limit{}
		odd[notice] = limit
	}
	if suppressed, ok = limit.Allow(s.engine.now); ok {
		s.engine.log.Log(s.engine.now, slog.LevelWarn, "odd advertisement", slog.String(s.engine.cfg.Noun, s.cfg.Name), slog.String("notice", notice.String()),
			slog.Any("peer", peer), slog.Int("suppressed", suppressed))
	}
	return suppressed, ok
}

// ConditionChanged reports that a condition has another reading.
func (s *Seat) ConditionChanged(c track.Change) {
	attrs := []slog.Attr{slog.String(s.engine.cfg.Noun, s.cfg.Name), slog.String("condition", c.Name), slog.String("before", c.Before.String()), slog.String("now", c.Now.String())}
	if c.Err != nil {
		attrs = append(attrs, slog.Any("error", c.Err))
	}
	s.engine.log.Log(s.engine.now, slog.LevelInfo, "condition changed", attrs...)
}
