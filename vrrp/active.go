// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// enterActive takes the role (RFC 9568 sections 6.4.1 and 6.4.2): it advertises
// first, so that a router that is still Active lets go, then adds the addresses
// and announces them. Addresses that are fixed are there already.
func (m *Machine) enterActive(now deadline.Instant, t Transition) {
	m.downAt, m.holdUntil, m.backOffUntil, m.waiting = 0, 0, 0, false
	m.activeSince, m.predecessor = now, netip.Addr{}
	if t.Reason == ReasonPreempt || t.Reason == ReasonForced {
		m.predecessor = m.peer
	}
	m.activeInterval = m.cfg.Interval
	m.adverAt = now.Add(m.cfg.Interval)
	m.advertise(now)
	if !m.cfg.fixed() {
		m.do(AddAddresses{m.held})
	}
	m.resume()
	m.announce(m.cfg.Announcements.Burst)
	m.announceAt, m.refreshing = m.refreshAt(now), true
	if m.cfg.Announcements.Delay > 0 {
		m.announceAt, m.refreshing = now.Add(m.cfg.Announcements.Delay), false
	}
	m.change(t)
}

// leaveActive ends what belongs to the role. What becomes of the addresses is
// for sayGoodbye, keepFor and release to say.
func (m *Machine) leaveActive() {
	m.adverAt, m.announceAt, m.quietAt, m.forcedUntil = 0, 0, 0, 0
	m.forced = false
	clear(m.defended)
}

// activeExpire is "If the Adver_Timer fires" (section 6.4.3), and what else has
// a time while Active.
func (m *Machine) activeExpire(now deadline.Instant) {
	if deadline.Due(m.forcedUntil, now) {
		m.forced, m.forcedUntil = false, 0
	}
	if deadline.Due(m.adverAt, now) {
		m.advertise(now)
		m.adverAt = deadline.OnGrid(m.adverAt, now, m.cfg.Interval)
	}
	if deadline.Due(m.quietAt, now) {
		m.quietAt = 0
		m.announce(m.cfg.Announcements.Burst)
	}
	if deadline.Due(m.announceAt, now) {
		m.announceAgain(now)
	}
}

// activeReceive is "If an ADVERTISEMENT is received" (section 6.4.3).
func (m *Machine) activeReceive(now deadline.Instant, src netip.Addr, adv *Advertisement) {
	own := m.Priority()
	switch {
	case adv.Priority == PriorityGoodbye:
		if m.answer(now) {
			m.adverAt = now.Add(m.cfg.Interval)
		} else { // soon, for somebody may be about to claim
			m.adverAt = deadline.Earlier(m.adverAt, m.sentAt.Add(m.cfg.Interval/answersPerInterval))
		}
	case adv.Priority > own:
		m.yield(now, adv, ReasonHigherPriority)
	case adv.Priority == own && src.Compare(m.local) > 0:
		m.yield(now, adv, ReasonHigherAddress)
	default:
		m.competitorHeard(now, src)
		if m.cfg.Version != V2 { // RFC 3768 discards it
			m.answer(now)
		}
	}
}

// yield gives the role to the sender of an advertisement. The last advertisement
// lets one that was Active for long, on the other side of a link that was cut in
// two, know that it has to announce the addresses again.
func (m *Machine) yield(now deadline.Instant, adv *Advertisement, reason Reason) {
	m.advertise(now)
	m.leaveActive()
	m.keepFor(now, handOver)
	m.activeInterval = adv.Interval
	m.enterBackup(now)
	m.change(m.heard(now, Backup, reason))
}

// answer sends an advertisement at once, unless one was sent within a tenth of an
// interval.
func (m *Machine) answer(now deadline.Instant) bool {
	if now.Sub(m.sentAt) < m.cfg.Interval/answersPerInterval {
		return false
	}
	m.advertise(now)
	return true
}

// advertise sends an advertisement.
func (m *Machine) advertise(now deadline.Instant) {
	m.sentAt = now
	m.do(SendAdvertisement(m.Priority()))
}

// competitorHeard reacts to another Active Router, which has announced the
// addresses as its own: they are announced now and when it has gone silent. What
// is heard of a predecessor at the very beginning is its last word, see yield: it
// has announced nothing since.
func (m *Machine) competitorHeard(now deadline.Instant, src netip.Addr) {
	if src == m.predecessor && now.Sub(m.activeSince) < m.cfg.Interval {
		return
	}
	if m.quietAt.IsZero() {
		m.do(NoticeCompetitor)
		m.announce(m.cfg.Announcements.Burst)
	}
	m.quietAt = now.Add(quietIntervals * m.cfg.Interval)
}

// announce asks for announcements of all addresses.
func (m *Machine) announce(count int) {
	m.do(Announce{Addresses: m.held, Count: count})
}

// announceAgain is the second burst, or a refresh if that is behind.
func (m *Machine) announceAgain(now deadline.Instant) {
	count := 1
	if !m.refreshing {
		count = m.cfg.Announcements.Burst
	}
	m.announce(count)
	m.announceAt, m.refreshing = m.refreshAt(now), true
}

// refreshAt returns when the next refresh is due, the zero time for none.
func (m *Machine) refreshAt(now deadline.Instant) deadline.Instant {
	if m.cfg.Announcements.Refresh == 0 {
		return 0
	}
	return now.Add(m.cfg.Announcements.Refresh)
}
