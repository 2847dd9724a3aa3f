// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// The figures of the protocol of the tests.
const (
	patience = 3 * time.Second
	handOver = 500 * time.Millisecond
)

// election is the least election: it takes the role when the test says so, sends a
// word each interval, keeps its addresses for a while after a goodbye, and writes
// down what it is told.
type election struct {
	bench    *bench
	seat     *engine.Seat
	name     string
	addrs    []netip.Prefix
	interval time.Duration
	legs     int
	word     []byte // that was sent last
	standing engine.Standing
	loyal    bool // lets go on no account
	mute     bool // has no goodbye
}

// hold takes the role.
func (m *election) hold() {
	m.bench.t.Helper()
	if err := m.seat.Do(func(now time.Time) error {
		m.follow(engine.Holding, now.Add(m.interval))
		m.send("hold")
		m.seat.Holder.Add(m.addrs)
		return nil
	}); err != nil {
		m.bench.t.Fatal(err)
	}
}

// follow goes to a role.
func (m *election) follow(role engine.Role, deadline time.Time) {
	m.standing = engine.Standing{Role: role, Deadline: deadline, Patience: patience}
	m.seat.Follow(m.standing)
}

// send says a word on each leg that can.
func (m *election) send(word string) {
	m.word = append(m.word[:0], word...)
	for i := range m.legs {
		if l := m.seat.Leg(i); l.CanSend() {
			m.seat.Send(l, l.Group(), m.word)
		}
	}
}

// letGo ends the role and has the addresses removed.
func (m *election) letGo() {
	held := m.standing.Role != engine.Watching
	m.follow(engine.Watching, time.Time{})
	if held {
		m.seat.Holder.Remove(m.addrs)
	}
}

func (m *election) note(format string, args ...any) {
	m.bench.note(m.name+": "+format, args...)
}

func (m *election) Startup(time.Time) {
	var sources []string
	for i := range m.legs {
		sources = append(sources, m.seat.Leg(i).Source().String())
	}
	m.note("startup from %s", strings.Join(sources, " and "))
	m.follow(m.standing.Role, m.standing.Deadline)
}

func (m *election) Shutdown(now time.Time, why engine.Reason) {
	m.note("shutdown, %s", [...]string{"link down", "no address", "stopping", "barred"}[why])
	switch {
	case m.loyal && why != engine.Stopping:
		m.follow(m.standing.Role, m.standing.Deadline)
	case m.standing.Role == engine.Holding && why == engine.Stopping:
		m.follow(engine.Releasing, now.Add(handOver))
		m.send("goodbye")
	case m.standing.Role != engine.Releasing || why != engine.Stopping:
		m.letGo()
	}
}

func (m *election) Expire(now time.Time) {
	switch {
	case m.standing.Deadline.IsZero() || now.Before(m.standing.Deadline):
	case m.standing.Role == engine.Holding:
		next := m.standing.Deadline
		for !next.After(now) {
			next = next.Add(m.interval)
		}
		m.follow(engine.Holding, next)
		m.send("hold")
		return
	case m.standing.Role == engine.Releasing:
		m.letGo()
		return
	}
	m.follow(m.standing.Role, m.standing.Deadline)
}

func (m *election) Slept(time.Time) {
	m.note("slept")
	m.letGo()
}

func (m *election) Claimed(_ time.Time, addr netip.Addr, mac [6]byte) {
	m.note("%v is claimed by %v", addr, net.HardwareAddr(mac[:]))
	if m.standing.Role == engine.Releasing {
		m.letGo()
	}
}

func (m *election) AddressesAdded(_ time.Time, err error) {
	m.note("added: %v", err)
	if err != nil {
		m.letGo()
	}
}

func (m *election) AddressesRemoved(time.Time) {
	m.note("removed")
	m.follow(m.standing.Role, m.standing.Deadline)
}

func (m *election) Failed(what string, err error, suppressed int) {
	m.note("failed: %s: %v, and %d more", what, err, suppressed)
}

func (m *election) Abandoned() { m.note("abandoned") }

func (m *election) Goodbye(l *engine.Leg) (netip.Addr, []byte) {
	if m.mute {
		return netip.Addr{}, nil
	}
	return l.Group(), []byte("goodbye from " + m.name)
}
