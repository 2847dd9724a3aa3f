// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"slices"
	"time"
)

// path is how a virtual host sends and hears in one address family: what belongs
// to the protocol of a leg of the engine.
type path struct {
	group  netip.Addr
	source netip.Addr   // that is asked for, if one is
	peers  []netip.Addr // unicast; none: to the group
	to     netip.Addr   // the group, or everybody

	queued    bool // something since the last flush
	heardAt   time.Time
	heardFrom netip.Addr
	match     Match // the digest that it had
}

// broadcast is the address of everybody on an IPv4 link.
func broadcast() netip.Addr { return netip.AddrFrom4([4]byte{255, 255, 255, 255}) }

// paths returns how the configuration has it, IPv4 first: a path for each family
// that there are addresses of.
func (c *VirtualHostConfig) paths() []path {
	var list []path
	if c.has(false) {
		p := path{group: c.GroupIPv4, source: c.SourceIPv4, to: c.GroupIPv4}
		if c.Broadcast {
			p.to = broadcast()
		}
		list = append(list, p)
	}
	if c.has(true) {
		list = append(list, path{group: c.GroupIPv6, source: c.SourceIPv6, to: c.GroupIPv6})
	}
	for i := range list {
		for _, peer := range c.Peers {
			if peer.Is6() == list[i].group.Is6() {
				list[i].peers = append(list[i].peers, peer)
			}
		}
	}
	return list
}

// destinations calls f for each address that is sent to from source.
func (p *path) destinations(source netip.Addr, f func(dst netip.Addr)) {
	if len(p.peers) == 0 {
		f(p.to)
		return
	}
	for _, peer := range p.peers {
		if peer != source {
			f(peer)
		}
	}
}

// first returns the first of these, an invalid one if there is none.
func (p *path) first(source netip.Addr) (dst netip.Addr) {
	p.destinations(source, func(to netip.Addr) {
		if !dst.IsValid() {
			dst = to
		}
	})
	return dst
}

// addressed reports whether what was sent to dst is for this path: another group
// on the port is that of another virtual host.
func (p *path) addressed(dst netip.Addr) bool { return !dst.IsMulticast() || dst == p.group }

// accepts reports whether advertisements from src are listened to.
func (p *path) accepts(src netip.Addr, from []netip.Addr) bool {
	if len(p.peers) > 0 {
		return slices.Contains(p.peers, src)
	}
	return len(from) == 0 || slices.Contains(from, src)
}

// hear notes an advertisement.
func (p *path) hear(at time.Time, src netip.Addr, match Match) {
	p.heardAt, p.heardFrom, p.match = at, src, match
}
