// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"slices"
	"time"
)

// defendInterval is the least time between two announcements that answer a claim
// to the same address (RFC 5227 section 1.1, DEFEND_INTERVAL): two hosts that
// defend an address against each other must not keep the link busy.
const defendInterval = 10 * time.Second

// Claimed tells that another host claimed an address as its own, by an ARP or
// neighbour discovery packet. If the address is kept for a hand-over, the
// successor has it, and it goes now. If it is held by a Master, that is a
// [Conflict], and the neighbours are told again where it is.
func (m *Machine) Claimed(now time.Time, addr netip.Addr) []Action {
	m.begin()
	is := func(p netip.Prefix) bool { return p.Addr() == addr }
	if i := slices.IndexFunc(m.releasing, is); i >= 0 {
		m.handOver(i)
	} else if i := slices.IndexFunc(m.cfg.Addresses, is); i >= 0 && m.state == Master {
		m.defend(now, i)
	}
	return m.actions
}

// handOver lets go of the address of this index among those kept.
func (m *Machine) handOver(i int) {
	m.remove(m.releasing[i : i+1 : i+1])
	m.releasing = slices.Concat(m.releasing[:i], m.releasing[i+1:])
	if len(m.releasing) == 0 {
		m.releaseAt = time.Time{}
	}
}

// defend reports the claim to the address of this index among those held, and
// announces the address unless that was done a moment ago (RFC 5227 section 2.4).
func (m *Machine) defend(now time.Time, i int) {
	a := m.cfg.Addresses[i].Addr()
	m.do(Conflict(a))
	if at, ok := m.defended[a]; ok && now.Sub(at) < defendInterval {
		return
	}
	if m.defended == nil {
		m.defended = map[netip.Addr]time.Time{}
	}
	m.defended[a] = now
	m.do(Announce{Addresses: m.cfg.Addresses[i : i+1 : i+1], Count: 1})
}
