// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	filters "github.com/go-fhrp/fhrp/internal/bpf"
	"github.com/go-fhrp/fhrp/internal/frame"
)

const (
	// claimsBuffer is for the frames of a storm that come while the loop does something else, a thousand or so.
	claimsBuffer = 1 << 20

	// maxClaimBatches bounds what a port gives in one call of claims, to 256 frames.
	maxClaimBatches = 256 / batchLen

	// A claim ends a wait at once, so that an address is handed over the moment the successor announces it. Where there
	// is no end to them they do so no more than every claimRest, after claimBurst in succession.
	claimRest  = 10 * time.Millisecond
	claimBurst = 16

	// Filters are made anew some time after an address changed, a few at a time. One takes up to a millisecond.
	filterDelay    = 100 * time.Millisecond
	filterPause    = 10 * time.Millisecond
	filtersPerTurn = 4
)

// claims is a packet socket that sees by which frames other hosts on a link say that they have an address: all
// announcements, and of the others those that are about an address of this host.
type claims struct {
	fd      int
	ready   bool
	known   uint64 // version of the addresses that the filter knows
	pace    pace
	resting bool // the loop is not woken before pace.until
}

// openClaims opens the socket for claims of a port, in the place of the one it has. A link that is no Ethernet has none.
func (n *network) openClaims(p *port) {
	n.closeClaims(p)
	if !p.link.ethernet {
		return
	}
	var err error
	known := n.route.table.version(p.ipv4)
	if p.claims, err = newClaims(&p.link, claimProtocol(p), claimFilter(p.ipv4, n.route.table.ranges(p.ipv4))); err != nil {
		n.log.Warn("claims of other hosts are not seen", "link", p.name, "err", err)
		return
	}
	p.claims.known = known
}

// claimProtocol returns which frames the kernel is to look at: those of ARP or IPv6. If there may be a macvlan that takes
// them it has to be all, as then only such sockets see what comes from its MAC address, see tap.
func claimProtocol(p *port) int {
	switch {
	case p.tapped:
		return unix.ETH_P_ALL
	case p.ipv4:
		return frame.EtherTypeARP
	}
	return frame.EtherTypeIPv6
}

// newClaims returns a packet socket on a link.
func newClaims(l *link, protocol int, program []bpf.Instruction) (*claims, error) {
	fd, err := openPacket(l, protocol, program)
	if err != nil {
		return nil, err
	}
	c := &claims{fd: fd, pace: pace{rest: claimRest, burst: claimBurst}}
	ignoreOutgoing(c.fd)
	setBuffer(c.fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, claimsBuffer)
	return c, nil
}

// closeClaims closes the socket for claims of a port, if there is one.
func (n *network) closeClaims(p *port) {
	if c := p.claims; c != nil {
		n.closer.later(func() { unix.Close(c.fd) })
	}
	p.claims, n.poll.stale = nil, true
}

// announced notes that addresses are announced. The loop is woken for the first one that is new, and for no more until the
// filters are made anew: with nothing to send it may sleep for 40 s, and a thousand virtual routers that take over announce a
// thousand times.
func (n *network) announced(addrs []netip.Addr) {
	if s := &n.route.table.announced; s.add(s.now(), addrs) {
		n.wake()
	}
}

// refilter tells the sockets for claims of the addresses that this host has come to have or has lost: some a call, as
// there may be many, and a moment after the change, which has others after it.
func (n *network) refilter() {
	now := time.Now()
	if n.filterAt.IsZero() && n.filtered != n.versions() {
		n.filterAt = now.Add(filterDelay)
	}
	if n.filterAt.IsZero() || now.Before(n.filterAt) {
		return
	}
	n.filterAt = time.Time{}
	// What is announced from here on is for the next time.
	versions, left := addressVersions{n.route.table.look(), n.route.table.version(false)}, filtersPerTurn
	for _, p := range n.ports {
		if p == nil || p.claims == nil || p.claims.known == versions.of(p.ipv4) {
			continue
		}
		if left--; left < 0 {
			n.filterAt = now.Add(filterPause)
			return
		}
		n.refilterPort(p)
	}
	n.filtered = versions
}

// addressVersions tell whether anything has changed about the addresses of the host.
type addressVersions struct{ ipv4, ipv6 uint64 }

// of returns the one of a family.
func (v addressVersions) of(ipv4 bool) uint64 {
	if ipv4 {
		return v.ipv4
	}
	return v.ipv6
}

// versions returns those of this moment.
func (n *network) versions() addressVersions {
	return addressVersions{n.route.table.version(true), n.route.table.version(false)}
}

// refilterPort does so for one.
func (n *network) refilterPort(p *port) {
	p.claims.known = n.route.table.version(p.ipv4)
	if err := filters.Attach(p.claims.fd, claimFilter(p.ipv4, n.route.table.ranges(p.ipv4))); err != nil {
		n.log.Warn("claims to new addresses are not seen", "link", p.name, "err", err)
	}
}

// claims hands over what other hosts claimed on any port.
func (n *network) claims(f func(port int, addr netip.Addr, mac [6]byte)) {
	for _, p := range n.ports {
		if p == nil || p.claims == nil || !p.claims.ready && !p.claims.resting {
			continue
		}
		now := time.Now()
		if p.claims.resting && now.Before(p.claims.pace.until) {
			continue
		}
		n.hearClaims(p, now, f)
	}
}

// hearClaims hands over what other hosts claimed on one port.
func (n *network) hearClaims(p *port, now time.Time, f func(port int, addr netip.Addr, mac [6]byte)) {
	c, got := p.claims, 0
	c.ready = n.drain(c.fd, p.name, maxClaimBatches, func(m *message, _ time.Time) {
		got++
		v, ok := frame.DecodeBinding(m.data)
		if ok && !n.isOwn(v.MAC) && !n.isOwn(frame.Source(m.data)) && (v.Announced || n.route.table.has(v.Addr)) {
			f(p.number, v.Addr, v.MAC)
		}
	})
	rested := c.resting
	c.resting = got > 0 && c.pace.spend(now)
	if c.resting != rested {
		n.poll.stale = true
	}
}

// isOwn reports whether frames from a MAC address are this host's own, which a switch sent back. The one of a virtual
// router is never this host's alone: the successor announces the address by the same.
func (n *network) isOwn(mac [6]byte) bool {
	virtual := mac == VirtualMAC(mac[5], false) || mac == VirtualMAC(mac[5], true)
	return !virtual && n.route.table.macs[mac] > 0
}
