// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// A port is a link, by name, and an address family.
type port struct {
	number int
	refs   int
	name   string
	ipv4   bool
	family family
	class  uint8 // traffic class, or type of service
	groups []netip.Addr

	changed bool      // links has to look at it
	sourced bool      // it had a source when links looked, and ever since
	flapped bool      // the link was away since
	refused bool      // not all could be opened
	err     error     // why the sockets are closed
	away    bool      // the link was not usable, and is not up for long
	back    time.Time // when it came to be usable again

	link   link // as it was when links looked
	fd     int  // -1 is closed
	ready  bool
	outbox *batch
	wanted []bpf.Instruction // the filter of select; nil if it was not called
	ahRefs int               // users of ah
	ah     *ahSocket         // nil if there are none
	tapped bool              // a virtual MAC address is in use on the link
	tap    *tap              // nil if it is not
	claims *claims           // nil if it could not be opened
}

// newPort returns a port with one user. Its sockets are opened by links.
func (n *network) newPort(name string, group netip.Addr) *port {
	return &port{
		refs:    1,
		name:    name,
		ipv4:    group.Is4(),
		family:  familyOf(group, n.cfg.DSCP),
		class:   n.cfg.DSCP << 2,
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
		if p.ah != nil {
			if err := p.family.join(p.ah.fd, &p.link, group); err != nil {
				return err
			}
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

// openPort opens the sockets that a port whose link is up does not have.
func (n *network) openPort(p *port) error {
	if !p.isOpen() {
		fd, err := openSocket(p.family, protocol, &p.link, p.groups)
		if err != nil {
			return err
		}
		p.fd, p.err = fd, nil
		n.filterPackets(p)
		n.poll.stale = true
		n.openClaims(p)
	}
	if err := n.openAH(p); err != nil {
		return fmt.Errorf("authentication header: %w", err)
	}
	if p.tapped {
		return n.openTap(p)
	}
	return nil
}

// mayOpen returns why the sockets of the port can't be opened.
func (p *port) mayOpen() error { return mayOpen(p.family, protocol) }

// openTap opens the tap of a port that is open, unless it has one. It begins to listen in the next call of receive.
func (n *network) openTap(p *port) error {
	if p.tap != nil {
		return nil
	}
	t, err := newTap(&p.link, p.ipv4)
	if err != nil {
		return fmt.Errorf("virtual MAC address: %w", err)
	}
	p.tap, p.tapped, n.poll.stale = t, true, true
	n.openClaims(p) // they have to look at more now, see claimProtocol
	n.wake()
	return nil
}

// closePort closes the sockets of a port, and gives up what is queued.
func (n *network) closePort(p *port, why error) {
	for ; p.outbox.pending(); p.outbox.skip() {
		n.fail(p, why)
	}
	for ; p.tap != nil && p.tap.outbox.pending(); p.tap.outbox.skip() {
		n.fail(p, why)
	}
	n.closeAH(p, why)
	if p.isOpen() {
		unix.Close(p.fd)
	}
	if t := p.tap; t != nil {
		n.closer.later(func() { unix.Close(t.fd) })
	}
	n.closeClaims(p)
	p.fd, p.ready, p.tap, p.err = -1, false, nil, why
}
