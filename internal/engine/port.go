// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/netip"
	"slices"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// Port is a link in one address family, as far as the network has told of it. It
// belongs to the loop.
type Port struct {
	number int
	link   string
	known  bool // the network has told of it
	up     bool
	addrs  []netip.Addr // that can be a source, the best one first
	err    error        // why it isn't up
	heard  int64        // arrival of the last packet, by the realtime clock in ns
	cut    int64        // up to this one they were inherited
	// heardAH and cutAH are the same of packets with an authentication header.
	heardAH, cutAH int64

	seats  [256]*Seat // by identifier
	count  int
	stale  bool // the network has not been told which identifiers there are
	unsent quietlog.Limit
	limits map[uint8]*quietlog.Limit
}

// Link returns the name of the network interface.
func (p *Port) Link() string { return p.link }

// Up reports whether packets can be sent and received.
func (p *Port) Up() bool { return p.up }

// Err returns why the port is not up, where that is known.
func (p *Port) Err() error { return p.err }

// Has reports whether an address is one of the link's that can be a source.
func (p *Port) Has(a netip.Addr) bool { return slices.Contains(p.addrs, a) }

// Member returns the member of an identifier (VRID, VHID), nil if there is none.
func (p *Port) Member(id uint8) Member {
	if s := p.seats[id]; s != nil {
		return s.member
	}
	return nil
}

// Limit returns what bounds the log of packets that were rejected on the port, for
// each of the protocol's faults by itself.
func (p *Port) Limit(fault uint8) *quietlog.Limit {
	l := p.limits[fault]
	if l == nil {
		l = &quietlog.Limit{}
		if p.limits == nil {
			p.limits = map[uint8]*quietlog.Limit{}
		}
		p.limits[fault] = l
	}
	return l
}

// linkChanged notes the state of a port and settles its seats.
func (e *Engine) linkChanged(number int, up bool, addrs []netip.Addr, err error) {
	p := e.ports[number]
	if p == nil {
		return
	}
	p.known, p.up, p.err = true, up, err
	p.addrs = append(p.addrs[:0], addrs...)
	for _, s := range p.seats {
		if s != nil {
			s.Settle()
		}
	}
}

// enter takes a seat in at the port of its link and a group. An [InUseError] is
// returned if another seat there has its identifier.
func (e *Engine) enter(s *Seat, group netip.Addr) (*Port, error) {
	number, err := e.network.Attach(s.cfg.Link, group)
	if err != nil {
		return nil, err
	}
	p := e.ports[number]
	if p == nil {
		p = &Port{number: number, link: s.cfg.Link}
		e.ports[number] = p
	}
	if p.seats[s.cfg.ID] != nil {
		err = &InUseError{}
	} else {
		err = e.attachAH(s, number)
	}
	if err != nil {
		if p.count == 0 {
			delete(e.ports, number)
		}
		e.network.Detach(number)
		return nil, err
	}
	p.seats[s.cfg.ID] = s
	p.count++
	e.reselect(p)
	return p, nil
}

// quit takes a seat from a port.
func (e *Engine) quit(s *Seat, p *Port) {
	p.seats[s.cfg.ID] = nil
	if s.cfg.AH {
		e.ah.DetachAH(p.number)
		e.headed--
	}
	e.reselect(p)
	if p.count--; p.count == 0 {
		delete(e.ports, p.number)
	}
	e.network.Detach(p.number)
}

// reselect has the network told, before it is asked the next time what has arrived,
// which identifiers there are on a port.
func (e *Engine) reselect(p *Port) { p.stale, e.unselected = true, true }

// selectPackets tells the network.
func (e *Engine) selectPackets() {
	if !e.unselected {
		return
	}
	e.unselected = false
	selector, ok := e.network.(Selector)
	for _, p := range e.ports {
		if ok && e.cfg.Select && p.stale {
			var wanted [256]bool
			for id, s := range p.seats {
				wanted[id] = s != nil
			}
			selector.Select(p.number, &wanted)
		}
		p.stale = false
	}
}
