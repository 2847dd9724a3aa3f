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

// limits bounds what is logged of one seat.
type limits struct {
	failures  quietlog.Limit
	conflicts quietlog.Limit                   // claims to its addresses
	odd       map[fmt.Stringer]*quietlog.Limit // each notice
}

// limited returns what bounds the log of the seat.
func (s *Seat) limited() *limits {
	if s.limits == nil {
		s.limits = &limits{odd: map[fmt.Stringer]*quietlog.Limit{}}
	}
	return s.limits
}

// Conflict reports, at a bounded rate, that another host claims an address, by which
// MAC address: whether this time, and how many more there were since the last.
func (s *Seat) Conflict(addr netip.Addr, mac [6]byte) (suppressed int, ok bool) {
	if suppressed, ok = s.limited().conflicts.Allow(s.engine.now); ok {
		s.engine.log.Log(s.engine.now, slog.LevelWarn, "address claimed by another host", slog.String(s.engine.cfg.Noun, s.cfg.Name), slog.Any("address", addr),
			slog.String("mac", net.HardwareAddr(mac[:]).String()), slog.Int("suppressed", suppressed))
	}
	return suppressed, ok
}

// Odd reports, at a bounded rate for each notice, what is odd about a peer: whether this
// time, and how many more there were since the last.
func (s *Seat) Odd(notice fmt.Stringer, peer netip.Addr) (suppressed int, ok bool) {
	odd := s.limited().odd
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
