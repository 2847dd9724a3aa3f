// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// maxName is the longest name of a link, IFNAMSIZ less the terminator.
const maxName = unix.IFNAMSIZ - 1

// A network is a Network on Linux.
type network struct {
	cfg    Config
	log    *slog.Logger
	route  *routeSocket
	waker  *waker
	poll   pollSet
	ports  []*port // by number, nil is free
	inbox  *batch
	closed bool

	failed  []failure // for flush to report
	retryAt time.Time // when ports that could not be opened are tried again
	sources []source
	addrs   []netip.Addr

	mu         sync.Mutex            // guards announcers, which only the loop writes: it may read without
	announcers map[string]*announcer // of each attached link
}

// A failure is a packet that could not be sent.
type failure struct {
	port int
	err  error
}

// open returns the network of the thread's namespace.
func open(cfg Config) (*network, error) {
	n := &network{cfg: cfg, log: cfg.Logger, inbox: newInbox(), announcers: make(map[string]*announcer)}
	var err error
	if n.waker, err = newWaker(); err != nil {
		return nil, err
	}
	if n.route, err = openRoute(n.log, n.linkChanged, n.allChanged); err != nil {
		n.waker.close()
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
	for _, p := range n.ports {
		if p != nil {
			p.refs = 1
			n.detach(p.number)
		}
	}
	n.route.close()
	n.waker.close()
	return nil
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
	p := newPort(name, group, n.cfg.DSCP)
	if err := mayOpen(p.family); err != nil {
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
		n.announcers[p.name] = newAnnouncer(p.name, n.cfg.Announce, p.err)
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

// linkChanged is called when the link of that name changed, or an address on it.
func (n *network) linkChanged(name string, family int) {
	for _, p := range n.ports {
		if p == nil || p.name != name || family != unix.AF_UNSPEC && family != p.family.domain() {
			continue
		}
		p.changed = true
		if _, err := n.linkOf(p); err != nil {
			p.flapped = true // noted even if the link is up again before anybody looks
		}
	}
}

// allChanged is called when messages about links may have been missed.
func (n *network) allChanged() {
	for _, p := range n.ports {
		if p != nil {
			p.changed = true
		}
	}
}

// linkOf returns the link of a port, or why it can't be used.
func (n *network) linkOf(p *port) (*linkEntry, error) {
	e, err := n.route.table.find(p.name)
	if err != nil {
		return nil, err
	}
	return e, e.down()
}

// links brings ports into line with their links, and reports them.
func (n *network) links(f func(port int, up bool, addrs []netip.Addr, err error)) {
	if n.closed {
		return
	}
	n.retry()
	if n.route.ready {
		n.route.read()
	}
	for _, p := range n.ports {
		if p == nil || !p.changed {
			continue
		}
		p.changed = false
		e, err := n.linkOf(p)
		n.refresh(p, e, err)
		n.addrs = n.addrs[:0]
		if p.err == nil {
			n.listAddrs(e, p.family.domain())
		}
		f(p.number, p.err == nil, n.addrs, p.err)
	}
}

// listAddrs puts the addresses that packets can come from in n.addrs.
func (n *network) listAddrs(e *linkEntry, family int) {
	n.sources = e.sources(family, n.sources[:0])
	for _, s := range n.sources {
		n.addrs = append(n.addrs, s.addr)
	}
}

// refresh opens or closes the sockets of a port, and of the announcer of its link, according to the link: down
// is why it can't be used.
func (n *network) refresh(p *port, e *linkEntry, down error) {
	if p.isOpen() && (down != nil || p.flapped || !e.sameCarrier(&p.link)) {
		n.closePort(p, cmp.Or(down, fmt.Errorf("netif: %s: %w", p.name, ErrLinkDown)))
	}
	p.flapped, p.refused = false, false
	if down != nil {
		p.err = down
		n.announcers[p.name].close(down)
		return
	}
	p.link = e.link
	if !p.isOpen() {
		n.openPort(p)
	}
	if err := n.announcers[p.name].open(&e.link); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		n.log.Warn("no announcements on link", "link", p.name, "err", err)
		n.retryLater(p)
	}
}

// retryLater has a port looked at again that could not be opened in full.
func (n *network) retryLater(p *port) {
	p.refused = true
	n.retryAt = time.Now().Add(retryInterval)
}

// retry has ports that could not be opened, and a list of links that could not be got, tried again when it is
// time.
func (n *network) retry() {
	if at := n.retryAt; !at.IsZero() && !time.Now().Before(at) {
		n.retryAt = time.Time{}
		for _, p := range n.ports {
			if p != nil && p.refused {
				p.changed = true
			}
		}
	}
	if at := n.route.retryAt; !at.IsZero() && !time.Now().Before(at) {
		n.route.resync()
	}
}

// linkByName looks at the links of the thread's namespace once.
func linkByName(name string) (Link, error) {
	r, err := openRoute(slog.New(slog.DiscardHandler), func(string, int) {}, func() {})
	if err != nil {
		return Link{}, err
	}
	defer r.close()
	e, err := r.table.find(name)
	if err != nil {
		return Link{}, err
	}
	l := Link{Name: e.name, Index: e.index, MAC: e.mac, MTU: int(e.mtu), Down: e.down()}
	for _, s := range e.sources(unix.AF_INET, nil) {
		l.IPv4 = append(l.IPv4, s.addr)
	}
	for _, s := range e.sources(unix.AF_INET6, nil) {
		l.IPv6 = append(l.IPv6, s.addr)
	}
	return l, nil
}
