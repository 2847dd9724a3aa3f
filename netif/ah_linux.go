// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// protocolAH is the IP protocol number of the authentication header.
const protocolAH = 51

// An ahSocket is the raw socket of a port for packets of protocol 51.
type ahSocket struct {
	fd     int
	ready  bool
	outbox *batch
}

// attachAH counts a user of the socket of a port, and opens it if it can be.
func (n *network) attachAH(number int) error {
	p := n.port(number)
	switch {
	case p == nil:
		return fmt.Errorf("netif: port %d: %w", number, ErrNotAttached)
	case !p.ipv4:
		return fmt.Errorf("netif: %s: authentication header in IPv6: %w", p.name, errors.ErrUnsupported)
	}
	err := mayOpen(p.family, protocolAH)
	p.ahRefs++
	if err == nil && p.isOpen() {
		err = n.openAH(p)
	}
	if err != nil {
		p.ahRefs--
		return fmt.Errorf("netif: %s: attach: %w", p.name, err)
	}
	return nil
}

// detachAH counts a user less, and closes the socket after the last one.
func (n *network) detachAH(number int) {
	p := n.port(number)
	if p == nil {
		return
	}
	if p.ahRefs--; p.ahRefs == 0 {
		n.closeAH(p, fmt.Errorf("netif: %s: %w", p.name, ErrNotAttached))
	}
}

// openAH opens the socket of a port that is open, unless it has one or nobody wants it.
func (n *network) openAH(p *port) error {
	if p.ahRefs == 0 || p.ah != nil {
		return nil
	}
	fd, err := openSocket(p.family, protocolAH, &p.link, p.groups)
	if err != nil {
		return err
	}
	p.ah, n.poll.stale = &ahSocket{fd: fd, outbox: newBatch()}, true
	n.wake()
	return nil
}

// closeAH closes the socket of a port, and gives up what is queued.
func (n *network) closeAH(p *port, why error) {
	if p.ah == nil {
		return
	}
	for ; p.ah.outbox.pending(); p.ah.outbox.skip() {
		n.fail(p, why)
	}
	unix.Close(p.ah.fd)
	p.ah, n.poll.stale = nil, true
}

// receiveAH hands over the packets that have arrived on any port.
func (n *network) receiveAH(f func(port int, at time.Time, packet []byte)) {
	for _, p := range n.ports {
		if p == nil || p.ah == nil || !p.ah.ready {
			continue
		}
		p.ah.ready = n.drain(p.ah.fd, p.name, maxBatches, func(m *message, now time.Time) {
			a := parseAncillary(m.control[:m.controlLen])
			if packet, ok := trimIPv4(m.data); ok && a.index == p.link.index {
				f(p.number, a.arrival(now), packet)
			}
		})
	}
}

// trimIPv4 returns a packet that has a header without what is behind its total length.
func trimIPv4(b []byte) ([]byte, bool) {
	if len(b) < ipv4Len {
		return nil, false
	}
	total := min(int(binary.BigEndian.Uint16(b[ipv4LengthOffset:])), len(b))
	return b[:total], total >= ipv4Len
}

// queueAH puts a packet in the outbox, or notes why it can't.
func (n *network) queueAH(number int, packet []byte) {
	p := n.port(number)
	switch {
	case p == nil:
		return
	case p.ah == nil && !p.isOpen():
		n.fail(p, p.err)
		return
	case p.ah == nil:
		n.fail(p, fmt.Errorf("netif: %s: authentication header: %w", p.name, ErrNotAttached))
		return
	case len(packet) < ipv4Len:
		n.fail(p, fmt.Errorf("netif: %s: send %d octets: %w", p.name, len(packet), unix.EINVAL))
		return
	}
	if p.ah.outbox.full() {
		n.send(p, p.ah.fd, p.ah.outbox)
	}
	m := p.ah.outbox.compose()
	m.data = append(m.data, packet...)
	name := (*unix.RawSockaddrInet4)(unsafe.Pointer(&m.name))
	*name = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: [4]byte(packet[ipv4TargetOffset:])}
	m.nameLen = unix.SizeofSockaddrInet4
	p.ah.outbox.commit()
}
