// SPDX-License-Identifier: Apache-2.0

package netiftest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// Link is a network interface of a host.
type Link struct {
	Name      string         // default "eth0"
	Switch    string         // that it is plugged into; links with the same one hear each other
	Addresses []netip.Prefix // of both families; of IPv6 link-local ones, and others that are asked for as a source
}

// Host is a host on a [LAN]. It is safe for concurrent use.
type Host struct {
	lan     *LAN
	name    string
	mac     [6]byte
	network *Network

	// What follows is guarded by lan.mu.
	links []*link
	ports []*port // by number
	inbox inbox
}

type link struct {
	Link
	up bool
}

// Host adds a host with its links, which are up.
func (l *LAN) Host(name string, links ...Link) *Host {
	h := &Host{lan: l, name: name}
	h.network = &Network{host: h, wake: make(chan struct{}, 1)}
	for _, given := range links {
		h.links = append(h.links, newLink(given))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	h.mac = [6]byte{0x02, 0x00, 0x5e, 0x10, byte(len(l.hosts) >> 8), byte(len(l.hosts))}
	l.hosts = append(l.hosts, h)
	return h
}

// newLink returns a link that is up.
func newLink(given Link) *link {
	if given.Name == "" {
		given.Name = "eth0"
	}
	given.Addresses = slices.Clone(given.Addresses)
	return &link{Link: given, up: true}
}

// AddLink adds a link to the host, which is up. Whoever attached to its name before it was there takes part on it from
// now on. The error matches [ErrLinkExists] if there is one of that name.
func (h *Host) AddLink(given Link) error {
	h.lan.mu.Lock()
	defer h.lan.mu.Unlock()
	l := newLink(given)
	if h.link(l.Name) != nil {
		return fmt.Errorf("%w: %s of host %s", ErrLinkExists, l.Name, h.name)
	}
	h.links = append(h.links, l)
	h.relink(l.Name, l)
	return nil
}

// RemoveLink takes a link away. Those who are attached to it stay attached to the name. The error matches [ErrNoLink] if
// there is none.
func (h *Host) RemoveLink(name string) error {
	h.lan.mu.Lock()
	defer h.lan.mu.Unlock()
	l := h.link(name)
	if l == nil {
		return fmt.Errorf("%w: %s of host %s", ErrNoLink, name, h.name)
	}
	h.links = slices.DeleteFunc(h.links, func(other *link) bool { return other == l })
	h.relink(name, nil)
	return nil
}

// relink gives the ports of a name another link, and tells them. The caller holds lan.mu.
func (h *Host) relink(name string, l *link) {
	for _, p := range h.ports {
		if p != nil && p.name == name {
			p.link, p.changed = l, true
		}
	}
	h.network.Wake()
}

// Name returns the host's name.
func (h *Host) Name() string { return h.name }

// String returns the host's name.
func (h *Host) String() string { return h.name }

// MAC returns the MAC address of the host, which all its links have.
func (h *Host) MAC() [6]byte { return h.mac }

// orOwn returns the MAC address to send from.
func (h *Host) orOwn(mac [6]byte) [6]byte {
	if mac == [6]byte{} {
		return h.mac
	}
	return mac
}

// Network returns the host's network, for a router to run on.
func (h *Host) Network() *Network { return h.network }

// SetLink brings a link up or takes it down.
func (h *Host) SetLink(name string, up bool) error {
	return h.change(name, func(l *link) { l.up = up })
}

// SetAddresses gives a link other addresses.
func (h *Host) SetAddresses(name string, addrs ...netip.Prefix) error {
	return h.change(name, func(l *link) { l.Addresses = slices.Clone(addrs) })
}

// Errors about links of a host, to be tested for with errors.Is.
var (
	// ErrNoLink says that the host has no link of the name.
	ErrNoLink = errors.New("netiftest: no such link")

	// ErrLinkExists says that the host has a link of the name.
	ErrLinkExists = errors.New("netiftest: there is such a link")
)

// change changes a link and tells the ports on it.
func (h *Host) change(name string, f func(*link)) error {
	h.lan.mu.Lock()
	defer h.lan.mu.Unlock()
	l := h.link(name)
	if l == nil {
		return fmt.Errorf("%w: %s of host %s", ErrNoLink, name, h.name)
	}
	f(l)
	h.relink(name, l)
	return nil
}

// link returns the link of the name, nil if there is none. The caller holds
// lan.mu.
func (h *Host) link(name string) *link {
	i := slices.IndexFunc(h.links, func(l *link) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return h.links[i]
}

// port returns the port of the number, nil if there is none. The caller holds
// lan.mu.
func (h *Host) port(number int) *port {
	if number < 0 || number >= len(h.ports) {
		return nil
	}
	return h.ports[number]
}

// Announce tells the other hosts on the link that the addresses are here, at the MAC
// address of the host if mac is zero.
func (h *Host) Announce(ctx context.Context, name string, mac [6]byte, addrs []netip.Addr) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h.lan.mu.Lock()
	defer h.lan.mu.Unlock()
	l := h.link(name)
	switch {
	case l == nil:
		return fmt.Errorf("%w: %s of host %s", ErrNoLink, name, h.name)
	case !l.up:
		return fmt.Errorf("netiftest: link %s of host %s is down", name, h.name)
	}
	for _, a := range addrs {
		h.lan.claim(h, h.orOwn(mac), l.Switch, a)
	}
	return nil
}
