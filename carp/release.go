// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// bowOut sends the advertisement that ends the role (sc_bow_out of OpenBSD and
// NetBSD). If the addresses are to be kept, they stay until the successor has
// them; else they go at once.
func (m *Machine) bowOut(now time.Time, keep bool) {
	switch {
	case !keep:
		m.do(SendAdvertisement(BowOut()))
		m.remove(m.cfg.Addresses)
	case m.cfg.ReleaseFirst:
		m.remove(m.cfg.Addresses)
		m.bowOutAfter = true
	default:
		m.do(SendAdvertisement(BowOut()))
		m.keepFor(now, m.Interval()+handOverMargin)
	}
}

// keepFor keeps the addresses for at most d: peers advertise before they add
// them, and a client should find one of the two hosts at any moment.
func (m *Machine) keepFor(now time.Time, d time.Duration) {
	m.releasing, m.releaseAt = m.cfg.Addresses, now.Add(d)
}

// successorHeard bounds how long addresses are kept after a hand-over. A bow-out
// that is still to come would send the successor away.
func (m *Machine) successorHeard(now time.Time) {
	m.bowOutAfter = false
	if !m.releaseAt.IsZero() {
		m.releaseAt = deadline.Earlier(m.releaseAt, now.Add(handOver))
	}
}

// resume ends a hand-over because this host is Master again: what it still holds
// stays, but for addresses that were taken out of the configuration.
func (m *Machine) resume() {
	m.remove(prefixes.Without(m.releasing, m.cfg.Addresses))
	m.releasing, m.releaseAt, m.bowOutAfter = nil, time.Time{}, false
}

// releaseNow ends a hand-over: what is still kept goes.
func (m *Machine) releaseNow() {
	m.remove(m.releasing)
	m.releasing, m.releaseAt = nil, time.Time{}
}

// remove asks for the removal of addresses.
func (m *Machine) remove(addrs []netip.Prefix) {
	if len(addrs) > 0 {
		m.do(RemoveAddresses{addrs})
	}
}

// AddressesAdded tells the outcome of [AddAddresses]. If it failed the role is
// given up: a host is never Master without its addresses. It is claimed again
// after a second at the earliest, doubled with each failure in succession up to
// a minute.
func (m *Machine) AddressesAdded(now time.Time, err error) []Action {
	m.begin()
	switch {
	case err == nil:
		m.failures = 0
	case m.state == Master:
		m.bowOut(now, false)
		m.leaveMaster()
		m.enterBackup(now)
		m.backOffUntil = now.Add(min(backOffFirst<<min(m.failures, 10), backOffMost))
		m.failures++
		t := m.own(now, Backup, ReasonAddresses)
		t.Err = err
		m.change(t)
	}
	return m.actions
}

// AddressesRemoved tells that [RemoveAddresses] was carried out, as far as it
// could be.
func (m *Machine) AddressesRemoved(time.Time) []Action {
	m.begin()
	if m.bowOutAfter {
		m.bowOutAfter = false
		m.do(SendAdvertisement(BowOut()))
	}
	return m.actions
}
