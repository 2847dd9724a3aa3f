// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// network is the links of one host, which are as the test says.
type network struct {
	note  func(format string, args ...any)
	clock func() time.Time
	wake  chan struct{}
	quiet bool // notes no packets

	links   []*link
	ports   []*port
	inbox   []packet
	claims  []claim
	queue   []packet
	most    int   // that was ever sent at once
	refused error // of all packets that are sent
}

type link struct {
	name  string
	up    bool
	addrs []netip.Addr
	err   error
}

type port struct {
	link    *link
	group   netip.Addr
	users   int
	changed bool
}

type packet struct {
	port     int
	mac      [6]byte
	src, dst netip.Addr
	at       time.Time
	payload  string
}

type claim struct {
	port int
	addr netip.Addr
	mac  [6]byte
}

// link adds a link that is up.
func (n *network) link(name string, addrs ...string) {
	n.links = append(n.links, &link{name: name, up: true})
	n.setAddresses(name, addrs...)
}

// find returns the link of a name.
func (n *network) find(name string) *link {
	if i := slices.IndexFunc(n.links, func(l *link) bool { return l.name == name }); i >= 0 {
		return n.links[i]
	}
	return nil
}

// change changes a link, and tells so.
func (n *network) change(name string, f func(*link)) {
	f(n.find(name))
	for _, p := range n.ports {
		p.changed = p.changed || p.link.name == name
	}
}

func (n *network) setUp(name string, up bool) { n.change(name, func(l *link) { l.up = up }) }

func (n *network) setAddresses(name string, addrs ...string) {
	n.change(name, func(l *link) {
		l.addrs = nil
		for _, a := range addrs {
			l.addrs = append(l.addrs, addr(a))
		}
	})
}

// users returns how many seats are on all ports.
func (n *network) users() (sum int) {
	for _, p := range n.ports {
		sum += p.users
	}
	return sum
}

func (n *network) Attach(name string, group netip.Addr) (int, error) {
	l := n.find(name)
	if l == nil {
		return 0, fmt.Errorf("no link %s", name)
	}
	i := slices.IndexFunc(n.ports, func(p *port) bool { return p.link == l && p.group == group })
	if i < 0 {
		i, n.ports = len(n.ports), append(n.ports, &port{link: l, group: group})
	}
	n.ports[i].users++
	n.ports[i].changed = true
	return i, nil
}

func (n *network) Detach(port int)       { n.ports[port].users-- }
func (n *network) Bind() (func(), error) { return func() {}, nil }

func (n *network) Wake() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *network) Wait(until time.Time) {
	var expired <-chan time.Time
	if !until.IsZero() {
		expired = time.After(until.Sub(n.clock()))
	}
	select {
	case <-n.wake:
	case <-expired:
	}
}

func (n *network) Links(f func(port int, up bool, addrs []netip.Addr, err error)) {
	for i, p := range n.ports {
		if !p.changed {
			continue
		}
		p.changed = false
		var addrs []netip.Addr
		for _, a := range p.link.addrs {
			if a.Is6() == p.group.Is6() {
				addrs = append(addrs, a)
			}
		}
		f(i, p.link.up, addrs, p.link.err)
	}
}

func (n *network) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	for _, p := range n.inbox {
		f(p.port, p.src, p.dst, 255, p.at, []byte(p.payload))
	}
	n.inbox = n.inbox[:0]
}

func (n *network) Claims(f func(port int, addr netip.Addr, mac [6]byte)) {
	for _, c := range n.claims {
		f(c.port, c.addr, c.mac)
	}
	n.claims = nil
}

func (n *network) Queue(port int, mac [6]byte, src, dst netip.Addr, payload []byte) {
	if n.quiet {
		return
	}
	n.queue = append(n.queue, packet{port: port, mac: mac, src: src, dst: dst, payload: string(payload)})
}

func (n *network) Flush(f func(port int, err error)) {
	n.most = max(n.most, len(n.queue))
	for _, p := range n.queue {
		if n.refused != nil {
			f(p.port, n.refused)
			continue
		}
		from := ""
		if p.mac != [6]byte{} {
			from = " by " + net.HardwareAddr(p.mac[:]).String()
		}
		n.note("port %d sends %s from %v to %v%s", p.port, p.payload, p.src, p.dst, from)
	}
	n.queue = n.queue[:0]
}

// announcing is a network that is an announcer too.
type announcing struct {
	*network
	fails error
}

func (a *announcing) Announce(_ context.Context, link string, mac [6]byte, addrs []netip.Addr) error {
	a.note("announce %v on %s by %v", addrs, link, net.HardwareAddr(mac[:]))
	return a.fails
}

// suspending is a network of a host that is suspended now and then.
type suspending struct {
	*network
	total time.Duration
}

func (s *suspending) Suspended() time.Duration { return s.total }
