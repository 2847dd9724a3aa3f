// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/holder"
)

// A member follows the state of its link, whatever led to it.
func TestSettle(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	b.want("seat 1: shutdown, link down") // nothing is known of it
	b.turn()
	b.want("seat 1: startup from 192.0.2.1")
	for _, step := range []struct {
		name   string
		change func(n *network)
		want   []string
	}{
		{"told again", func(n *network) { n.setUp("eth0", true) }, nil},
		{"another link", func(n *network) { n.setUp("eth1", false) }, nil},
		{"down", func(n *network) { n.setUp("eth0", false) }, []string{"seat 1: shutdown, link down"}},
		{"down still", func(n *network) { n.setAddresses("eth0", "192.0.2.5") }, []string{"seat 1: shutdown, link down"}},
		{"up", func(n *network) { n.setUp("eth0", true) }, []string{"seat 1: startup from 192.0.2.5"}},
		{"a better source", func(n *network) { n.setAddresses("eth0", "192.0.2.4", "192.0.2.5") }, nil}, // another would change its rank
		{"the source is gone", func(n *network) { n.setAddresses("eth0", "192.0.2.4") }, []string{"seat 1: startup from 192.0.2.4"}},
		{"no source", func(n *network) { n.setAddresses("eth0", "fe80::1") }, []string{"seat 1: shutdown, no address"}},
		{"the same source", func(n *network) { n.setAddresses("eth0", "192.0.2.4") }, []string{"seat 1: startup from 192.0.2.4"}},
	} {
		step.change(b.network)
		b.turn()
		t.Log(step.name)
		b.want(step.want...)
	}
	if m.seat.Leg(0).Group() != group4 || m.seat.Leg(0).Port().Link() != "eth0" {
		t.Errorf("%+v", m.seat.Leg(0))
	}
}

// One that is unlinked needs a source only where its link is up.
func TestSettleUnlinked(t *testing.T) {
	b := newBench(t)
	b.network.setUp("eth0", false)
	m := b.add(1, func(c *engine.SeatConfig) { c.Unlinked = true })
	b.want("seat 1: shutdown, link down") // nothing is known of it
	b.turn()
	b.want("seat 1: startup from invalid IP")
	for _, step := range []struct {
		change func(n *network)
		want   string
	}{
		{func(n *network) { n.setUp("eth0", true) }, "seat 1: startup from 192.0.2.1"},
		{func(n *network) { n.setAddresses("eth0") }, "seat 1: shutdown, no address"},
		{func(n *network) { n.setUp("eth0", false) }, "seat 1: startup from invalid IP"},
	} {
		step.change(b.network)
		b.turn()
		b.want(step.want)
	}
	if m.seat.Leg(0).CanSend() {
		t.Error("can send")
	}
}

// A seat with two legs can do without one of them, which then is silent.
func TestSettleTwoLegs(t *testing.T) {
	b := newBench(t)
	m := b.add(1, both)
	b.turn()
	b.want(
		"seat 1: shutdown, link down",
		"seat 1: startup from 192.0.2.1 and invalid IP", // the first of the two ports that is told of
		"seat 1: startup from 192.0.2.1 and fe80::1",
	)
	m.hold()
	b.turn()
	b.want(
		"port 0 sends hold from 192.0.2.1 to 224.0.0.18",
		"port 1 sends hold from fe80::1 to ff02::12",
		"seat 1: added: <nil>",
	)
	b.network.setAddresses("eth0", "fe80::1")
	b.advance(time.Second)
	b.want("seat 1: startup from invalid IP and fe80::1", "port 1 sends hold from fe80::1 to ff02::12")
	b.network.setAddresses("eth0", "192.0.2.1")
	b.turn()
	b.want("seat 1: startup from 192.0.2.1 and fe80::1", "seat 1: startup from 192.0.2.1 and invalid IP")
	b.network.setAddresses("eth0")
	b.turn()
	b.want("seat 1: shutdown, no address", "seat 1: shutdown, no address", "seat 1: removed")
}

// A member may keep its role without a source. It is silent until it has one.
func TestSourceVanishesWithoutLeavingTheRole(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	m.loyal = true
	b.turn()
	m.hold()
	b.turn()
	b.forget()
	b.network.setAddresses("eth0")
	b.advance(3 * time.Second)
	b.want("seat 1: shutdown, no address")
	b.network.setAddresses("eth0", "192.0.2.7")
	b.advance(time.Second)
	b.want("seat 1: startup from 192.0.2.7", "port 0 sends hold from 192.0.2.7 to 224.0.0.18")
}

// While it is shut down a seat can say goodbye from the source that is gone.
func TestGoodbyeHasTheLastSource(t *testing.T) {
	b := newBench(t)
	m := &lastWord{}
	m.seat = b.engine.NewSeat(m, engine.SeatConfig{Legs: []engine.LegConfig{{Group: group4}}, Terms: engine.Terms{ID: 1, Place: holder.Place{Link: "eth0", MAC: [6]byte{0, 0, 0x5e, 0, 1, 1}}}})
	if err := b.engine.Add(m.seat); err != nil {
		t.Fatal(err)
	}
	b.turn()
	b.network.setAddresses("eth0")
	b.turn()
	b.want("port 0 sends bye from 192.0.2.1 to 192.0.2.200 by 00:00:5e:00:01:01")
}

// lastWord is an election that says goodbye to one peer when it is shut down.
type lastWord struct{ election }

func (m *lastWord) Startup(time.Time) {}
func (m *lastWord) Shutdown(time.Time, engine.Reason) {
	if l := m.seat.Leg(0); l.CanSend() {
		m.seat.Send(l, addr("192.0.2.200"), []byte("bye"))
	}
}

func TestPort(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	b.network.change("eth0", func(l *link) { l.up, l.err = false, errors.New("no carrier") })
	b.turn()
	p := m.seat.Leg(0).Port()
	if p.Up() || p.Err() == nil || p.Member(1) != engine.Member(m) || p.Member(2) != nil {
		t.Errorf("up %v, error %v, members %v and %v", p.Up(), p.Err(), p.Member(1), p.Member(2))
	}
	if _, ok := p.Limit(3).Allow(b.now); !ok {
		t.Error("the first of a kind is suppressed")
	}
	if _, ok := p.Limit(4).Allow(b.now); !ok {
		t.Error("another kind is suppressed")
	}
	if _, ok := p.Limit(3).Allow(b.now); ok {
		t.Error("the second of a kind is not suppressed")
	}
}

// Seats with one identifier on two links, or in two families, are two.
func TestPortsHaveTheirOwnSeats(t *testing.T) {
	b := newBench(t)
	b.add(1)
	b.add(1, func(c *engine.SeatConfig) { c.Link, c.Name = "eth1", "other link" })
	b.add(1, func(c *engine.SeatConfig) {
		c.Legs[0].Group, c.Addresses, c.Name = group6, prefixes("2001:db8::1/128"), "other family"
	})
	b.turn()
	b.forget()
	for port := range 3 {
		b.network.inbox = append(b.network.inbox, packet{port: port, src: addr("192.0.2.9"), at: epoch, payload: "\x01x"})
	}
	b.network.inbox = append(b.network.inbox, packet{payload: "\x02x"})
	b.turn()
	b.want(
		"seat 1: hears x from 192.0.2.9 at +0s",
		"other link: hears x from 192.0.2.9 at +0s",
		"other family: hears x from 192.0.2.9 at +0s",
		"eth0: nobody has identifier 2",
	)
}
