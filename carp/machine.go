// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// Machine is the state machine of one virtual host: carp(4), and ip_carp.c of the
// BSDs. It has no goroutine, no clock, no randomness and no I/O: each input takes
// the time at which it happened and returns what is to be done, in order. The
// slice belongs to the machine and is valid until its next input. Time must not
// run backwards.
//
// It is not safe for concurrent use.
type Machine struct {
	cfg   Config
	state State
	local netip.Addr // the source address that decides between equals

	// Timers: the zero time is a timer that doesn't run.
	downAt      time.Time // md_tmo, the master-down timer (Backup)
	adverAt     time.Time // ad_tmo, the next advertisement (Master)
	announceAt  time.Time // next burst or refresh (Master)
	quietAt     time.Time // a competitor is gone (Master)
	forcedUntil time.Time // Force ends (Master)
	releaseAt   time.Time // addresses kept after leaving Master go

	// Bounds of behaviour, in Backup.
	holdUntil     time.Time // StartupHold
	backOffUntil  time.Time // after addresses could not be added
	preemptAt     time.Time // PreemptDelay
	resignedUntil time.Time // Resign
	claim         Reason    // why the role will be claimed when the timer runs out
	better        betters   // the Master, if it is as good as this host or better

	equals              equals
	demoted             Demotions     // of this virtual host
	hostSum             int           // of the host-wide demotions
	demotion            int           // of both together
	forced              bool          // advertise the best rank there is
	restrained, waiting bool          // a claim waits, see Restrain; one does (Backup)
	pace                time.Duration // of the last peer that was not forced
	adver               Action        // the last SendAdvertisement, kept because making one allocates
	adverRank           Rank          // what it carries

	refreshing  bool                     // announceAt is a refresh, not the second burst
	sentAt      time.Time                // last advertisement (Master)
	failures    int                      // in succession, of adding addresses
	releasing   []netip.Prefix           // kept until releaseAt
	bowOutAfter bool                     // bow out when the addresses are gone
	defended    map[netip.Addr]time.Time // when a claim was answered last (Master)
	peer        netip.Addr               // sender of the last valid advertisement
	peerRank    Rank
	actions     []Action
}

// NewMachine returns the machine of a virtual host in state Init. The error is
// that of [Config.Validate].
func NewMachine(cfg Config) (*Machine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Machine{cfg: cfg.withDefaults()}, nil
}

// State returns the state.
func (m *Machine) State() State { return m.state }

// Releasing reports whether addresses are still held after the role was given
// up, for the successor to take over without a gap.
func (m *Machine) Releasing() bool { return !m.releaseAt.IsZero() || m.bowOutAfter }

// Deadline returns when [Machine.Expire] has something to do, and whether there
// is such a time. It is to be asked after every input.
func (m *Machine) Deadline() (time.Time, bool) {
	at := m.releaseAt
	switch m.state {
	case Backup:
		if !m.waiting {
			at = deadline.Earlier(at, m.claimAt())
		}
	case Master:
		at = deadline.Earlier(deadline.Earlier(at, m.adverAt), m.announceAt)
		at = deadline.Earlier(deadline.Earlier(at, m.quietAt), m.forcedUntil)
	}
	return at, !at.IsZero()
}

// Expire does what is due at now. Called late, early or without need it does no
// harm.
func (m *Machine) Expire(now time.Time) []Action {
	m.begin()
	if deadline.Due(m.releaseAt, now) {
		m.releaseNow()
	}
	switch m.state {
	case Backup:
		m.backupExpire(now)
	case Master:
		m.masterExpire(now)
	}
	return m.actions
}

// Receive takes an advertisement of this virtual host that [Advertisement.Parse]
// and its digest have passed, and which arrived from src at now (carp_input_c). One
// that is rejected changes nothing and is answered with [Discard] alone: of
// [FaultInit], or of [FaultLooped] if it comes from the own source address. What
// this host itself has sent is to be dropped before.
func (m *Machine) Receive(now time.Time, src netip.Addr, adv *Advertisement) []Action {
	m.begin()
	if fault := m.check(src); fault != FaultNone {
		m.do(Discard(fault))
		return m.actions
	}
	rank := m.rankOf(adv)
	if rank.Compare(m.Rank()) == 0 {
		m.do(NoticeEqual)
	}
	m.peer, m.peerRank, m.holdUntil = src, rank, time.Time{}
	if !rank.IsBowOut() {
		m.successorHeard(now)
		m.pace = cmp.Or(rank.Interval(), m.pace)
	}
	switch m.state {
	case Backup:
		m.backupReceive(now)
	case Master:
		m.masterReceive(now)
	}
	return m.actions
}

// check returns why an advertisement from src is not for this host, if it isn't.
// An unspecified source tells nothing: FreeBSD and NetBSD send from it where the
// link has no address.
func (m *Machine) check(src netip.Addr) Fault {
	switch {
	case m.state == Init && !m.Releasing():
		return FaultInit
	case src == m.local && !src.IsUnspecified():
		return FaultLooped
	}
	return FaultNone
}

// begin starts a new list of actions.
func (m *Machine) begin() { m.actions = m.actions[:0] }

// do appends an action.
func (m *Machine) do(a Action) { m.actions = append(m.actions, a) }

// change goes to the state that t leads to and reports it.
func (m *Machine) change(t Transition) {
	m.state = t.To
	m.do(t)
}

// heard returns the transition to a state for a reason that lies in what was last
// heard of the peer.
func (m *Machine) heard(now time.Time, to State, reason Reason) Transition {
	return Transition{At: now, From: m.state, To: to, Reason: reason, Peer: m.peer, PeerRank: m.peerRank}
}

// own returns the transition to a state for a reason of this host's own.
func (m *Machine) own(now time.Time, to State, reason Reason) Transition {
	return Transition{At: now, From: m.state, To: to, Reason: reason}
}
