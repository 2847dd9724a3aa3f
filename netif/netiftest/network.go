// SPDX-License-Identifier: Apache-2.0

package netiftest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Network is a host's LAN as the routers of this module see it: it does what the
// Network of package netif does, without privileges. Wake and Announce are safe
// for concurrent use, the other methods are for the loop.
type Network struct {
	host     *Host
	wake     chan struct{}
	outgoing []outgoing
	claims   []delivery
	headed   []delivery // with an authentication header
	addrs    []netip.Addr
}

type outgoing struct {
	port   int
	packet Packet
}

// port is a link in one address family that a router takes part on.
type port struct {
	name    string
	link    *link // nil if there is none of that name
	group   netip.Addr
	users   int
	ahUsers int
	changed bool
}

// up reports whether the port has a link that is up.
func (p *port) up() bool { return p.link != nil && p.link.up }

// hears reports whether a packet is for the port.
func (p *port) hears(packet Packet) bool {
	if !p.up() || p.link.Switch != packet.Switch || p.group.Is6() != packet.Dst.Is6() {
		return false
	}
	return packet.Dst == p.group || slices.ContainsFunc(p.link.Addresses, func(a netip.Prefix) bool { return a.Addr() == packet.Dst })
}

// Attach begins to take part on a link; see vrrp.Network. The host need not have the
// link yet: until [Host.AddLink] the port is down, with an error that matches
// [ErrNoLink].
func (n *Network) Attach(name string, group netip.Addr) (int, error) {
	h := n.host
	h.lan.mu.Lock()
	defer h.lan.mu.Unlock()
	for number, p := range h.ports {
		if p != nil && p.name == name && p.group == group {
			p.users++
			p.changed = true
			n.Wake()
			return number, nil
		}
	}
	number := slices.Index(h.ports, nil)
	if number < 0 {
		number, h.ports = len(h.ports), append(h.ports, nil)
	}
	h.ports[number] = &port{name: name, link: h.link(name), group: group, users: 1, changed: true}
	n.Wake()
	return number, nil
}

// Detach ends one Attach.
func (n *Network) Detach(number int) {
	n.host.lan.mu.Lock()
	defer n.host.lan.mu.Unlock()
	p := n.host.port(number)
	if p == nil {
		return
	}
	if p.users--; p.users > 0 {
		return
	}
	n.host.ports[number] = nil
	n.host.drop(number)
}

// Bind does nothing.
func (*Network) Bind() (func(), error) { return func() {}, nil }

// Wake ends a Wait.
func (n *Network) Wake() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Wait blocks until Wake or a time, or until something arrives.
func (n *Network) Wait(until time.Time) {
	n.host.lan.mu.Lock()
	if b := n.host.inbox; len(b) > 0 && (until.IsZero() || b[0].at.Before(until)) {
		until = b[0].at
	}
	n.host.lan.mu.Unlock()
	if until.IsZero() {
		<-n.wake
		return
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-n.wake:
	case <-timer.C:
	}
}

// Links reports the ports whose link has changed.
func (n *Network) Links(f func(port int, up bool, addrs []netip.Addr, err error)) {
	for number := 0; ; number++ {
		p, changed, ok := n.look(number)
		if !ok {
			return
		}
		if changed {
			f(number, p.up, n.addrs, p.err)
		}
	}
}

// portState is whether a port is up, and why it is not.
type portState struct {
	up  bool
	err error
}

// look reads the state of a port that has changed, and its addresses into n.addrs. It
// is not ok beyond the last one.
func (n *Network) look(number int) (state portState, changed, ok bool) {
	n.host.lan.mu.Lock()
	defer n.host.lan.mu.Unlock()
	if number >= len(n.host.ports) {
		return portState{}, false, false
	}
	p := n.host.ports[number]
	if p == nil || !p.changed {
		return portState{}, false, true
	}
	p.changed = false
	n.addrs = n.addrs[:0]
	if p.link == nil {
		return portState{err: fmt.Errorf("%w: %s of host %s", ErrNoLink, p.name, n.host.name)}, true, true
	}
	for _, a := range p.link.Addresses {
		if addr := a.Addr(); addr.Is6() == p.group.Is6() {
			n.addrs = append(n.addrs, addr)
		}
	}
	if p.group.Is6() {
		slices.SortFunc(n.addrs, compareIPv6)
	}
	return portState{up: p.link.up}, true, true
}

// compareIPv6 puts link-local addresses before others.
func compareIPv6(a, b netip.Addr) int {
	switch {
	case a.IsLinkLocalUnicast() == b.IsLinkLocalUnicast():
		return a.Compare(b)
	case a.IsLinkLocalUnicast():
		return -1
	}
	return 1
}

// Receive hands over the packets that have arrived.
func (n *Network) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	now := n.host.lan.clock()
	for {
		n.host.lan.mu.Lock()
		d, ok := n.host.get(now)
		n.host.lan.mu.Unlock()
		switch {
		case !ok:
			return
		case d.claim.IsValid():
			n.claims = append(n.claims, d)
		case d.packet.AH:
			n.headed = append(n.headed, d)
		default:
			f(d.port, d.packet.Src, d.packet.Dst, d.packet.HopLimit, d.at, d.packet.Payload)
		}
	}
}

// Claims hands over the addresses that other hosts have announced.
func (n *Network) Claims(f func(port int, addr netip.Addr, mac [6]byte)) {
	for _, d := range n.claims {
		f(d.port, d.claim, d.mac)
	}
	n.claims = n.claims[:0]
}

// Queue takes a packet to be sent, from the MAC address of the host if mac is zero.
func (n *Network) Queue(number int, mac [6]byte, src, dst netip.Addr, payload []byte) {
	n.outgoing = append(n.outgoing, outgoing{number, Packet{From: n.host, MAC: n.host.orOwn(mac), Src: src, Dst: dst, HopLimit: 255, Payload: slices.Clone(payload)}})
}

// QueueTo takes a packet to be sent to a host with another hop limit than 255.
func (n *Network) QueueTo(number int, hopLimit uint8, src, dst netip.Addr, payload []byte) {
	n.Queue(number, [6]byte{}, src, dst, payload)
	n.outgoing[len(n.outgoing)-1].packet.HopLimit = hopLimit
}

// Flush sends what is queued.
func (n *Network) Flush(f func(port int, err error)) {
	for i := range n.outgoing {
		if err := n.flush(&n.outgoing[i]); err != nil {
			f(n.outgoing[i].port, err)
		}
		n.outgoing[i] = outgoing{}
	}
	n.outgoing = n.outgoing[:0]
}

// flush sends one packet.
func (n *Network) flush(o *outgoing) error {
	lan := n.host.lan
	lan.mu.Lock()
	defer lan.mu.Unlock()
	p := n.host.port(o.port)
	if p == nil || !p.up() {
		return fmt.Errorf("netiftest: host %s: link is down", n.host.name)
	}
	o.packet.At, o.packet.Switch = lan.clock(), p.link.Switch
	lan.send(o.packet)
	return nil
}

// Announce tells the other hosts on the link that the addresses are here.
func (n *Network) Announce(ctx context.Context, link string, mac [6]byte, addrs []netip.Addr) error {
	return n.host.Announce(ctx, link, mac, addrs)
}
