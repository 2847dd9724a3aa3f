// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"log/slog"
	"net/netip"
	"time"
)

// WrongDigest is an advertisement that was rejected for its digest, with the cause
// as far as it could be found out. The zero value is none.
type WrongDigest struct {
	At          time.Time   `json:"time"`            // when it arrived
	Source      netip.Addr  `json:"source,omitzero"` // where it came from
	Explanation Explanation `json:"explanation"`     // what made it wrong
}

// Finding out the cause takes up to a millisecond, and strangers can make it
// necessary: it is done once in explainSource for a source address, for
// maxSuspects of them, and altogether once in explainHost.
const (
	explainSource = 10 * time.Second
	explainHost   = 100 * time.Millisecond
	maxSuspects   = 8
)

// explain finds out, unless it did lately, what made a wrong digest, and reports
// it.
func (v *VirtualHost) explain(src netip.Addr, adv *Advertisement) {
	h := v.host
	now := h.engine.Now()
	if now.Before(h.explainAt) {
		return
	}
	suppressed, ok := v.suspects.allow(now, src)
	if !ok {
		return
	}
	h.explainAt = now.Add(explainHost)
	v.wrong = WrongDigest{At: now, Source: src, Explanation: v.auth.Explain(adv)}
	if h.cfg.Trace.WrongDigest != nil {
		h.cfg.Trace.WrongDigest(v, v.wrong)
	}
	h.log.Log(now, slog.LevelWarn, "wrong digest", slog.String(logName, v.cfg.Name), slog.Any("source", src),
		slog.String("cause", v.wrong.Explanation.String()), slog.Int("suppressed", suppressed))
}

// suspects are source addresses of wrong digests. The zero value has none.
type suspects [maxSuspects]suspect

type suspect struct {
	src        netip.Addr
	until      time.Time // not explained again before
	suppressed int
}

// allow reports whether a digest from src is to be explained, and how many from
// there were not since the last one.
func (s *suspects) allow(now time.Time, src netip.Addr) (suppressed int, ok bool) {
	free := -1
	for i := range s {
		switch known := &s[i]; {
		case known.src == src && now.Before(known.until):
			known.suppressed++
			return 0, false
		case known.src == src:
			suppressed = known.suppressed
			*known = suspect{src: src, until: now.Add(explainSource)}
			return suppressed, true
		case free < 0 && !now.Before(known.until):
			free = i
		}
	}
	if free < 0 {
		return 0, false
	}
	s[free] = suspect{src: src, until: now.Add(explainSource)}
	return 0, true
}
