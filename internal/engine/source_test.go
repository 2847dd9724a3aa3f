// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/engine"
)

func TestSource(t *testing.T) {
	for _, c := range []struct{ name, link, wanted, want string }{
		{"the best", "192.0.2.1 192.0.2.2", "", "192.0.2.1"},
		{"the one asked for", "192.0.2.1 192.0.2.2", "192.0.2.2", "192.0.2.2"},
		{"only that", "192.0.2.1", "192.0.2.2", ""},
		{"none", "", "", ""},
		{"no service address", "192.0.2.101 192.0.2.1", "", "192.0.2.1"},
		{"not even the only one", "192.0.2.101", "", ""},
		{"nor the one asked for", "192.0.2.101", "192.0.2.101", ""},
		{"nor that of another seat", "192.0.2.102 192.0.2.3", "", "192.0.2.3"},
		{"but that of another link", "192.0.2.103", "", "192.0.2.103"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.network.setAddresses("eth0", strings.Fields(c.link)...)
			b.add(2)
			b.add(3, func(s *engine.SeatConfig) { s.Link = "eth1" })
			m := b.add(1, func(s *engine.SeatConfig) {
				if c.wanted != "" {
					s.Legs[0].Source = addr(c.wanted)
				}
			})
			b.turn()
			var want netip.Addr
			if c.want != "" {
				want = addr(c.want)
			}
			if got := m.seat.Leg(0).Source(); got != want || m.seat.Leg(0).CanSend() != want.IsValid() {
				t.Errorf("source %v, want %v", got, want)
			}
		})
	}
}

func TestConfigureAnotherSource(t *testing.T) {
	b := newBench(t)
	b.network.setAddresses("eth0", "192.0.2.1", "192.0.2.2")
	m := b.add(1)
	b.turn()
	b.forget()
	m.seat.Configure(engine.Settings{Addresses: prefixes("192.0.2.1/32")}, netip.Addr{})
	m.seat.Settle()
	m.seat.Configure(engine.Settings{}, addr("192.0.2.1"))
	m.seat.Settle()
	b.want("seat 1: startup from 192.0.2.2", "seat 1: startup from 192.0.2.1")
}

// An address has one seat on a link, until that gives it up.
func TestAvailable(t *testing.T) {
	b := newBench(t)
	first, second := b.add(1), b.add(2)
	one := prefixes("192.0.2.101/24")
	var used *engine.InUseError
	if err := second.seat.Available(one); !errors.As(err, &used) || used.Addr != one[0].Addr() || !strings.Contains(err.Error(), "192.0.2.101") {
		t.Errorf("another seat's: %v", err)
	}
	if err := first.seat.Available(one); err != nil {
		t.Errorf("its own: %v", err)
	}
	if _, err := b.tryAdd(3, func(c *engine.SeatConfig) { c.Addresses = one }); !errors.As(err, &used) {
		t.Errorf("Add = %v", err)
	}
	first.seat.Configure(engine.Settings{Addresses: prefixes("192.0.2.150/32")})
	if err := second.seat.Available(one); err != nil {
		t.Errorf("given up: %v", err)
	}
	b.add(4, func(c *engine.SeatConfig) { c.Addresses, c.Link = prefixes("192.0.2.150/32"), "eth1" })
}
