// SPDX-License-Identifier: Apache-2.0

package netif

import (
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
	closer closer
	closed bool

	failed   []failure // for flush to report
	retryAt  time.Time // when ports that could not be opened are tried again
	filtered [2]uint64 // versions of the addresses that the filters of claims know
	filterAt time.Time // when those that don't know the last are told; zero is never
	members  memberships
	sources  []source
	addrs    []netip.Addr

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
	if err := n.members.open(); err != nil {
		n.log.Warn("lost memberships are not noticed", "err", err)
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
	n.closer.wait()
	n.members.close()
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
		n.announcers[p.name] = newAnnouncer(p.name, n.cfg.Announce, &n.closer, p.err)
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
