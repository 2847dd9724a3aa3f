// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/frame"
)

const (
	ethernetLen = 14
	ipv4Len     = 20
	ipv6Len     = 40
)

// An outbox is packets that wait to be sent, as frames.
type outbox struct {
	octets  []byte // of all frames, one behind the other
	packets []packet
}

// A packet is one of them.
type packet struct {
	end      int // of its frame, which begins where the one before ends
	src, dst netip.Addr
}

// reset empties the outbox.
func (o *outbox) reset() { o.octets, o.packets = o.octets[:0], o.packets[:0] }

// fail notes a packet that can't be sent, for flush to report.
func (n *network) fail(p *port, err error) { n.failed = append(n.failed, failure{p.number, err}) }

// queue puts a packet in the outbox of a port, or notes why it can't.
func (n *network) queue(number int, mac [6]byte, src, dst netip.Addr, payload []byte) {
	p := n.port(number)
	switch {
	case p == nil:
		return
	case !p.isOpen():
		n.fail(p, p.err)
		return
	case src.Is4() != p.ipv4 || dst.Is4() != p.ipv4 || !src.IsValid() || !dst.IsValid():
		n.fail(p, fmt.Errorf("netif: %s: send from %v to %v: %w", p.name, src, dst, unix.EAFNOSUPPORT))
		return
	case len(payload) > math.MaxUint16-ipv6Len:
		n.fail(p, fmt.Errorf("netif: %s: send %d octets: %w", p.name, len(payload), unix.EMSGSIZE))
		return
	}
	if len(p.outbox.packets) == maxQueued {
		n.send(p)
	}
	o := &p.outbox
	mac = cmp.Or(mac, p.link.MAC)
	o.octets = frame.AppendIP(o.octets, frame.MulticastMAC(dst), mac, n.cfg.DSCP<<2, src, dst, payload)
	o.packets = append(o.packets, packet{end: len(o.octets), src: src, dst: dst})
}

// queueTo has no hop limit to give.
func (n *network) queueTo(number int, _ uint8, src, dst netip.Addr, payload []byte) {
	n.queue(number, [6]byte{}, src, dst, payload)
}

// send empties the outbox of a port, and notes what could not be sent.
func (n *network) send(p *port) {
	start := 0
	for _, out := range p.outbox.packets {
		if err := n.sendPacket(p, out, p.outbox.octets[start:out.end]); err != nil {
			n.fail(p, fmt.Errorf("netif: %s: send: %w", p.name, err))
		}
		start = out.end
	}
	p.outbox.reset()
}

// sendPacket sends a packet to a group by its frame, and one to a host by a raw socket.
func (n *network) sendPacket(p *port, out packet, b []byte) error {
	switch {
	case out.dst.IsMulticast():
		return p.packets.send(b)
	case p.ipv4:
		return n.hosts.send4(out.dst, b[ethernetLen:])
	}
	return n.hosts.send6(&p.link, out.src, out.dst, b[ethernetLen+ipv6Len:])
}

// flush empties all outboxes and reports what could not be sent.
func (n *network) flush(f func(port int, err error)) {
	for _, p := range n.ports {
		if p != nil {
			n.send(p)
		}
	}
	for _, failure := range n.failed {
		f(failure.port, failure.err)
	}
	n.failed = n.failed[:0]
}
