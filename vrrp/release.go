// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// sayGoodbye sends the advertisement of priority 0. If the addresses are to be
// kept, they stay until the successor has them; else they go at once.
func (m *Machine) sayGoodbye(now deadline.Instant, keep bool) {
	switch {
	case !keep:
		m.do(SendAdvertisement(PriorityGoodbye))
		m.remove(m.held)
	case m.cfg.ReleaseFirst && !m.cfg.fixed():
		m.remove(m.held)
		m.goodbyeAfter = true
	default:
		m.do(SendAdvertisement(PriorityGoodbye))
		m.keepFor(now, m.cfg.Interval+handOverMargin)
	}
}

// keepFor keeps the addresses for at most d: peers advertise before they add
// them, and a client should find one of the two routers at any moment.
func (m *Machine) keepFor(now deadline.Instant, d time.Duration) {
	if !m.cfg.fixed() {
		m.releasing, m.releaseAt = m.held, now.Add(d)
	}
}

// successorHeard bounds how long addresses are kept after a hand-over. A goodbye
// that wasn't said yet would be about the successor.
func (m *Machine) successorHeard(now deadline.Instant) {
	m.goodbyeAfter = false
	if !m.releaseAt.IsZero() {
		m.releaseAt = deadline.Earlier(m.releaseAt, now.Add(handOver))
	}
}

// resume ends a hand-over because this router is Active again: what it still
// holds stays, but for addresses that were taken out of the configuration.
func (m *Machine) resume() {
	m.remove(prefixes.Without(m.releasing, m.held))
	m.releasing, m.releaseAt, m.goodbyeAfter = nil, 0, false
}

// releaseNow ends a hand-over: what is still kept goes.
func (m *Machine) releaseNow() {
	m.remove(m.releasing)
	m.releasing, m.releaseAt = nil, 0
}

// remove asks for the removal of addresses. Fixed ones stay.
func (m *Machine) remove(addrs []netip.Prefix) {
	if len(addrs) > 0 && !m.cfg.fixed() {
		m.do(RemoveAddresses{addrs})
	}
}

// AddressesAdded tells the outcome of [AddAddresses]. If it failed the role is
// given up: a router is never Active without its addresses. It is claimed again
// after a second at the earliest, doubled with each failure in succession up to
// a minute.
func (m *Machine) AddressesAdded(now time.Time, err error) []Action {
	at := m.begin(now)
	switch {
	case err == nil:
		m.failures = 0
	case m.state == Active:
		m.sayGoodbye(at, false)
		m.leaveActive()
		m.enterBackup(at)
		m.backOffUntil = at.Add(min(backOffFirst<<min(m.failures, 10), backOffMost))
		m.failures++
		t := m.own(at, Backup, ReasonAddresses)
		t.Err = err
		m.change(t)
	}
	return m.buffer.actions
}

// AddressesRemoved tells that [RemoveAddresses] was carried out, as far as it
// could be.
func (m *Machine) AddressesRemoved(now time.Time) []Action {
	m.begin(now)
	if m.goodbyeAfter {
		m.goodbyeAfter = false
		m.do(SendAdvertisement(PriorityGoodbye))
	}
	return m.buffer.actions
}
