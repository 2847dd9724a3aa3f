// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/legacy"
)

// machineLegacy is the state of a [Machine], for that of another process: all of its
// fields but what is derived from them, and what a group says.
type machineLegacy struct {
	Config Config `json:"config"`
	State  State  `json:"state"`

	DownAt        legacy.Offset `json:"down,omitempty"`
	AdverAt       legacy.Offset `json:"adver,omitempty"`
	AnnounceAt    legacy.Offset `json:"announce,omitempty"`
	QuietAt       legacy.Offset `json:"quiet,omitempty"`
	ForcedUntil   legacy.Offset `json:"forced_until,omitempty"`
	ReleaseAt     legacy.Offset `json:"release,omitempty"`
	HoldUntil     legacy.Offset `json:"hold_until,omitempty"`
	BackOffUntil  legacy.Offset `json:"back_off_until,omitempty"`
	PreemptAt     legacy.Offset `json:"preempt,omitempty"`
	ResignedUntil legacy.Offset `json:"resigned_until,omitempty"`
	Claim         Reason        `json:"claim,omitempty"`
	BetterIPv4    netip.Addr    `json:"better_ipv4,omitzero"`
	BetterIPv6    netip.Addr    `json:"better_ipv6,omitzero"`

	EqualYieldedAt legacy.Offset  `json:"equal_yielded,omitempty"`
	EqualStand     bool           `json:"equal_stand,omitempty"`
	EqualCount     int            `json:"equal_count,omitempty"`
	EqualHeardAt   legacy.Offset  `json:"equal_heard,omitempty"`
	Demoted        map[string]int `json:"demoted,omitempty"`
	HostSum        int            `json:"host_demotion,omitempty"`
	Forced         bool           `json:"forced,omitempty"`
	Waiting        bool           `json:"waiting,omitempty"`
	Pace           time.Duration  `json:"pace,omitempty"`

	Refreshing  bool                         `json:"refreshing,omitempty"`
	SentAt      legacy.Offset                `json:"sent,omitempty"`
	Failures    int                          `json:"failures,omitempty"`
	Releasing   []netip.Prefix               `json:"releasing,omitempty"`
	BowOutAfter bool                         `json:"bow_out_after,omitempty"`
	Defended    map[netip.Addr]legacy.Offset `json:"defended,omitempty"`
	Peer        netip.Addr                   `json:"peer,omitzero"`
	PeerRank    Rank                         `json:"peer_rank"`
}

// legacyOf returns the state of a machine for another one.
func legacyOf(m *Machine, c legacy.Clock) machineLegacy {
	l := machineLegacy{
		Config: m.cfg, State: m.state, DownAt: c.Offset(m.downAt), AdverAt: c.Offset(m.adverAt), AnnounceAt: c.Offset(m.announceAt),
		QuietAt: c.Offset(m.quietAt), ForcedUntil: c.Offset(m.forcedUntil), ReleaseAt: c.Offset(m.releaseAt), HoldUntil: c.Offset(m.holdUntil),
		BackOffUntil: c.Offset(m.backOffUntil), PreemptAt: c.Offset(m.preemptAt), ResignedUntil: c.Offset(m.resignedUntil), Claim: m.claim,
		BetterIPv4: m.better.ipv4, BetterIPv6: m.better.ipv6, EqualYieldedAt: c.Offset(m.equals.yieldedAt), EqualStand: m.equals.stand,
		EqualCount: m.equals.count, EqualHeardAt: c.Offset(m.equals.heardAt), Demoted: m.demoted.weights, HostSum: m.hostSum,
		Forced: m.forced, Waiting: m.waiting, Pace: m.pace, Refreshing: m.refreshing, SentAt: c.Offset(m.sentAt), Failures: m.failures,
		Releasing: m.releasing, BowOutAfter: m.bowOutAfter, Peer: m.peer, PeerRank: m.peerRank,
	}
	for a, at := range m.defended {
		if l.Defended == nil {
			l.Defended = map[netip.Addr]legacy.Offset{}
		}
		l.Defended[a] = c.Offset(at)
	}
	return l
}

// mostInterval is more than any interval that can be advertised.
const mostInterval = 256 * time.Second

// check reports what no machine can have left.
func (l *machineLegacy) check() error {
	var bad string
	switch {
	case l.State > Master:
		bad = fmt.Sprint("state ", uint8(l.State))
	case l.Claim >= numReasons:
		bad = fmt.Sprint("reason ", uint8(l.Claim))
	case l.Pace < 0 || l.Pace > mostInterval:
		bad = fmt.Sprint("interval ", l.Pace)
	case l.State == Backup && l.DownAt == nil:
		bad = "Backup without down timer"
	case l.State == Master && (l.AdverAt == nil || l.SentAt == nil):
		bad = "Master without advertisement timer"
	case l.Failures < 0 || l.EqualCount < 0:
		bad = "negative count"
	case !valid(l.Releasing):
		bad = "addresses that can't be"
	default:
		return l.Config.Validate()
	}
	return &ValueError{Name: "legacy", Value: bad, Allowed: "what another Host has left"}
}

// valid reports whether all addresses are.
func valid(list []netip.Prefix) bool {
	for _, p := range list {
		if !p.IsValid() {
			return false
		}
	}
	return true
}

// restore gives the state, which check has passed, to the machine of another process, which is in
// state Init. The configuration of that one may be another: that is a change as by
// [Machine.Reconfigure].
func (l *machineLegacy) restore(m *Machine, now time.Time, c legacy.Clock) ([]Action, error) {
	cfg := m.cfg
	m.cfg, m.state = l.Config.withDefaults(), l.State
	m.downAt, m.adverAt, m.announceAt, m.quietAt = c.Time(l.DownAt), c.Time(l.AdverAt), c.Time(l.AnnounceAt), c.Time(l.QuietAt)
	m.forcedUntil, m.releaseAt, m.holdUntil = c.Time(l.ForcedUntil), c.Time(l.ReleaseAt), c.Time(l.HoldUntil)
	m.backOffUntil, m.preemptAt, m.resignedUntil = c.Time(l.BackOffUntil), c.Time(l.PreemptAt), c.Time(l.ResignedUntil)
	m.claim, m.better = l.Claim, betters{l.BetterIPv4, l.BetterIPv6}
	m.equals = equals{c.Time(l.EqualYieldedAt), l.EqualStand, l.EqualCount, c.Time(l.EqualHeardAt)}
	m.demoted, m.hostSum = Demotions{}, min(max(l.HostSum, -maxWeight), maxWeight)
	for reason, weight := range l.Demoted {
		m.demoted.Set(reason, weight)
	}
	m.demotion = m.hostSum + m.demoted.Sum()
	m.forced, m.waiting, m.pace = l.Forced, l.Waiting && m.restrained, l.Pace
	m.refreshing, m.sentAt, m.failures = l.Refreshing, c.Time(l.SentAt), l.Failures
	m.releasing, m.bowOutAfter, m.peer, m.peerRank = l.Releasing, l.BowOutAfter, l.Peer, l.PeerRank
	for a, at := range l.Defended {
		if m.defended == nil {
			m.defended = map[netip.Addr]time.Time{}
		}
		m.defended[a] = c.Time(at)
	}
	return m.Reconfigure(now, cfg)
}
