// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// ahNetwork is a network with authentication headers.
type ahNetwork struct {
	*network
	refused error // of AttachAH
	inbox   []packet
}

func (n *ahNetwork) AttachAH(port int) error {
	n.note("attach header %d", port)
	return n.refused
}

func (n *ahNetwork) DetachAH(port int)               { n.note("detach header %d", port) }
func (n *ahNetwork) QueueAH(port int, packet []byte) { n.note("queue %d: %s", port, packet) }

func (n *ahNetwork) ReceiveAH(f func(port int, at time.Time, packet []byte)) {
	for _, p := range n.inbox {
		f(p.port, p.at, []byte(p.payload))
	}
	n.inbox = nil
}

// headed is a bench whose network has authentication headers.
func headed(t *testing.T) (*bench, *ahNetwork) {
	var net ahNetwork
	var b *bench
	b = newBench(t, func(c *engine.Config) {
		net.network = c.Network.(*network)
		c.Network = &net
		c.ReceiveAH = func(p *engine.Port, at time.Time, packet []byte) {
			b.note("%s: %s at %v", p.Link(), packet, at.Sub(epoch))
		}
	})
	return b, &net
}

func withHeader(c *engine.SeatConfig) { c.AH = true }

func TestAH(t *testing.T) {
	b, network := headed(t)
	b.add(2)
	m := b.add(1, withHeader)
	b.turn()
	b.forget()
	m.seat.SendAH(m.seat.Leg(0), []byte("whole"))
	network.inbox = []packet{{port: 0, at: epoch.Add(-time.Hour), payload: "late"}, {port: 7, payload: "nobody's"}}
	b.turn()
	b.want("queue 0: whole", "eth0: late at 0s")
	b.engine.Stop()
	b.turn()
	b.want("seat 2: shutdown, stopping", "seat 1: shutdown, stopping", "detach header 0")
	if users := network.users(); users != 0 {
		t.Errorf("%d users left", users)
	}
}

// What a seat can't have leaves nothing behind.
func TestAHIsRefused(t *testing.T) {
	plain := newBench(t)
	if _, err := plain.tryAdd(1, withHeader); !errors.Is(err, errors.ErrUnsupported) || plain.network.users() != 0 {
		t.Errorf("%v, %d users", err, plain.network.users())
	}
	b, network := headed(t)
	network.refused = errors.New("refused")
	if _, err := b.tryAdd(1, withHeader); !errors.Is(err, network.refused) || network.users() != 0 {
		t.Errorf("%v, %d users", err, network.users())
	}
}

// Of IPv6 the default source is link-local; another is to be asked for.
func TestSourceOfWiderScope(t *testing.T) {
	for wanted, want := range map[string]string{"": "fe80::1", "2001:db8::1": "2001:db8::1"} {
		b := newBench(t)
		b.network.setAddresses("eth0", "2001:db8::1", "fe80::1", "2001:db8::2")
		m := b.add(1, func(s *engine.SeatConfig) {
			s.Legs[0] = engine.LegConfig{Group: netip.MustParseAddr("ff02::12")}
			if wanted != "" {
				s.Legs[0].Source = addr(wanted)
			}
		})
		b.turn()
		leg := m.seat.Leg(0)
		if leg.Source() != addr(want) || !leg.Port().Has(addr("2001:db8::2")) || leg.Port().Has(addr("2001:db8::3")) {
			t.Errorf("source %v, want %v", leg.Source(), want)
		}
	}
}
