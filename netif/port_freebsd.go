// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/bpf"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/rtsock"
)

const (
	// maxPayload is the longest payload that is handed over.
	maxPayload = 2028

	// maxQueued is how many packets wait for a flush at most.
	maxQueued = 64
)

// A port is a link, by name, and an address family.
type port struct {
	number int
	refs   int
	name   string
	ipv4   bool
	groups []netip.Addr

	changed bool  // links has to look at it
	flapped bool  // the link was away since
	again   bool  // it is to be looked at again
	err     error // why it is closed

	link    rtsock.Link // as it was when links looked
	packets *bpfDevice  // nil is closed
	member  int         // a socket that is a member of the groups
	claims  *bpfDevice  // nil if it could not be opened
	outbox  outbox
}

// newPort returns a port with one user. It is opened by links.
func (*network) newPort(name string, group netip.Addr) *port {
	return &port{
		refs:    1,
		name:    name,
		ipv4:    group.Is4(),
		groups:  []netip.Addr{group},
		changed: true,
		err:     fmt.Errorf("netif: %s: %w: not looked at yet", name, ErrLinkDown),
	}
}

// family returns the address family.
func (p *port) family() rtsock.Family {
	if p.ipv4 {
		return rtsock.IPv4
	}
	return rtsock.IPv6
}

// isOpen reports whether the port has its descriptors.
func (p *port) isOpen() bool { return p.packets != nil }

// join adds a group.
func (p *port) join(group netip.Addr) error {
	if slices.Contains(p.groups, group) {
		return nil
	}
	if p.isOpen() {
		if err := joinGroup(p.member, &p.link, group); err != nil {
			return err
		}
	}
	p.groups = append(p.groups, group)
	return nil
}

// openPort opens a port whose link is up.
func (n *network) openPort(p *port) {
	if err := n.openPackets(p); err != nil {
		p.err = fmt.Errorf("netif: %s: %w", p.name, err)
		n.lookAgain(p, retryInterval)
		return
	}
	p.err = nil
	var err error
	if p.claims, err = n.listen(&p.link, bpf.Claims(p.ipv4), claimBuffer); err != nil {
		n.log.Warn("announcements of other hosts are not seen", "link", p.name, "err", err)
	}
}

// openPackets opens what a port can't do without.
func (n *network) openPackets(p *port) error {
	member, err := openMember(&p.link, p.groups)
	if err != nil {
		return err
	}
	packets, err := n.listen(&p.link, bpf.Packets(p.ipv4), packetBuffer)
	if err != nil {
		unix.Close(member)
		return err
	}
	p.member, p.packets = member, packets
	return nil
}

// closePort closes the descriptors of a port, and gives up what is queued.
func (n *network) closePort(p *port, why error) {
	for range p.outbox.packets {
		n.fail(p, why)
	}
	p.outbox.reset()
	if p.isOpen() {
		unix.Close(p.member)
		n.unlisten(p.packets)
		n.unlisten(p.claims)
	}
	p.packets, p.claims, p.err = nil, nil, why
}

// receive hands over the packets that have arrived on any port.
func (n *network) receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	n.look()
	for _, p := range n.ports {
		if p == nil || !p.isOpen() {
			continue
		}
		n.drain(p, p.packets, func(b []byte, at time.Time) {
			if d, ok := frame.DecodeIP(b); ok && n.takes(p, b, d.Dst) {
				f(p.number, d.Src, d.Dst, d.HopLimit, at, d.Payload[:min(len(d.Payload), maxPayload)])
			}
		})
	}
}

// takes reports whether a packet is for the port: to one of its groups, or to the host. A link that carp(4) is on sees
// the frames to all MAC addresses, and a router those of packets that it forwards.
func (n *network) takes(p *port, b []byte, dst netip.Addr) bool {
	if dst.IsMulticast() {
		return slices.Contains(p.groups, dst)
	}
	return frame.Destination(b) == p.link.MAC && n.route.table.Local(dst)
}

// claims hands over what other hosts announced on any port. What this host sends is not seen; what a switch sends back
// does not count either.
func (n *network) claims(f func(port int, addr netip.Addr, mac [6]byte)) {
	for _, p := range n.ports {
		if p == nil || p.claims == nil {
			continue
		}
		n.drain(p, p.claims, func(b []byte, _ time.Time) {
			if addr, ok := frame.Claim(b); ok && frame.Source(b) != p.link.MAC {
				f(p.number, addr, frame.Source(b))
			}
		})
	}
}

// drain hands over the frames that wait at a descriptor, within bounds: ready stays true if some may be left.
func (n *network) drain(p *port, d *bpfDevice, f func(b []byte, at time.Time)) {
	if !d.ready {
		return
	}
	more, err := d.drain(f)
	if err != nil {
		n.log.Debug("receive failed", "link", p.name, "err", err) // of a link that went away, mostly: its message comes
	}
	d.ready = more
}
