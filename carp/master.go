// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// enterMaster takes the role (carp_master_down): it advertises first, so that a
// host that is still Master lets go, then adds the addresses and announces them.
func (m *Machine) enterMaster(now time.Time, t Transition) {
	m.downAt, m.holdUntil, m.backOffUntil, m.waiting = time.Time{}, time.Time{}, time.Time{}, false
	m.equals.takenOver(t.Reason)
	m.adverAt = now.Add(m.Interval())
	m.advertise(now)
	m.do(AddAddresses{m.cfg.Addresses})
	m.resume()
	m.announce(m.cfg.Announcements.Burst)
	m.announceAt, m.refreshing = m.refreshAt(now), true
	if m.cfg.Announcements.Delay > 0 {
		m.announceAt, m.refreshing = now.Add(m.cfg.Announcements.Delay), false
	}
	m.change(t)
}

// leaveMaster ends what belongs to the role. What becomes of the addresses is
// for bowOut, keepFor and remove to say.
func (m *Machine) leaveMaster() {
	m.adverAt, m.announceAt, m.quietAt, m.forcedUntil = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	m.forced = false
	clear(m.defended)
}

// masterExpire is the end of the timer of advertisements (carp_send_ad), and what
// else has a time while Master.
func (m *Machine) masterExpire(now time.Time) {
	if deadline.Due(m.forcedUntil, now) {
		before := m.Rank()
		m.forced, m.forcedUntil = false, time.Time{}
		m.rankChanged(now, before)
	}
	if deadline.Due(m.adverAt, now) {
		m.advertise(now)
		m.adverAt = deadline.OnGrid(m.adverAt, now, m.Interval())
	}
	if deadline.Due(m.quietAt, now) {
		m.quietAt = time.Time{}
		m.announce(m.cfg.Announcements.Burst)
	}
	if deadline.Due(m.announceAt, now) {
		m.announceAgain(now)
	}
}

// masterReceive is case MASTER of carp_input_c (FreeBSD, NetBSD), of
// carp_proto_input_c (OpenBSD) and of ucarp. After another's bow-out, which was
// Master as well, somebody may be about to claim, so that this host speaks up soon.
func (m *Machine) masterReceive(now time.Time) {
	own := m.Rank()
	order := m.peerRank.Compare(own)
	switch {
	case m.peerRank.IsBowOut():
		m.announceOver(now, m.Interval())
		m.advertiseSoon(now)
	case m.peerRank.Demote < own.Demote:
		m.yieldToBetter(now, ReasonLessDemoted)
	case order < 0:
		m.yieldToBetter(now, ReasonMoreFrequent)
	case order == 0:
		m.equalHeard(now)
	default:
		m.competitorHeard(now)
	}
}

// yieldToBetter gives the role to a better peer, after it has advertised once
// more as ucarp does: the peer is to know that there was another Master, which has
// misled the neighbours, and need not have heard it before.
func (m *Machine) yieldToBetter(now time.Time, reason Reason) {
	m.advertise(now)
	m.yield(now, reason)
}

// yield gives the role to the peer.
func (m *Machine) yield(now time.Time, reason Reason) {
	m.leaveMaster()
	m.keepFor(now, handOver)
	m.enterBackup(now)
	m.better = betters{}.with(m.peer)
	m.follow(now, m.patience())
	m.change(m.heard(now, Backup, reason))
}

// competitorHeard reacts to another Master. It is told that it isn't alone, at once or
// as soon as may be: it need not have heard what was sent a moment ago.
func (m *Machine) competitorHeard(now time.Time) {
	if m.quietAt.IsZero() {
		m.do(NoticeCompetitor)
	}
	m.announceOver(now, max(m.Interval(), m.peerRank.Interval()))
	if !m.answer(now) {
		m.adverAt = deadline.Earlier(m.adverAt, m.soonest())
	}
}

// announceOver announces the addresses because another Master has announced them as
// its own: now, and when it has gone silent, for it advertises in intervals of this
// length at least.
func (m *Machine) announceOver(now time.Time, interval time.Duration) {
	if m.quietAt.IsZero() {
		m.announce(m.cfg.Announcements.Burst)
	}
	m.quietAt = now.Add(quietIntervals * interval)
}

// answer sends an advertisement at once, unless one was sent within a tenth of an
// interval.
func (m *Machine) answer(now time.Time) bool {
	if now.Before(m.soonest()) {
		return false
	}
	m.advertise(now)
	return true
}

// advertiseSoon sends an advertisement as soon as it may be sent out of turn, and
// those after it in intervals from then on.
func (m *Machine) advertiseSoon(now time.Time) {
	if m.answer(now) {
		m.adverAt = now.Add(m.Interval())
	} else {
		m.adverAt = deadline.Earlier(m.adverAt, m.soonest())
	}
}

// soonest returns when an advertisement may be sent out of turn.
func (m *Machine) soonest() time.Time { return m.sentAt.Add(m.Interval() / answersPerInterval) }

// rankChanged has a Master tell its new rank (carp_send_ad_all).
func (m *Machine) rankChanged(now time.Time, before Rank) {
	if m.state == Master && m.Rank() != before {
		m.advertiseSoon(now)
	}
}

// advertise sends an advertisement.
func (m *Machine) advertise(now time.Time) {
	m.sentAt = now
	if rank := m.Rank(); m.adver == nil || m.adverRank != rank {
		m.adver, m.adverRank = SendAdvertisement(rank), rank
	}
	m.do(m.adver)
}

// announce asks for announcements of all addresses.
func (m *Machine) announce(count int) {
	m.do(Announce{Addresses: m.cfg.Addresses, Count: count})
}

// announceAgain is the second burst, or a refresh if that is behind.
func (m *Machine) announceAgain(now time.Time) {
	count := 1
	if !m.refreshing {
		count = m.cfg.Announcements.Burst
	}
	m.announce(count)
	m.announceAt, m.refreshing = m.refreshAt(now), true
}

// refreshAt returns when the next refresh is due, the zero time for none.
func (m *Machine) refreshAt(now time.Time) time.Time {
	if m.cfg.Announcements.Refresh == 0 {
		return time.Time{}
	}
	return now.Add(m.cfg.Announcements.Refresh)
}
