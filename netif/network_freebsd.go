// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/quietlog"
	"github.com/go-fhrp/fhrp/internal/rtsock"
)

const (
	// tentativeInterval is how often an address is looked at that is tentative. Duplicate address detection takes a
	// second or two, and FreeBSD does not say when it has finished.
	tentativeInterval = 100 * time.Millisecond
)

// A network is a Network on FreeBSD. It has been compiled and vetted, and what of it needs no kernel has been tested
// (internal/bpf, internal/rtsock, internal/frame), but it has never run on a booted FreeBSD.
//
// It sends and receives whole frames by bpf(4), as raw sockets see no packet of protocol 112 once carp(4) is loaded, and
// can't choose the MAC address that packets come from. Links must be Ethernet, and packets are neither fragmented nor put
// together. bpf(4) comes before the packet filters: they neither see nor stop what goes in and out by it. It does not have
// the link receive a group's frames: a socket that is a member of the groups does. Packets to a single host are the
// exception, they leave by a raw socket: the kernel knows the way, and the MAC address. They come from the link's own.
type network struct {
	cfg    Config
	log    *slog.Logger
	route  *routeSocket
	poll   *poller
	ports  []*port // by number, nil is free
	hosts  unicast
	closed bool

	pollFailed quietlog.Limit // of what is logged about it

	failed  []failure // for flush to report
	retryAt time.Time // when ports that are to be looked at again are
	addrs   []netip.Addr

	mu         sync.Mutex            // guards announcers, which only the loop writes: it may read without
	announcers map[string]*announcer // of each attached link
}

// open returns the network of the thread's jail.
func open(cfg Config) (*network, error) {
	n := &network{cfg: cfg, log: cfg.Logger, hosts: newUnicast(cfg.DSCP), announcers: make(map[string]*announcer)}
	var err error
	if n.poll, err = newPoller(); err != nil {
		return nil, err
	}
	if n.route, err = openRoute(n.log, n.linkChanged); err != nil {
		n.poll.close()
		return nil, err
	}
	if err := n.poll.add(n.route.fd, &n.route.ready); err != nil {
		n.route.close()
		n.poll.close()
		return nil, err
	}
	return n, nil
}

// close closes everything once.
func (n *network) close() error {
	if n.closed {
		return nil
	}
	n.closed = true
	n.detachAll()
	n.hosts.close()
	n.route.close()
	n.poll.close()
	return nil
}

// linkChanged is called when the link of that name changed, or an address on it.
func (n *network) linkChanged(name string, family rtsock.Family) {
	for _, p := range n.ports {
		if p == nil || p.name != name || family != rtsock.Any && family != p.family() {
			continue
		}
		p.changed = true
		if _, err := n.linkOf(p); err != nil {
			p.flapped = true // noted even if the link is up again before anybody looks
		}
	}
}

// linkOf returns the link of a port, or why it can't be used.
func (n *network) linkOf(p *port) (*rtsock.Entry, error) {
	e, err := n.route.find(p.name)
	if err != nil {
		return nil, err
	}
	return e, down(&e.Link)
}

// links brings ports into line with their links, and reports them.
func (n *network) links(f func(port int, up bool, addrs []netip.Addr, err error)) {
	if n.closed {
		return
	}
	n.retry()
	n.route.update()
	for _, p := range n.ports {
		if p == nil || !p.changed {
			continue
		}
		p.changed = false
		e, err := n.linkOf(p)
		n.refresh(p, e, err)
		n.addrs = n.addrs[:0]
		if p.err == nil {
			n.listAddrs(p, e)
		}
		f(p.number, p.err == nil, n.addrs, p.err)
	}
}

// listAddrs puts the addresses that packets can come from in n.addrs.
func (n *network) listAddrs(p *port, e *rtsock.Entry) {
	if p.ipv4 {
		n.addrs = e.Sources4(n.addrs)
		return
	}
	var tentative bool
	if n.addrs, tentative = n.route.sources6(e, n.addrs); tentative {
		n.lookAgain(p, tentativeInterval)
	}
}

// refresh opens or closes a port, and the announcer of its link, according to the link: why is the reason for which it
// can't be used.
func (n *network) refresh(p *port, e *rtsock.Entry, why error) {
	if p.isOpen() && (why != nil || p.flapped || !e.Same(&p.link)) {
		n.closePort(p, cmp.Or(why, fmt.Errorf("netif: %s: %w", p.name, ErrLinkDown)))
	}
	p.flapped, p.again = false, false
	if why != nil {
		p.err = why
		n.announcers[p.name].close(why)
		return
	}
	p.link = e.Link
	if !p.isOpen() {
		n.openPort(p)
	}
	if err := n.announcers[p.name].open(&e.Link); err != nil && p.isOpen() {
		n.log.Warn("no announcements on link", "link", p.name, "err", err)
		n.lookAgain(p, retryInterval)
	}
}

// lookAgain has a port looked at again in a while.
func (n *network) lookAgain(p *port, after time.Duration) {
	p.again = true
	n.retryAt = earliest(n.retryAt, time.Now().Add(after))
}

// retry has ports looked at again when it is time.
func (n *network) retry() {
	if n.retryAt.IsZero() || time.Now().Before(n.retryAt) {
		return
	}
	n.retryAt = time.Time{}
	for _, p := range n.ports {
		if p != nil && p.again {
			p.changed = true
		}
	}
}

// selectPackets does nothing: all packets are handed over.
func (*network) selectPackets(int, *[256]bool) {}
