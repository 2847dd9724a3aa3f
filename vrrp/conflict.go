// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// defendInterval is the least time between two announcements that answer a claim
// to the same address (RFC 5227 section 1.1, DEFEND_INTERVAL): two hosts that
// defend an address against each other must not keep the link busy.
const defendInterval = 10 * time.Second

// Claimed tells that another host claimed an address as its own, by an ARP or
// neighbour discovery packet. If the address is kept for a hand-over, the
// successor has it, and it goes now. If it is held by an Active Router, that is a
// [Conflict], and the neighbours are told again where it is.
func (m *Machine) Claimed(now time.Time, addr netip.Addr) []Action {
	at := m.begin(now)
	is := func(p netip.Prefix) bool { return p.Addr() == addr }
	if i := slices.IndexFunc(m.releasing, is); i >= 0 {
		m.handOver(i)
	} else if i := slices.IndexFunc(m.held, is); i >= 0 && m.state == Active {
		m.defend(at, i)
	}
	return m.buffer.actions
}

// handOver lets go of the address of this index among those kept.
func (m *Machine) handOver(i int) {
	m.remove(m.releasing[i : i+1 : i+1])
	m.releasing = slices.Concat(m.releasing[:i], m.releasing[i+1:])
	if len(m.releasing) == 0 {
		m.releaseAt = 0
	}
}

// defend reports the claim to the address of this index among those held, and
// announces the address unless that was done a moment ago (RFC 5227 section 2.4).
func (m *Machine) defend(now deadline.Instant, i int) {
	p := m.held[i]
	m.do(Conflict(p.Addr()))
	if at, ok := m.defended[p.Addr()]; ok && now.Sub(at) < defendInterval {
		return
	}
	if m.defended == nil {
		m.defended = map[netip.Addr]deadline.Instant{}
	}
	m.defended[p.Addr()] = now
	m.do(Announce{Addresses: m.held[i : i+1 : i+1], Count: 1})
}
