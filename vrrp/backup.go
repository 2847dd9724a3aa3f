// SPDX-License-Identifier: Apache-2.0

package vrrp

import "github.com/go-fhrp/fhrp/internal/deadline"

// enterBackup starts to watch the Active Router (RFC 9568 sections 6.4.1 and
// 6.4.3, "set the Active_Down_Timer").
func (m *Machine) enterBackup(now deadline.Instant) {
	m.claim, m.preemptAt = ReasonNoResponse, 0
	m.restartDownTimer(now)
}

// claimAt is when the role is claimed unless an advertisement comes before.
func (m *Machine) claimAt() deadline.Instant {
	return deadline.Later(deadline.Later(m.downAt, m.holdUntil), m.backOffUntil)
}

// backupExpire is "If the Active_Down_Timer fires" (section 6.4.2).
func (m *Machine) backupExpire(now deadline.Instant) {
	at := m.claimAt()
	switch {
	case !deadline.Due(at, now):
	case m.restrained:
		m.waiting = true
	default:
		t := m.heard(now, Active, m.claim)
		t.Late = now.Sub(at)
		m.enterActive(now, t)
	}
}

// backupReceive is "If an ADVERTISEMENT is received" (section 6.4.2).
func (m *Machine) backupReceive(now deadline.Instant, adv *Advertisement) {
	switch {
	case adv.Priority == PriorityGoodbye:
		m.claim, m.downAt, m.waiting = ReasonGoodbye, now.Add(m.skewTime()), false
	case adv.Priority >= m.effective():
		m.preemptAt = 0
		m.follow(now, adv)
	case !m.preempts(now):
		m.follow(now, adv)
	default:
		m.claim = ReasonPreempt // the timer runs on
	}
}

// follow accepts the sender as the Active Router.
func (m *Machine) follow(now deadline.Instant, adv *Advertisement) {
	m.claim, m.activeInterval = ReasonNoResponse, adv.Interval
	m.restartDownTimer(now)
}

// preempts reports whether an Active Router of lower priority is to be
// preempted: Preempt_Mode, after PreemptDelay, and not after Resign for its time.
func (m *Machine) preempts(now deadline.Instant) bool {
	if now.Before(m.resignedUntil) || m.cfg.NoPreempt && !m.cfg.owner() {
		return false
	}
	if m.preemptAt.IsZero() {
		m.preemptAt = now.Add(m.cfg.PreemptDelay)
	}
	return deadline.Due(m.preemptAt, now)
}
