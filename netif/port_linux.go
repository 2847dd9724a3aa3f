// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// maxBatches bounds what a port gives in one call of receive or claims, to 1024 packets: a flood must not keep
// the loop from its timers.
const maxBatches = 1024 / batchLen

// A port is a link, by name, and an address family.
type port struct {
	number int
	refs   int
	name   string
	ipv4   bool
	family family
	groups []netip.Addr

	changed bool  // links has to look at it
	flapped bool  // the link was away since
	refused bool  // not all could be opened
	err     error // why the sockets are closed

	link   link // as it was when links looked
	fd     int  // -1 is closed
	ready  bool
	outbox *batch
	claims *claims // nil if it could not be opened
}

// newPort returns a port with one user. Its sockets are opened by links.
func newPort(name string, group netip.Addr, dscp uint8) *port {
	return &port{
		refs:    1,
		name:    name,
		ipv4:    group.Is4(),
		family:  familyOf(group, dscp),
		groups:  []netip.Addr{group},
		changed: true,
		err:     fmt.Errorf("netif: %s: %w: not looked at yet", name, ErrLinkDown),
		fd:      -1,
		outbox:  newBatch(),
	}
}

// isOpen reports whether the port has its socket.
func (p *port) isOpen() bool { return p.fd >= 0 }

// join adds a group.
func (p *port) join(group netip.Addr) error {
	if slices.Contains(p.groups, group) {
		return nil
	}
	if p.isOpen() {
		if err := p.family.join(p.fd, &p.link, group); err != nil {
			return err
		}
	}
	p.groups = append(p.groups, group)
	return nil
}

// takes reports whether packets to an address are for the port. A raw socket of IPv6 gets those to all groups
// that anybody on the host is a member of.
func (p *port) takes(dst netip.Addr) bool {
	return !dst.IsMulticast() || slices.Contains(p.groups, dst)
}

// openPort opens the sockets of a port whose link is up.
func (n *network) openPort(p *port) {
	fd, err := openSocket(p.family, &p.link, p.groups)
	if err != nil {
		p.err = fmt.Errorf("netif: %s: %w", p.name, err)
		n.retryLater(p)
		return
	}
	p.fd, p.err = fd, nil
	if p.claims, err = openClaims(&p.link, p.ipv4); err != nil {
		n.log.Warn("announcements of other hosts are not seen", "link", p.name, "err", err)
	}
	n.poll.stale = true
}

// closePort closes the sockets of a port, and gives up what is queued.
func (n *network) closePort(p *port, why error) {
	for ; p.outbox.pending(); p.outbox.skip() {
		n.fail(p, why)
	}
	if p.isOpen() {
		unix.Close(p.fd)
		p.claims.close()
	}
	p.fd, p.ready, p.claims, p.err = -1, false, nil, why
	n.poll.stale = true
}

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
	case mac != [6]byte{}:
		n.fail(p, fmt.Errorf("netif: %s: send from another MAC address: %w", p.name, errors.ErrUnsupported))
		return
	case src.Is4() != p.ipv4 || dst.Is4() != p.ipv4 || !src.IsValid() || !dst.IsValid():
		n.fail(p, fmt.Errorf("netif: %s: send from %v to %v: %w", p.name, src, dst, unix.EAFNOSUPPORT))
		return
	}
	if p.outbox.full() {
		n.send(p)
	}
	p.family.encode(p.outbox.compose(), &p.link, src, dst, payload)
	p.outbox.commit()
}

// send empties the outbox of a port, and notes what could not be sent.
func (n *network) send(p *port) {
	for p.outbox.pending() {
		if err := p.outbox.send(p.fd); err != nil {
			n.fail(p, fmt.Errorf("netif: %s: send: %w", p.name, os.NewSyscallError("sendmmsg", err)))
			p.outbox.skip()
		}
	}
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

// receive hands over the packets that have arrived on any port.
func (n *network) receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	n.look()
	for _, p := range n.ports {
		if p == nil || !p.ready {
			continue
		}
		p.ready = n.drain(p.fd, p.name, func(m *message, now time.Time) {
			if d, ok := p.family.decode(m, &p.link, now); ok && p.takes(d.dst) {
				f(p.number, d.src, d.dst, d.hopLimit, d.at, d.payload)
			}
		})
	}
}

// drain hands over the messages that wait at a socket, within bounds: more is true if some may be left.
func (n *network) drain(fd int, name string, f func(m *message, now time.Time)) (more bool) {
	for range maxBatches {
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
