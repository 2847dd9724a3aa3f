// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// hostOnLAN is where a station is plugged in.
type hostOnLAN = *netiftest.Host

// link is the name of the one that every host has.
const link = "eth0"

// node is a machine, with a station for each of the protocols that it speaks.
type node struct {
	c        *cluster
	index    int
	clock    clock
	stations []*station

	down      int // faults that have the link down
	away      int // faults that have its interface away
	bare      int // faults that have taken its addresses
	deaf      int // faults that lose all that is sent to it
	frozeAt   time.Time
	thawAt    time.Time // it stands still until then
	suspended bool
	failing   int // faults that have the backend fail
	latency   time.Duration
	failedAt  time.Time // since when removals fail
	frail     time.Time // removals may be made up for until then
	busy      time.Time // additions may be
}

// frozen reports whether the node stands still.
func (n *node) frozen() bool { return n.thawAt.After(n.c.now()) }

// present reports whether the node can take part on the LAN.
func (n *node) present() bool { return n.down == 0 && n.away == 0 && n.bare == 0 && !n.frozen() }

// trouble reports whether the backend doesn't do as it should.
func (n *node) trouble() bool { return n.failing > 0 || n.latency > 0 || n.busy.After(n.c.now()) }

// sound reports whether the backend removes what it is asked to remove.
func (n *node) sound() bool {
	return n.failing == 0 && n.latency < backendTimeout && !n.frail.After(n.c.now())
}

// addrs returns the addresses of the link of a station.
func (st *station) addrs() []netip.Prefix {
	last := byte(1 + st.node.index)
	if st.carp {
		last += 50
	}
	v6 := [16]byte{0: 0xfe, 1: 0x80, 15: last}
	return []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, last}), 24), netip.PrefixFrom(netip.AddrFrom16(v6), 64)}
}

// plug tells the LAN of the state of the node's links.
func (n *node) plug() {
	for _, st := range n.stations {
		_ = st.host.RemoveLink(link) // it may be away
		if n.away > 0 {
			continue
		}
		l := netiftest.Link{Name: link}
		if n.bare == 0 {
			l.Addresses = st.addrs()
		}
		_ = st.host.AddLink(l) // there is none
		_ = st.host.SetLink(link, n.down == 0)
	}
	n.c.disturb()
}
