// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// Machine is the state machine of one virtual router: RFC 9568 section 6.4 with
// its errata, for version 2 RFC 3768 section 6.4. It has no goroutine, no clock
// and no I/O: each input takes the time at which it happened and returns what is
// to be done, in order. The slice belongs to the machine and is valid until its
// next input. Time must not run backwards, and is never the zero [time.Time].
//
// It is not safe for concurrent use.
type Machine struct {
	cfg    Config
	held   []netip.Prefix       // cfg.held(); replaced, never changed
	listed map[netip.Addr]int32 // the advertised addresses, with the comparison that each was last found in; nil before the first one
	local  netip.Addr           // the source of the advertisements

	// activeInterval is Active_Adver_Interval: the interval of the Active
	// Router, which in version 3 is learned from its advertisements.
	activeInterval time.Duration

	clock deadline.Clock // that its timers go by

	// Timers: the zero Instant is a timer that doesn't run.
	downAt      deadline.Instant // Active_Down_Timer (Backup)
	adverAt     deadline.Instant // Adver_Timer (Active)
	announceAt  deadline.Instant // next burst or refresh (Active)
	quietAt     deadline.Instant // a competitor is gone (Active)
	forcedUntil deadline.Instant // Force ends (Active)
	releaseAt   deadline.Instant // addresses kept after leaving Active go

	// Bounds of behaviour, in Backup.
	holdUntil     deadline.Instant // StartupHold
	backOffUntil  deadline.Instant // after addresses could not be added
	preemptAt     deadline.Instant // PreemptDelay
	resignedUntil deadline.Instant // Resign

	activeSince deadline.Instant                // when the role was taken (Active)
	predecessor netip.Addr                      // whom it was taken from (Active)
	sentAt      deadline.Instant                // last advertisement (Active)
	releasing   []netip.Prefix                  // kept until releaseAt
	defended    map[netip.Addr]deadline.Instant // when a claim was answered last (Active)
	newer       netip.Addr                      // who was heard in version 3 last (WithV2)
	newerUntil  deadline.Instant                // for how long his version 2 is ignored
	peer        netip.Addr                      // sender of the last valid advertisement
	buffer      *buffer

	// What is small is side by side: there may be thousands of machines.
	failures     int32  // in succession, of adding addresses
	newerAlone   int16  // advertisements of newer since one of version 2
	peerPriority uint8  // of peer
	claim        Reason // why the role will be claimed when the timer runs out (Backup)
	restrained   bool   // a claim waits, see Restrain
	waiting      bool   // one does (Backup)
	eager        bool   // the down timer is that of EagerStart
	forced       bool   // advertise PriorityForced
	refreshing   bool   // announceAt is a refresh, not the second burst
	goodbyeAfter bool   // say goodbye when the addresses are gone
	state        State
	priority     uint8 // of the configuration or of SetPriority
	weight       int16 // of Weigh, which is added to it
	compared     int32 // comparisons of address lists
}

// buffer is what a machine puts into what it wants done. The machines of a [Router] have one
// together: what one of them wants done is done before another has an input.
type buffer struct{ actions []Action }

// NewMachine returns the machine of a virtual router in state Initialize. The
// error is that of [Config.Validate].
func NewMachine(cfg Config) (*Machine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Machine{buffer: &buffer{}}
	m.configure(cfg.withDefaults())
	m.priority, m.activeInterval = m.cfg.Priority, m.cfg.Interval
	return m, nil
}

// configure takes a configuration and derives what depends on nothing else.
func (m *Machine) configure(cfg Config) {
	m.cfg, m.held = cfg, cfg.held()
	m.listed = nil
}

// State returns the state.
func (m *Machine) State() State { return m.state }

// Priority returns the priority that the next advertisement carries.
func (m *Machine) Priority() uint8 {
	if m.forced {
		return PriorityForced
	}
	return m.effective()
}

// ActiveInterval returns the advertisement interval of the Active Router as far
// as it is known, Active_Adver_Interval.
func (m *Machine) ActiveInterval() time.Duration { return m.activeInterval }

// DownInterval returns Active_Down_Interval: how long the Active Router may be
// silent before this one claims its role.
func (m *Machine) DownInterval() time.Duration { return m.downInterval() }

// SkewTime returns Skew_Time.
func (m *Machine) SkewTime() time.Duration { return m.skewTime() }

// Releasing reports whether addresses are still held after the role was given
// up, for the successor to take over without a gap.
func (m *Machine) Releasing() bool { return !m.releaseAt.IsZero() || m.goodbyeAfter }

// Deadline returns when [Machine.Expire] has something to do, and whether there
// is such a time. It is to be asked after every input.
func (m *Machine) Deadline() (time.Time, bool) {
	at := m.releaseAt
	switch m.state {
	case Backup:
		if !m.waiting {
			at = deadline.Earlier(at, m.claimAt())
		}
	case Active:
		at = deadline.Earlier(deadline.Earlier(at, m.adverAt), m.announceAt)
		at = deadline.Earlier(deadline.Earlier(at, m.quietAt), m.forcedUntil)
	}
	return m.clock.Time(at), !at.IsZero()
}

// Expire does what is due at now. Called late, early or without need it does no
// harm.
func (m *Machine) Expire(now time.Time) []Action {
	at := m.begin(now)
	if deadline.Due(m.releaseAt, at) {
		m.releaseNow()
	}
	switch m.state {
	case Backup:
		m.backupExpire(at)
	case Active:
		m.activeExpire(at)
	}
	return m.buffer.actions
}

// Receive takes an advertisement that [Advertisement.Parse] accepted, whose
// virtual router, version and authentication are this one's, and which arrived
// from src at now. One that is rejected changes nothing and is answered with
// [Discard] alone.
func (m *Machine) Receive(now time.Time, src netip.Addr, adv *Advertisement) []Action {
	at := m.begin(now)
	if fault := m.check(at, src, adv); fault != FaultNone {
		m.do(Discard(fault))
		return m.buffer.actions
	}
	m.notice(adv)
	m.peer, m.peerPriority, m.holdUntil = src, adv.Priority, 0
	if adv.Priority != PriorityGoodbye {
		m.successorHeard(at)
	}
	switch m.state {
	case Backup:
		m.backupReceive(at, adv)
	case Active:
		m.activeReceive(at, src, adv)
	}
	return m.buffer.actions
}

// check is the part of RFC 9568 section 7.1 and RFC 3768 section 7.1 that needs
// the configuration.
func (m *Machine) check(now deadline.Instant, src netip.Addr, adv *Advertisement) Fault {
	switch {
	case m.state == Initialize && !m.Releasing():
		return FaultInitialize
	case src == m.local:
		return FaultLooped
	case !m.cfg.speaks(adv.Version):
		return FaultVersion
	case m.superseded(now, src, adv):
		return FaultSuperseded
	case m.cfg.Version == V2 && m.cfg.owner():
		return FaultOwner
	case m.cfg.Version == V2 && adv.Interval != m.cfg.Interval:
		return FaultInterval
	case m.cfg.Version == V2 && adv.Priority != PriorityOwner && !m.sameAddresses(adv):
		return FaultAddressList
	}
	return FaultNone
}

// superseded reports whether an advertisement is version 2 of a router that is heard
// in version 3 (RFC 9568 section 8.4.2), and notes who is.
func (m *Machine) superseded(now deadline.Instant, src netip.Addr, adv *Advertisement) bool {
	if !m.cfg.WithV2 {
		return false
	}
	if adv.Version == V2 {
		if src == m.newer {
			m.newerAlone = 0
		}
		return src == m.newer && now.Before(m.newerUntil)
	}
	if src != m.newer {
		m.newer, m.newerAlone = src, 0
	}
	m.newerUntil = now.Add(time.Duration(m.cfg.DownIntervals) * adv.Interval)
	m.newerAlone = min(m.newerAlone+1, aloneMost+1)
	return false
}

// notice reports what is odd about an accepted advertisement.
func (m *Machine) notice(adv *Advertisement) {
	if !m.sameAddresses(adv) {
		m.do(NoticeAddressList)
	}
	if m.newerAlone == aloneMost {
		m.do(NoticeOnlyVersion3)
	}
	if adv.Version == m.cfg.Version && adv.Interval != m.cfg.Interval {
		m.do(NoticeInterval)
	}
	switch {
	case adv.Priority != m.effective():
	case adv.Priority == PriorityOwner:
		m.do(NoticeSecondOwner)
	default:
		m.do(NoticeEqualPriority)
	}
}

// sameAddresses reports whether the advertised addresses are the configured
// ones, in whatever order.
func (m *Machine) sameAddresses(adv *Advertisement) bool {
	own := m.cfg.Addresses
	if len(adv.Addresses) != len(own) {
		return false
	}
	for i, a := range adv.Addresses {
		if a != own[i].Addr() {
			return m.samePermuted(adv)
		}
	}
	return true
}

// samePermuted is sameAddresses for as many addresses that differ in their order
// at least.
func (m *Machine) samePermuted(adv *Advertisement) bool {
	if m.listed == nil {
		m.list()
	}
	m.compared++
	for _, a := range adv.Addresses {
		last, ok := m.listed[a]
		if !ok || last == m.compared {
			return false
		}
		m.listed[a] = m.compared
	}
	return true
}

// list lists the configured addresses.
func (m *Machine) list() {
	m.listed = make(map[netip.Addr]int32, len(m.cfg.Addresses))
	for _, p := range m.cfg.Addresses {
		m.listed[p.Addr()] = 0
	}
}

// begin starts a new list of actions, and lets go of what the last one refers to. It
// returns now as the timers have it.
func (m *Machine) begin(now time.Time) deadline.Instant {
	clear(m.buffer.actions)
	m.buffer.actions = m.buffer.actions[:0]
	return m.clock.Set(now)
}

// do appends an action.
func (m *Machine) do(a Action) { m.buffer.actions = append(m.buffer.actions, a) }

// heard returns the transition to a state for a reason that lies in what was last
// heard of the peer.
func (m *Machine) heard(now deadline.Instant, to State, reason Reason) Transition {
	return Transition{At: m.clock.Time(now), From: m.state, To: to, Reason: reason, Peer: m.peer, PeerPriority: m.peerPriority}
}

// own returns the transition to a state for a reason of this router's own.
func (m *Machine) own(now deadline.Instant, to State, reason Reason) Transition {
	return Transition{At: m.clock.Time(now), From: m.state, To: to, Reason: reason}
}
