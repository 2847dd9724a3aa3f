// SPDX-License-Identifier: Apache-2.0

//go:build linux || freebsd

package netif

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

const (
	// maxName is the longest name of a link, IFNAMSIZ less the terminator.
	maxName = unix.IFNAMSIZ - 1

	// retryInterval is how often is tried again what the kernel refused.
	retryInterval = time.Second
)

// A failure is a packet that could not be sent.
type failure struct {
	port int
	err  error
}

// attach counts another user of a port, which it makes if need be.
func (n *network) attach(name string, group netip.Addr) (int, error) {
	group = group.Unmap().WithZone("")
	switch {
	case n.closed:
		return 0, fmt.Errorf("netif: %s: attach: %w", name, net.ErrClosed)
	case name == "" || len(name) > maxName:
		return 0, fmt.Errorf("netif: attach: %q can't be the name of a link", name)
	case !group.IsMulticast():
		return 0, fmt.Errorf("netif: %s: attach: %v is no multicast group", name, group)
	}
	for _, p := range n.ports {
		if p != nil && p.name == name && p.ipv4 == group.Is4() {
			p.refs++
			return p.number, n.joinPort(p, group)
		}
	}
	p := n.newPort(name, group)
	if err := p.mayOpen(); err != nil {
		return 0, fmt.Errorf("netif: %s: attach: %w", name, err)
	}
	n.insert(p)
	return p.number, nil
}

// insert gives a port the lowest free number, and its link an announcer.
func (n *network) insert(p *port) {
	p.number = slices.Index(n.ports, nil)
	if p.number < 0 {
		p.number = len(n.ports)
		n.ports = append(n.ports, nil)
	}
	n.ports[p.number] = p

	if n.announcers[p.name] == nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.announcers[p.name] = n.newAnnouncer(p)
	}
}

// joinPort adds a group to a port. If that fails, the attach that asked for it is taken back.
func (n *network) joinPort(p *port, group netip.Addr) error {
	if err := p.join(group); err != nil {
		p.refs--
		return fmt.Errorf("netif: %s: attach: %w", p.name, err)
	}
	return nil
}

// port returns the port of that number, nil if there is none.
func (n *network) port(number int) *port {
	if number < 0 || number >= len(n.ports) {
		return nil
	}
	return n.ports[number]
}

// detach counts a user of a port less, and closes it after the last one.
func (n *network) detach(number int) {
	p := n.port(number)
	if p == nil {
		return
	}
	if p.refs--; p.refs > 0 {
		return
	}
	n.closePort(p, fmt.Errorf("netif: %s: %w", p.name, ErrNotAttached))
	n.ports[number] = nil
	n.failed = slices.DeleteFunc(n.failed, func(f failure) bool { return f.port == number })
	if slices.ContainsFunc(n.ports, func(q *port) bool { return q != nil && q.name == p.name }) {
		return
	}
	n.announcers[p.name].close(fmt.Errorf("netif: %s: %w", p.name, ErrNotAttached))
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.announcers, p.name)
}

// detachAll closes all ports, however many use them.
func (n *network) detachAll() {
	for _, p := range n.ports {
		if p != nil {
			p.refs = 1
			n.detach(p.number)
		}
	}
}

// announce finds the announcer of a link.
func (n *network) announce(ctx context.Context, name string, mac [6]byte, addrs []netip.Addr) error {
	n.mu.Lock()
	a := n.announcers[name]
	n.mu.Unlock()
	if a == nil {
		return fmt.Errorf("netif: %s: announce: %w", name, ErrNotAttached)
	}
	return a.announce(ctx, mac, addrs)
}

// earliest returns the first of some times, of which the zero one is never.
func earliest(times ...time.Time) (first time.Time) {
	for _, t := range times {
		first = deadline.Earlier(first, t)
	}
	return first
}
