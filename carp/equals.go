// SPDX-License-Identifier: Apache-2.0

package carp

import "time"

// equalsToYield is how many advertisements of equal rank in succession a Master
// stands: a peer that should have yielded by then is not going to.
const equalsToYield = 3

// equals is what there was between this host and others of equal rank.
//
// The rule is that the lower source address stays Master, and the higher one
// yields. Not everybody keeps it. A BSD yields to every equal, so that a host of
// higher address and the BSD may yield to each other and time out together: who
// has yielded and then timed out stands up to the next advertisement of an equal.
// ucarp compares the addresses by their last octet first where octets are in
// little-endian order, so that neither may yield: a Master that hears three in
// succession does.
type equals struct {
	yieldedAt time.Time // to an equal that may have yielded as well (Backup)
	stand     bool      // up to the first equal (Master)
	count     int       // of equals heard in succession (Master)
	heardAt   time.Time // when the last one of these was heard
}

// heardInBackup notes an advertisement that compares to this host with order. An
// equal that is still heard half an interval after it was yielded to is Master, as
// is anybody else; before that it may have been its last, for ucarp says a last
// word.
func (e *equals) heardInBackup(now time.Time, order int, interval time.Duration) {
	if order != 0 || now.Sub(e.yieldedAt) >= interval/2 {
		*e = equals{}
	}
}

// takenOver begins a new term as Master.
func (e *equals) takenOver(reason Reason) {
	*e = equals{stand: reason == ReasonTimedOut && !e.yieldedAt.IsZero()}
}

// hear counts an advertisement. Two within half an interval count once: in both
// address families, or out of turn.
func (e *equals) hear(now time.Time, interval time.Duration) {
	since := now.Sub(e.heardAt)
	switch {
	case e.count > 0 && since < interval/2:
		return
	case e.count > 0 && since > quietIntervals*interval:
		*e = equals{}
	}
	e.heardAt = now
	e.count++
}

// equalHeard decides between this Master and another one of equal rank. IPv4
// addresses are lower than those of IPv6, so that hosts that use both, and are in
// another order in each, go by IPv4.
func (m *Machine) equalHeard(now time.Time) {
	m.equals.hear(now, m.Interval())
	switch {
	case m.cfg.YieldToEqual:
		m.yieldToEqual(now, ReasonEqual)
	case m.equals.stand && m.equals.count == 1:
		m.competitorHeard(now)
	case m.equals.count >= equalsToYield:
		m.yieldToEqual(now, ReasonEqualStays)
	case m.peer.Less(m.local):
		m.yieldToEqual(now, ReasonLowerAddress)
	default:
		m.competitorHeard(now)
	}
}

// yieldToEqual gives the role to an equal peer. As with a better one it is to know
// that there was another Master, but of a rank that is worse by the least there is:
// an equal one would make a BSD yield as well. Who yields to every equal, as a BSD,
// does it without a word: two that yield to each other would preempt each other for
// that.
func (m *Machine) yieldToEqual(now time.Time, reason Reason) {
	last := m.Rank()
	if last.AdvSkew++; reason != ReasonEqual && !last.IsBowOut() {
		m.do(SendAdvertisement(last))
	}
	m.yield(now, reason)
	m.equals = equals{yieldedAt: now}
}
