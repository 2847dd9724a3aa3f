// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// Resign gives up the role in a planned hand-over, as "state backup" of
// ifconfig(8) does without one, and does not preempt for d, for the master-down
// time at least: the successor is a temporary Master, which yields again to a
// host that preempts and stays where nobody does. A host that finds no other
// Master within its master-down time takes the role back: resigning never leaves
// the addresses without a holder for longer than a failure would.
func (m *Machine) Resign(now time.Time, d time.Duration) []Action {
	return m.resign(now, d, ReasonResigned, "")
}

// resign gives up the role for a reason, by the doing of what has this name.
func (m *Machine) resign(now time.Time, d time.Duration, reason Reason, by string) []Action {
	m.begin()
	if m.state == Init {
		return m.actions
	}
	m.resignedUntil = now.Add(max(d, m.DownInterval()))
	if m.state == Master {
		m.bowOut(now, true)
		m.leaveMaster()
		m.enterBackup(now)
		m.change(m.ownBy(now, Backup, reason, by))
	}
	return m.actions
}

// Force takes the role now, as "state master" of ifconfig(8) does, and keeps it by
// advertising advbase 0, advskew 0 and no demotion, which nothing that can be
// configured is better than: for d, or with d of 0 until [Machine.Resign]. After
// that the rank is the configured one again, so that a better host takes the role
// if it preempts, and leaves it where it is if it doesn't. A link that goes down
// ends it too. In state Init it does nothing.
//
// (The BSDs advertise the configured rank from the beginning, so that a better
// Master has the role back within an interval. What makes a host Master for good
// is Preempt with the lowest advskew.)
func (m *Machine) Force(now time.Time, d time.Duration) []Action {
	m.begin()
	if m.state == Init {
		return m.actions
	}
	before := m.Rank()
	m.forced = true
	m.forcedUntil, m.resignedUntil = time.Time{}, time.Time{}
	if d > 0 {
		m.forcedUntil = now.Add(d)
	}
	if m.state == Backup {
		m.enterMaster(now, m.own(now, Master, ReasonForced))
	} else {
		m.rankChanged(now, before)
	}
	return m.actions
}

// Reconfigure changes to another configuration of the same virtual host without
// leaving the state: unlike a BSD, a Master that is given another address stays
// Master. An address in both configurations is not touched; demotions stay. A
// [*ValueError] is returned, and nothing is changed, if the configuration is
// invalid or has another VHID.
func (m *Machine) Reconfigure(now time.Time, cfg Config) ([]Action, error) {
	m.begin()
	if err := cfg.Validate(); err != nil {
		return m.actions, err
	}
	if cfg.VHID != m.cfg.VHID {
		return m.actions, &ValueError{Name: "virtual host identifier", Value: cfg.VHID, Allowed: "the one from before"}
	}
	before, rank, down := m.cfg, m.Rank(), m.DownInterval()
	m.cfg = cfg.withDefaults()
	switch m.state {
	case Master:
		m.replaceAddresses(before.Addresses)
		m.adverAt = deadline.Earlier(m.adverAt, now.Add(m.Interval()))
		m.rankChanged(now, rank)
		if m.announceAt.IsZero() {
			m.announceAt, m.refreshing = m.refreshAt(now), true
		}
	case Backup:
		m.reconsider(now, before, down)
	}
	return m.actions, nil
}

// reconsider applies another configuration to the wait for the Master: a running
// timer follows another advskew, and begins anew for another advbase, for the
// Master may still have the one from before.
func (m *Machine) reconsider(now time.Time, before Config, down time.Duration) {
	switch {
	case m.claim == ReasonPreempt && !m.cfg.Preempt,
		m.cfg.AdvBase != before.AdvBase,
		m.cfg.DeadRatio != before.DeadRatio,
		m.cfg.OpenBSDTimeout != before.OpenBSDTimeout:
		m.follow(now, m.DownInterval())
	default:
		m.shiftDownTimer(down)
	}
}

// replaceAddresses changes from the addresses held before to those held now,
// those that come first.
func (m *Machine) replaceAddresses(before []netip.Prefix) {
	if added := prefixes.Without(m.cfg.Addresses, before); len(added) > 0 {
		m.do(AddAddresses{added})
		m.do(Announce{Addresses: added, Count: m.cfg.Announcements.Burst})
	}
	if gone := prefixes.Without(before, m.cfg.Addresses); len(gone) > 0 {
		m.do(RemoveAddresses{gone})
	}
}

// Slept tells that the loop stood still for longer than the peers wait before
// they claim. What was received meanwhile can't be trusted, because the queue
// may have overflowed: the host becomes Backup without a word, lets its addresses
// go, and comes back only as the protocol has it.
func (m *Machine) Slept(now time.Time) []Action {
	m.begin()
	m.releaseNow()
	m.bowOutAfter = false
	if m.state == Init {
		return m.actions
	}
	if m.state == Master {
		m.remove(m.cfg.Addresses)
		m.leaveMaster()
	}
	m.equals = equals{}
	m.enterBackup(now)
	if m.state == Master {
		m.change(m.own(now, Backup, ReasonSlept))
	}
	return m.actions
}
