// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/bpf"
)

// maxBatches bounds what a socket gives in one call of receive, to 1024 packets: a flood must not keep
// the loop from its timers.
const maxBatches = 1024 / batchLen

// A receiver is what packets are handed over to.
type receiver func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)

// receive hands over the packets that have arrived on any port.
func (n *network) receive(f receiver) {
	n.look()
	woken, unread := false, false
	for _, p := range n.ports {
		if p == nil {
			continue
		}
		woken = woken || p.ready || p.tap != nil && p.tap.ready
		if p.tap != nil && (!p.tap.listening || p.tap.cut != 0) {
			n.changeOver(p, f)
		}
		if p.ready {
			n.drainRaw(p, f)
		}
		if p.tap != nil && p.tap.ready {
			n.drainTap(p, f)
		}
		unread = unread || p.ready || p.tap != nil && p.tap.ready
	}
	if n.unread = unread; woken {
		n.swarm.spend(time.Now())
	}
}

// drainRaw hands over what the raw socket of a port received.
func (n *network) drainRaw(p *port, f receiver) {
	n.inbox.ask(!p.ipv4)
	p.ready = n.drain(p.fd, p.name, maxBatches, func(m *message, now time.Time) {
		if d, ok := p.family.decode(m, &p.link, now); ok && p.takes(d.dst) && p.tap.leaves(d) {
			f(p.number, d.src, d.dst, d.hopLimit, d.at, d.payload)
		}
	})
}

// drainTap hands over what the tap of a port received.
func (n *network) drainTap(p *port, f receiver) {
	p.tap.ready = n.drain(p.tap.fd, p.name, maxBatches, func(m *message, now time.Time) {
		if d, ok := decodeFrame(m, now); ok && p.takes(d.dst) && p.tap.takes(d) {
			f(p.number, d.src, d.dst, d.hopLimit, d.at, d.payload)
		}
	})
}

// changeOver takes the reception of multicast packets from the raw socket of a port to its tap, in two steps, if one of
// them is due: the tap begins to listen; some time later the raw socket ceases to, and what both have is handed over
// by the rule of the time between.
func (n *network) changeOver(p *port, f receiver) {
	var err error
	switch now := time.Now(); {
	case !p.tap.listening:
		n.drainRaw(p, f) // packets the kernel noted no arrival of: they get the time of being read
		err = p.tap.listen(&p.link)
		p.tap.cut, p.tap.rawUntil = time.Now().UnixNano(), now.Add(overlap)
	case now.After(p.tap.rawUntil):
		err = bpf.Attach(p.fd, unicastFilter(p.ipv4))
		n.drainRaw(p, f)
		n.drainTap(p, f)
		p.tap.cut = 0
	}
	if err != nil {
		n.closePort(p, fmt.Errorf("netif: %s: virtual MAC address: %w", p.name, err))
		p.changed = true
		n.wake()
	}
}

// drain hands over the messages that wait at a socket, up to some batches: more is true if some may be left.
func (n *network) drain(fd int, name string, batches int, f func(m *message, now time.Time)) (more bool) {
	for range batches {
		got, err := n.inbox.receive(fd)
		if err != nil && !errors.Is(err, unix.EAGAIN) {
			n.log.Debug("receive failed", "link", name, "err", err) // of a link that went down, mostly: its message comes
		}
		now := time.Now()
		for i := range got {
			f(&n.inbox.messages[i], now)
		}
		if got < batchLen {
			return false
		}
	}
	return true
}
