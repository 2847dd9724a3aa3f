// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// Resign gives up the role in a planned hand-over, and does not preempt for d.
// Without a time (d of 0) that is once: an Active Router of lower priority is
// then preempted as always. A router that finds no other Active Router within
// its Active Down Interval takes the role back: resigning never leaves the
// addresses without a holder for longer than a failure would.
func (m *Machine) Resign(now time.Time, d time.Duration) []Action {
	return m.resign(now, d, ReasonResigned, "")
}

// resign gives up the role for a reason, by the doing of what has this name.
func (m *Machine) resign(now time.Time, d time.Duration, reason Reason, by string) []Action {
	at := m.begin(now)
	if m.state == Initialize {
		return m.buffer.actions
	}
	m.resignedUntil = at.Add(d)
	if m.state == Active {
		m.sayGoodbye(at, true)
		m.leaveActive()
		m.enterBackup(at)
		m.change(m.ownBy(at, Backup, reason, by))
	} else {
		m.reprieve(at)
	}
	return m.buffer.actions
}

// Force takes the role now and keeps it by advertising [PriorityForced], which
// only an address owner overrules, and a peer of the same priority and a higher
// address: for d, or with d of 0 until [Machine.Resign].
// After that the priority is the configured one again, so that a better router
// takes the role if it preempts. A link that goes down ends it too. In state
// Initialize it does nothing.
func (m *Machine) Force(now time.Time, d time.Duration) []Action {
	at := m.begin(now)
	if m.state == Initialize {
		return m.buffer.actions
	}
	m.forced = !m.cfg.owner()
	m.forcedUntil, m.resignedUntil = 0, 0
	if m.forced && d > 0 {
		m.forcedUntil = at.Add(d)
	}
	if m.state == Backup {
		m.enterActive(at, m.own(at, Active, ReasonForced))
	}
	return m.buffer.actions
}

// SetPriority changes the priority until [Machine.Reconfigure]. A running down
// timer follows the new skew time at once. It returns a [*ValueError] for 0, for
// 255, and for an address owner, whose priority is always 255.
func (m *Machine) SetPriority(now time.Time, priority uint8) ([]Action, error) {
	at := m.begin(now)
	if priority == PriorityGoodbye || priority == PriorityOwner || m.cfg.owner() {
		return m.buffer.actions, &ValueError{Name: "priority", Value: priority, Allowed: "1 to 254, and only for a router that doesn't own the addresses"}
	}
	m.setPriority(priority, m.weight)
	m.reprieve(at)
	return m.buffer.actions, nil
}

// setPriority changes what the priority follows from.
func (m *Machine) setPriority(priority uint8, weight int16) {
	before := m.skewTime()
	m.priority, m.weight = priority, weight
	if !m.downAt.IsZero() && !m.eager {
		m.downAt = m.downAt.Add(m.skewTime() - before)
	}
}

// Reconfigure changes to another configuration of the same virtual router
// without leaving the state. An address in both configurations is not touched.
// A [*ValueError] is returned, and nothing is changed, if the configuration is
// invalid or is that of another virtual router: version, VRID, family and
// ownership can't be changed.
func (m *Machine) Reconfigure(now time.Time, cfg Config) ([]Action, error) {
	at := m.begin(now)
	if err := cfg.Validate(); err != nil {
		return m.buffer.actions, err
	}
	cfg = cfg.withDefaults()
	if cfg.Version != m.cfg.Version || cfg.VRID != m.cfg.VRID || cfg.ipv6() != m.cfg.ipv6() || cfg.owner() != m.cfg.owner() || cfg.fixed() != m.cfg.fixed() {
		return m.buffer.actions, &ValueError{Name: "virtual router", Value: cfg.VRID, Allowed: "the same version, identifier, family and ownership as before"}
	}
	before := m.held
	m.configure(cfg)
	m.setPriority(cfg.Priority, m.weight)
	switch m.state {
	case Active:
		m.replaceAddresses(before)
		m.changeInterval(at, cfg.Interval)
		if m.announceAt.IsZero() {
			m.announceAt, m.refreshing = m.refreshAt(at), true
		}
	case Backup:
		m.reconsider(at)
	}
	return m.buffer.actions, nil
}

// changeInterval has the Active Router advertise at another interval. It tells its
// peers at once, for they learn the interval from it.
func (m *Machine) changeInterval(now deadline.Instant, interval time.Duration) {
	if interval == m.activeInterval {
		return
	}
	m.activeInterval = interval
	m.advertise(now)
	m.adverAt = deadline.Earlier(m.adverAt, now.Add(interval)) // once more by the old one: peers may miss the first
}

// reconsider applies another configuration to the wait for the Active Router: its
// interval, where it isn't learned from a peer, and whether it is preempted.
func (m *Machine) reconsider(now deadline.Instant) {
	if (m.cfg.Version == V2 || !m.peer.IsValid()) && m.activeInterval != m.cfg.Interval {
		m.activeInterval = m.cfg.Interval
		m.restartDownTimer(now)
	}
	m.reprieve(now)
}

// reprieve lets an Active Router be that was about to be preempted, if it isn't to
// be any more.
func (m *Machine) reprieve(now deadline.Instant) {
	if m.state == Backup && m.claim == ReasonPreempt && (m.peerPriority >= m.effective() || !m.preempts(now)) {
		m.claim = ReasonNoResponse
		m.restartDownTimer(now)
	}
}

// replaceAddresses changes from the addresses held before to those held now,
// those that come first.
func (m *Machine) replaceAddresses(before []netip.Prefix) {
	if m.cfg.fixed() {
		return
	}
	if added := prefixes.Without(m.held, before); len(added) > 0 {
		m.do(AddAddresses{added})
		m.do(Announce{Addresses: added, Count: m.cfg.Announcements.Burst})
	}
	if gone := prefixes.Without(before, m.held); len(gone) > 0 {
		m.do(RemoveAddresses{gone})
	}
}

// Slept tells that the loop stood still for longer than the peers wait before
// they claim. What was received meanwhile can't be trusted, because the queue
// may have overflowed: the router becomes Backup without a word, lets its
// addresses go, and comes back only as the protocol has it.
func (m *Machine) Slept(now time.Time) []Action {
	at := m.begin(now)
	m.releaseNow()
	m.goodbyeAfter = false
	if m.state == Initialize {
		return m.buffer.actions
	}
	t := m.own(at, Backup, ReasonSlept)
	if m.state == Active {
		t.Late = max(at.Sub(m.adverAt), 0)
		m.remove(m.held)
		m.leaveActive()
	}
	m.activeInterval = m.cfg.Interval
	m.enterBackup(at)
	if m.state == Active {
		m.change(t)
	}
	return m.buffer.actions
}
