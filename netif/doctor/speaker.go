// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
)

// A speaker is another host that sends packets of protocol 112 on a link.
type speaker struct {
	addr     netip.Addr
	mac      net.HardwareAddr
	arrived  int // packets to the group that came by the link
	received int // packets that a socket got
	messages []message
}

// A station is what was heard on a link in one family.
type station struct {
	*subject
	speakers map[netip.Addr]*speaker

	sent     error // why the packet to itself could not be sent
	returned bool  // it came back
}

// newStation returns one that has heard nothing.
func newStation(s *subject) station {
	return station{subject: s, speakers: make(map[netip.Addr]*speaker)}
}

// speaker returns that of an address.
func (st *station) speaker(a netip.Addr) *speaker {
	s := st.speakers[a]
	if s == nil {
		s = &speaker{addr: a}
		st.speakers[a] = s
	}
	return s
}

// arrive takes a packet that came by the link.
func (st *station) arrive(p packet, mac net.HardwareAddr) {
	s := st.speaker(p.src)
	if st.multicast() && p.dst == group(st.ipv6) {
		s.arrived++
	}
	if s.mac == nil {
		s.mac = slices.Clone(mac)
	}
	m, ok := parseMessage(p.payload, st.ipv6)
	same := func(n message) bool {
		return n.name == m.name && n.id == m.id && slices.Equal(n.addresses, m.addresses)
	}
	if ok && !slices.ContainsFunc(s.messages, same) {
		s.messages = append(s.messages, m)
	}
}

// sorted returns the speakers in the order of their addresses.
func (st *station) sorted() []*speaker {
	var list []*speaker
	for _, s := range st.speakers {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *speaker) int { return a.addr.Compare(b.addr) })
	return list
}

// findings judges what was heard.
func (st *station) findings(h *host) []Finding {
	findings := st.checkDropped(h)
	for _, sp := range st.sorted() {
		isOwn := func(a address) bool { return a.prefix.Addr() == sp.addr }
		if slices.ContainsFunc(h.addresses, isOwn) {
			continue // sent by this host, and given back by the switch
		}
		for _, m := range sp.messages {
			for _, r := range st.routers {
				if m.id == r.ID {
					findings = append(findings, st.judge(&r, sp, &m)...)
				}
			}
		}
	}
	return findings
}

// judge says what it means that somebody else uses the number of a router. A peer advertises the same
// addresses; CARP does not tell any.
func (st *station) judge(r *Router, sp *speaker, m *message) []Finding {
	const another = "give one of the two another number"
	who := fmt.Sprintf("%v (%v) speaks %s", sp.addr, sp.mac, m.name)
	ours, shared := r.shared(m.addresses)
	switch {
	case m.carp != r.CARP:
		return st.found(ForeignSpeaker, Error, another,
			"%s with number %d, which is that of a router here in another protocol: both have the same virtual MAC address", who, m.id)
	case m.carp:
		return st.found(ForeignSpeaker, Note, "nothing if it is a peer, else give it another VHID",
			"%s with VHID %d: a peer if it has the same passphrase and addresses, which can't be seen", who, m.id)
	case shared == 0:
		return st.found(ForeignSpeaker, Error, another, "%s with VRID %d for other addresses: %v", who, m.id, m.addresses)
	case shared < len(m.addresses) || shared < ours:
		return st.found(ForeignSpeaker, Warning, "configure the same addresses on all routers of this VRID",
			"%s with VRID %d for %v: not the addresses that are configured here", who, m.id, m.addresses)
	}
	return nil
}

// shared returns how many addresses the router advertises, and how many of those that somebody else does.
func (r *Router) shared(theirs []netip.Addr) (ours, shared int) {
	set := make(map[netip.Addr]bool)
	for _, p := range r.Addresses {
		set[p.Addr()] = true
	}
	for _, a := range theirs {
		if set[a] {
			shared++
		}
	}
	return len(set), shared
}

// checkDropped looks for packets that got lost in the host: the one it sent to itself, and those that came by
// the link and that no socket got.
func (st *station) checkDropped(h *host) []Finding {
	program := "iptables"
	if st.ipv6 {
		program = "ip6tables"
	}
	accept := fmt.Sprintf("%s -I INPUT -i %s -p %d -j ACCEPT, or firewall-cmd --add-protocol=vrrp", program, st.name, protocol)
	switch {
	case errors.Is(st.sent, os.ErrPermission):
		return st.found(PacketsDropped, Error, fmt.Sprintf("%s -I OUTPUT -o %s -p %d -j ACCEPT", program, st.name, protocol),
			"a packet filter of this host refuses to send packets of protocol %d to %v: %v", protocol, group(st.ipv6), st.sent)
	case st.sent != nil:
		return st.found(NotChecked, Note, "", "packet filter: can't send a packet to %v: %v", group(st.ipv6), st.sent)
	case !st.returned:
		return st.found(PacketsDropped, Error, accept,
			"a packet of protocol %d that the host sent to itself by %v did not arrive: a packet filter of this host drops them",
			protocol, group(st.ipv6))
	}
	for _, sp := range st.sorted() {
		if sp.arrived > 0 && sp.received == 0 && !h.isTaken(st.subject, sp.mac) {
			return st.found(PacketsDropped, Error, cmp.Or(h.rpFilterFix(st.subject, sp.addr), accept),
				"packets of protocol %d from %v come by the link, and no socket gets any: the host drops them", protocol, sp.addr)
		}
	}
	return nil
}

// isTaken reports whether an interface on top of the link takes all multicast packets from a MAC address: one
// that has it itself, in private mode.
func (h *host) isTaken(s *subject, mac net.HardwareAddr) bool {
	return slices.ContainsFunc(h.links, func(l link) bool {
		return l.kind == "macvlan" && l.mode == macvlanModePrivate && l.up && l.lower == s.link.index && bytes.Equal(l.mac[:], mac)
	})
}

// rpFilterFix returns the command that has packets from an address pass the check of their source, empty if
// they do.
func (h *host) rpFilterFix(s *subject, a netip.Addr) string {
	own, all := h.ipv4Conf(s.name, "rp_filter")
	if s.ipv6 || max(own, all) == 0 || h.inVRF(s.link) {
		return ""
	}
	index, err := h.way(a)
	switch {
	case err != nil:
		return fmt.Sprintf("ip route add %v dev %s, as rp_filter is on and no route leads there", a, s.name)
	case index != s.link.index && max(own, all) == 1:
		return command("net/ipv4/conf/"+s.name+"/rp_filter", 2)
	}
	return ""
}
