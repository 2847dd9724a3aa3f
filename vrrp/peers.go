// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"cmp"
	"net/netip"
	"slices"
)

// Peer is another router of the virtual router, that is sent to by its own address
// and not by a group.
type Peer struct {
	Addr netip.Addr
	// MinHopLimit and MaxHopLimit are what its packets must arrive with at least
	// and at most, by their TTL or hop limit. The default of both is 255, for a
	// peer on the same link, which no packet from elsewhere can have. The least is
	// one less for each router between, or 1 for any distance (min_ttl and max_ttl
	// of keepalived.conf(5), which has 0 and 255 by default). keepalived sends to
	// IPv6 peers with the limit of its kernel, 64 in most cases.
	MinHopLimit, MaxHopLimit uint8
}

// withDefaults returns p with defaults in the place of zero values.
func (p Peer) withDefaults() Peer {
	p.MinHopLimit = cmp.Or(p.MinHopLimit, HopLimit)
	p.MaxHopLimit = cmp.Or(p.MaxHopLimit, HopLimit)
	return p
}

// remote is a peer, as far as it is known.
type remote struct {
	Peer
	form ChecksumForm // of its last accepted packet
	own  bool         // the address is this router's
}

// remotes returns the peers of a configuration, with what was known of them before.
func remotes(peers []Peer, before []remote) []remote {
	list := make([]remote, len(peers))
	for i, p := range peers {
		list[i] = remote{Peer: p.withDefaults(), form: ChecksumMessage}
		if j := slices.IndexFunc(before, func(b remote) bool { return b.Addr == p.Addr }); j >= 0 {
			list[i].form = before[j].form
		}
	}
	return list
}

// leaveOutOwn takes the addresses of this host from those that are sent to, so that
// all routers can have the same list.
func (v *VirtualRouter) leaveOutOwn() {
	for i := range v.peers {
		p := &v.peers[i]
		was := p.own
		p.own = v.leg().Source() == p.Addr || v.leg().Port().Has(p.Addr)
		if p.own && !was {
			v.noticed(NoticeOwnAddress)
		}
	}
}

// byGroup reports whether a packet counts as one to the group, from anybody. One of a peer
// to the group does, but must not come from far.
func (v *VirtualRouter) byGroup(h *IPHeader) bool {
	return len(v.peers) == 0 || v.withGroup && h.Dst.IsMulticast()
}

// sender returns the peer that a packet is from, nil if it is from none.
func (v *VirtualRouter) sender(h *IPHeader) *remote {
	for i := range v.peers {
		if v.peers[i].Addr == h.Src {
			return &v.peers[i]
		}
	}
	return nil
}

// formOf returns where the form of checksum is noted that the sender of a packet has, nil if
// he isn't listened to.
func (v *VirtualRouter) formOf(h *IPHeader) *ChecksumForm {
	if v.byGroup(h) {
		return &v.groupForm
	}
	if p := v.sender(h); p != nil {
		return &p.form
	}
	return nil
}

// near checks the hop limit (RFC 9568 sections 5.1.1.3 and 5.1.2.3). v may be nil.
func (v *VirtualRouter) near(h *IPHeader) PacketError {
	least, most := uint8(HopLimit), uint8(HopLimit)
	if v != nil && !h.Dst.IsMulticast() {
		if from := v.sender(h); from != nil {
			least, most = from.MinHopLimit, from.MaxHopLimit
		}
	}
	switch {
	case h.HopLimit < least:
		return PacketError{FaultHopLimit, int(h.HopLimit), int(least)}
	case h.HopLimit > most:
		return PacketError{FaultHopLimit, int(h.HopLimit), int(most)}
	}
	return PacketError{}
}

// addressed reports whether what was sent to dst is for this virtual router: another
// group on the port is that of another one.
func (v *VirtualRouter) addressed(dst netip.Addr) bool {
	return !dst.IsMulticast() || dst == v.leg().Group()
}

// checkPeers reports what is wrong with the peers.
func (c *VirtualRouterConfig) checkPeers(wrong func(bad bool, name string, value any, allowed string)) {
	wrong(c.Peers != nil && len(c.Peers) == 0, "number of peers", 0, "1 and more, or no list for the group")
	wrong(c.WithGroup && len(c.Peers) == 0, "group besides peers", true, "only with peers")
	for i, p := range c.Peers {
		full := p.withDefaults()
		wrong(!c.canBePeer(p.Addr), "peer", p.Addr, "unicast addresses of the virtual router's family, without a zone, and none of its own")
		wrong(full.MinHopLimit > full.MaxHopLimit, "hop limit of a peer", full.MinHopLimit, "up to the highest allowed")
		wrong(slices.ContainsFunc(c.Peers[:i], func(q Peer) bool { return q.Addr == p.Addr }), "peer", p.Addr, "each once")
	}
}

// canBePeer reports whether a can be sent to.
func (c *VirtualRouterConfig) canBePeer(a netip.Addr) bool {
	return a.IsValid() && a.Zone() == "" && !a.Is4In6() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() &&
		a != netip.AddrFrom4([4]byte{255, 255, 255, 255}) && a.Is6() == c.ipv6() &&
		!slices.ContainsFunc(c.held(), func(p netip.Prefix) bool { return p.Addr() == a })
}
