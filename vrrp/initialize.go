// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// Startup is the event of that name (RFC 9568 section 6.4.1): the virtual router
// begins to take part, with local as the source of its advertisements. In
// another state than Initialize it changes the source only.
func (m *Machine) Startup(now time.Time, local netip.Addr) []Action {
	at := m.begin(now)
	m.local = local
	if m.state != Initialize {
		return m.buffer.actions
	}
	m.activeInterval = m.cfg.Interval
	m.peer, m.peerPriority = netip.Addr{}, 0
	if m.cfg.owner() && !m.restrained {
		m.enterActive(at, m.own(at, Active, ReasonOwner))
	} else {
		m.remove(prefixes.Without(m.held, m.releasing)) // what somebody left behind
		m.enterBackup(at)
		m.holdUntil = at.Add(m.cfg.StartupHold)
		if m.cfg.EagerStart {
			m.eager, m.downAt = true, at.Add(m.cfg.Interval+m.cfg.Interval/256)
		}
		m.change(m.own(at, Backup, ReasonStartup))
		if m.cfg.owner() {
			m.claim, m.downAt = ReasonOwner, at
			m.backupExpire(at)
		}
	}
	return m.buffer.actions
}

// Shutdown is the event of that name (RFC 9568 sections 6.4.2 and 6.4.3). An
// Active Router says goodbye, and keeps its addresses until the successor has
// them if the reason is [ReasonShutdown], [ReasonMaintenance], [ReasonTracker] or
// [ReasonGroup]; for any other reason, such as [ReasonLinkDown] and
// [ReasonNoAddress], they go at once.
func (m *Machine) Shutdown(now time.Time, reason Reason) []Action {
	return m.shutdown(now, reason, "")
}

// shutdown is Shutdown by the doing of what has this name.
func (m *Machine) shutdown(now time.Time, reason Reason, by string) []Action {
	at := m.begin(now)
	if m.state == Active {
		m.sayGoodbye(at, reason.handsOver())
		m.leaveActive()
	} else if !reason.handsOver() {
		m.releaseNow()
	}
	if !reason.handsOver() {
		m.goodbyeAfter = false
	}
	if m.state != Initialize {
		m.change(m.ownBy(at, Initialize, reason, by))
	}
	m.waiting = false
	m.downAt, m.preemptAt, m.holdUntil, m.backOffUntil = 0, 0, 0, 0
	return m.buffer.actions
}

// change goes to the state that t leads to and reports it.
func (m *Machine) change(t Transition) {
	m.state = t.To
	m.do(t)
}
