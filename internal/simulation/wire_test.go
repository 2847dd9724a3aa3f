// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// receiver and claimant are functions that a network calls.
type (
	receiver = func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)
	claimant = func(port int, addr netip.Addr, mac [6]byte)
	linkman  = func(port int, up bool, addrs []netip.Addr, err error)
)

// wire is the network of a program: that of its host, by the clock of its node. It
// counts what comes in besides packets, and does nothing for a program that has crashed.
type wire struct {
	*netiftest.Network
	life *life

	wakes, others int // others are links and claims

	suspended func() time.Duration
	receive   receiver
	claims    claimant
	links     linkman
	onReceive receiver
	onClaim   claimant
	onLink    linkman
}

func newWire(l *life) *wire {
	w := &wire{Network: l.st.host.Network(), life: l}
	w.suspended = func() time.Duration { return l.st.node.clock.lost }
	w.onReceive = func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
		w.receive(port, src, dst, hopLimit, l.st.node.clock.local(at), payload)
	}
	w.onClaim = func(port int, addr netip.Addr, mac [6]byte) {
		w.others++
		w.claims(port, addr, mac)
	}
	w.onLink = func(port int, up bool, addrs []netip.Addr, err error) {
		w.others++
		w.links(port, up, addrs, err)
	}
	return w
}

// Receive hands over the packets that have arrived.
func (w *wire) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	w.receive = f
	w.Network.Receive(w.onReceive)
}

// Claims hands over the claims.
func (w *wire) Claims(f func(port int, addr netip.Addr, mac [6]byte)) {
	w.claims = f
	w.Network.Claims(w.onClaim)
}

// Links hands over the changes of links.
func (w *wire) Links(f func(port int, up bool, addrs []netip.Addr, err error)) {
	w.links = f
	w.Network.Links(w.onLink)
}

// Wake has the program stepped.
func (w *wire) Wake() {
	w.wakes++
	if !w.life.ended {
		w.Network.Wake()
	}
}

// Suspended returns for how long the node was suspended.
func (w *wire) Suspended() time.Duration { return w.suspended() }

// Announce tells the neighbours.
func (w *wire) Announce(ctx context.Context, link string, mac [6]byte, addrs []netip.Addr) error {
	if w.life.ended {
		return context.Canceled
	}
	w.life.announcing(addrs)
	return w.Network.Announce(ctx, link, mac, addrs)
}
