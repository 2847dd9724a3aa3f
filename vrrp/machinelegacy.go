// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/legacy"
)

// machineLegacy is the state of a [Machine], for that of another process: all of its
// fields but the configuration, what is derived from it, and what a group says.
type machineLegacy struct {
	State          State          `json:"state"`
	Configured     uint8          `json:"configured_priority"`
	Priority       uint8          `json:"priority"`
	Weight         int16          `json:"weight,omitempty"`
	ActiveInterval time.Duration  `json:"active_interval"`
	Held           []netip.Prefix `json:"addresses"`

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

	Waiting      bool                         `json:"waiting,omitempty"`
	Eager        bool                         `json:"eager,omitempty"`
	Forced       bool                         `json:"forced,omitempty"`
	Refreshing   bool                         `json:"refreshing,omitempty"`
	ActiveSince  legacy.Offset                `json:"active_since,omitempty"`
	Predecessor  netip.Addr                   `json:"predecessor,omitzero"`
	SentAt       legacy.Offset                `json:"sent,omitempty"`
	Failures     int32                        `json:"failures,omitempty"`
	Releasing    []netip.Prefix               `json:"releasing,omitempty"`
	GoodbyeAfter bool                         `json:"goodbye_after,omitempty"`
	Defended     map[netip.Addr]legacy.Offset `json:"defended,omitempty"`
	Newer        netip.Addr                   `json:"newer,omitzero"`
	NewerUntil   legacy.Offset                `json:"newer_until,omitempty"`
	NewerAlone   int16                        `json:"newer_alone,omitempty"`
	Peer         netip.Addr                   `json:"peer,omitzero"`
	PeerPriority uint8                        `json:"peer_priority,omitempty"`
}

// legacyOf returns the state of a machine for another one.
func legacyOf(m *Machine, c legacy.Clock) machineLegacy {
	offset := func(at deadline.Instant) legacy.Offset { return c.Offset(m.clock.Time(at)) }
	l := machineLegacy{
		State: m.state, Configured: m.cfg.Priority, Priority: m.priority, Weight: m.weight, ActiveInterval: m.activeInterval, Held: m.held,
		DownAt: offset(m.downAt), AdverAt: offset(m.adverAt), AnnounceAt: offset(m.announceAt), QuietAt: offset(m.quietAt),
		ForcedUntil: offset(m.forcedUntil), ReleaseAt: offset(m.releaseAt), HoldUntil: offset(m.holdUntil),
		BackOffUntil: offset(m.backOffUntil), PreemptAt: offset(m.preemptAt), ResignedUntil: offset(m.resignedUntil), Claim: m.claim,
		Waiting: m.waiting, Eager: m.eager, Forced: m.forced, Refreshing: m.refreshing,
		ActiveSince: offset(m.activeSince), Predecessor: m.predecessor, SentAt: offset(m.sentAt), Failures: m.failures,
		Releasing: m.releasing, GoodbyeAfter: m.goodbyeAfter, Newer: m.newer, NewerUntil: offset(m.newerUntil), NewerAlone: m.newerAlone,
		Peer: m.peer, PeerPriority: m.peerPriority,
	}
	for a, at := range m.defended {
		if l.Defended == nil {
			l.Defended = map[netip.Addr]legacy.Offset{}
		}
		l.Defended[a] = offset(at)
	}
	return l
}

// check reports what no machine can have left.
func (l *machineLegacy) check() error {
	var bad string
	switch {
	case l.State > Active:
		bad = fmt.Sprint("state ", uint8(l.State))
	case l.Claim >= numReasons:
		bad = fmt.Sprint("reason ", uint8(l.Claim))
	case l.Priority == 0 || l.Configured == 0 || (l.Priority == PriorityOwner) != (l.Configured == PriorityOwner):
		bad = fmt.Sprint("priority ", l.Priority, " where ", l.Configured, " is configured")
	case l.ActiveInterval <= 0 || l.ActiveInterval > mostSeconds*time.Second:
		bad = fmt.Sprint("interval ", l.ActiveInterval)
	case l.State == Backup && l.DownAt == nil:
		bad = "Backup without down timer"
	case l.State == Active && (l.AdverAt == nil || l.SentAt == nil):
		bad = "Active without advertisement timer"
	case len(l.Held) == 0 || !valid(l.Held) || !valid(l.Releasing):
		bad = "addresses that can't be"
	case l.Failures < 0 || l.NewerAlone < 0 || l.NewerAlone > aloneMost+1:
		bad = "negative count"
	default:
		return nil
	}
	return &ValueError{Name: "legacy", Value: bad, Allowed: "what another Router has left"}
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
// state Initialize. The configuration of that one may be another: that is a change as by
// [Machine.Reconfigure], but for a priority that was set.
func (l *machineLegacy) restore(m *Machine, now time.Time, c legacy.Clock) ([]Action, error) {
	m.clock.Set(now)
	at := func(o legacy.Offset) deadline.Instant { return m.clock.Instant(c.Time(o)) }
	m.state, m.priority, m.weight, m.activeInterval, m.held = l.State, l.Priority, l.Weight, l.ActiveInterval, l.Held
	m.downAt, m.adverAt, m.announceAt, m.quietAt = at(l.DownAt), at(l.AdverAt), at(l.AnnounceAt), at(l.QuietAt)
	m.forcedUntil, m.releaseAt, m.holdUntil = at(l.ForcedUntil), at(l.ReleaseAt), at(l.HoldUntil)
	m.backOffUntil, m.preemptAt, m.resignedUntil = at(l.BackOffUntil), at(l.PreemptAt), at(l.ResignedUntil)
	m.claim, m.waiting, m.eager, m.forced, m.refreshing = l.Claim, l.Waiting && m.restrained, l.Eager, l.Forced, l.Refreshing
	m.activeSince, m.predecessor, m.sentAt, m.failures = at(l.ActiveSince), l.Predecessor, at(l.SentAt), l.Failures
	m.releasing, m.goodbyeAfter = l.Releasing, l.GoodbyeAfter
	m.newer, m.newerUntil, m.newerAlone = l.Newer, at(l.NewerUntil), l.NewerAlone
	m.peer, m.peerPriority = l.Peer, l.PeerPriority
	for a, answered := range l.Defended {
		if m.defended == nil {
			m.defended = map[netip.Addr]deadline.Instant{}
		}
		m.defended[a] = at(answered)
	}
	cfg, set := m.cfg, l.Priority != l.Configured && l.Configured == m.cfg.Priority
	if set { // by SetPriority
		cfg.Priority = l.Priority
	}
	actions, err := m.Reconfigure(now, cfg)
	if err == nil && set {
		m.cfg.Priority = l.Configured
	}
	return actions, err
}
