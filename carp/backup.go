// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// enterBackup starts to watch the Master, whoever it is (carp_setrun in state
// BACKUP).
func (m *Machine) enterBackup(now time.Time) {
	m.preemptAt = time.Time{}
	m.follow(now, m.DownInterval())
	m.better = betters{}
}

// follow has the Master watched, which may be silent for d.
func (m *Machine) follow(now time.Time, d time.Duration) {
	m.claim, m.downAt, m.waiting = ReasonTimedOut, now.Add(d), false
}

// claimAt is when the role is claimed unless an advertisement comes before.
func (m *Machine) claimAt() time.Time {
	return deadline.Later(deadline.Later(m.downAt, m.holdUntil), m.backOffUntil)
}

// backupExpire is the end of the master-down timer (carp_master_down).
func (m *Machine) backupExpire(now time.Time) {
	at := m.claimAt()
	switch {
	case !deadline.Due(at, now):
	case m.restrained:
		m.waiting = true
	default:
		t := m.heard(now, Master, m.claim)
		t.Late = now.Sub(at)
		m.enterMaster(now, t)
	}
}

// backupReceive is case BACKUP of carp_input_c (FreeBSD, NetBSD), of
// carp_proto_input_c (OpenBSD) and of ucarp. A worse Master beside a better one is
// the better one's to deal with; a BSD that preempts becomes a third. One that
// advertises so seldom that it is sure to time out may as well be down.
func (m *Machine) backupReceive(now time.Time) {
	order := m.peerRank.Compare(m.Rank())
	m.equals.heardInBackup(now, order, m.Interval())
	switch {
	case order <= 0 && !m.peerRank.IsBowOut():
		m.preemptAt, m.better = time.Time{}, m.better.with(m.peer)
		m.follow(now, m.patience())
	case m.better.beside(m.peer):
	case m.peerRank.IsBowOut():
		m.claimNow(now, ReasonBowOut)
	case m.DownInterval() < m.peerRank.Interval():
		m.claimNow(now, ReasonWillTimeOut)
	case m.peerRank.Demote > m.Rank().Demote && !now.Before(m.resignedUntil):
		m.claimNow(now, ReasonDemoted)
	case m.preempts(now):
		m.claimNow(now, ReasonPreempt)
	default:
		m.follow(now, m.DownInterval())
		m.better = betters{}
	}
}

// claimNow claims the role at once, or as soon as back-off allows. Whoever was Master
// is so no longer: another that is heard until then is one by itself.
func (m *Machine) claimNow(now time.Time, reason Reason) {
	m.claim, m.downAt, m.waiting, m.better = reason, now, false, betters{}
	m.backupExpire(now)
}

// preempts reports whether a Master that advertises less often is to be
// preempted: net.inet.carp.preempt, after PreemptDelay, and not after Resign for
// its time.
func (m *Machine) preempts(now time.Time) bool {
	if now.Before(m.resignedUntil) || !m.cfg.Preempt {
		return false
	}
	if m.preemptAt.IsZero() {
		m.preemptAt = now.Add(m.cfg.PreemptDelay)
	}
	return deadline.Due(m.preemptAt, now)
}

// betters names a Master that is as good as this host or better: its source
// addresses, one in each family at most.
type betters struct{ ipv4, ipv6 netip.Addr }

// of returns the one in the family of src.
func (b *betters) of(src netip.Addr) *netip.Addr {
	if src.Is4() {
		return &b.ipv4
	}
	return &b.ipv6
}

// with returns b with the source of an advertisement added. If another was known
// in its family, that is another Master, and the only one.
func (b betters) with(src netip.Addr) betters {
	if b.beside(src) {
		b = betters{}
	}
	*b.of(src) = src
	return b
}

// beside reports whether src is known to be another Master than b.
func (b betters) beside(src netip.Addr) bool {
	known := *b.of(src)
	return known.IsValid() && known != src
}
