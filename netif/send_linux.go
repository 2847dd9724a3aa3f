// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// fail notes a packet that can't be sent, for flush to report.
func (n *network) fail(p *port, err error) {
	n.failed = append(n.failed, failure{p.number, err})
	n.cfg.counters.unsent.Add(1)
}

// queue puts a packet in an outbox of a port, or notes why it can't.
func (n *network) queue(number int, mac [6]byte, src, dst netip.Addr, payload []byte) {
	n.queueLimited(number, mac, hopLimit, src, dst, payload)
}

// queueTo does so with a packet to a host.
func (n *network) queueTo(number int, hopLimit uint8, src, dst netip.Addr, payload []byte) {
	n.queueLimited(number, [6]byte{}, hopLimit, src, dst, payload)
}

// queueLimited does so with any packet. One from a virtual MAC address has the usual hop limit.
func (n *network) queueLimited(number int, mac [6]byte, hopLimit uint8, src, dst netip.Addr, payload []byte) {
	p := n.port(number)
	switch {
	case p == nil:
	case !p.isOpen():
		n.fail(p, p.err)
	case src.Is4() != p.ipv4 || dst.Is4() != p.ipv4 || !src.IsValid() || !dst.IsValid():
		n.fail(p, fmt.Errorf("netif: %s: send from %v to %v: %w", p.name, src, dst, unix.EAFNOSUPPORT))
	case mac != [6]byte{} && mac != p.link.mac && dst.IsMulticast():
		n.queueFrame(p, mac, src, dst, payload)
	default:
		if p.outbox.full() {
			n.send(p, p.fd, p.outbox)
		}
		p.family.encode(p.outbox.compose(), &p.link, hopLimit, src, dst, payload)
		p.outbox.commit()
	}
}

// queueFrame puts a packet from a virtual MAC address in the outbox of the tap.
func (n *network) queueFrame(p *port, mac [6]byte, src, dst netip.Addr, payload []byte) {
	if err := n.openTap(p); err != nil {
		n.fail(p, fmt.Errorf("netif: %s: %w", p.name, err))
		return
	}
	if p.tap.outbox.full() {
		n.send(p, p.tap.fd, p.tap.outbox)
	}
	encodeFrame(p.tap.outbox.compose(), &p.link, mac, p.class, src, dst, payload)
	p.tap.outbox.commit()
}

// send empties an outbox, and notes what could not be sent.
func (n *network) send(p *port, fd int, outbox *batch) {
	for outbox.pending() {
		err := outbox.send(fd)
		if mayPass(err) {
			if err = outbox.send(fd); err == nil {
				n.cfg.counters.resent.Add(1)
			}
		}
		if err != nil {
			n.fail(p, fmt.Errorf("netif: %s: send: %w", p.name, os.NewSyscallError("sendmmsg", err)))
			outbox.skip()
		}
	}
}

// mayPass reports whether a packet that was refused may be sent a moment later: the kernel had no room, or a packet filter
// was being loaded. Once more at once is all that is tried here. Whether the packet is still true after a while, which
// a goodbye may have followed, only who queued it can know.
func mayPass(err error) bool {
	return errors.Is(err, unix.ENOBUFS) || errors.Is(err, unix.ENOMEM) || errors.Is(err, unix.EPERM)
}

// flush empties all outboxes and reports what could not be sent.
func (n *network) flush(f func(port int, err error)) {
	for _, p := range n.ports {
		if p == nil {
			continue
		}
		n.send(p, p.fd, p.outbox)
		if p.tap != nil {
			n.send(p, p.tap.fd, p.tap.outbox)
		}
		if p.ah != nil {
			n.send(p, p.ah.fd, p.ah.outbox)
		}
	}
	for _, failure := range n.failed {
		f(failure.port, failure.err)
	}
	n.failed = n.failed[:0]
}
