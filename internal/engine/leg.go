// SPDX-License-Identifier: Apache-2.0

package engine

import "net/netip"

// maxLegs is how many legs a seat can have: one in each address family.
const maxLegs = 2

// LegConfig is what a seat asks of one of its ports.
type LegConfig struct {
	Group  netip.Addr // multicast group of the protocol; its family is the port's
	Source netip.Addr // that the seat sends from; invalid: the best of the link's
}

// Leg is what a seat has on one port. It belongs to the loop.
type Leg struct {
	port   *Port
	group  netip.Addr
	wanted netip.Addr // the source that is asked for, if one is
	source netip.Addr
}

// Port returns the port.
func (l *Leg) Port() *Port { return l.port }

// Group returns the multicast group.
func (l *Leg) Group() netip.Addr { return l.group }

// Source returns the address that is sent from, an invalid one while the port has
// none or is down. While [Member.Shutdown] runs for want of it, it is the last one.
func (l *Leg) Source() netip.Addr { return l.source }

// CanSend reports whether there is somebody to hear what is sent, and an address
// to send it from.
func (l *Leg) CanSend() bool { return l.port.up && l.source.IsValid() }

// Unheard takes the place of Send where there is nobody to hear it.
func (s *Seat) Unheard() { s.renew() }

// Send queues a packet from the leg's source. A seat that holds its addresses on
// a lease has them renewed with it. The caller has asked CanSend.
func (s *Seat) Send(l *Leg, dst netip.Addr, payload []byte) {
	mac := s.cfg.MAC
	if s.cfg.Plain {
		mac = [6]byte{}
	}
	s.engine.network.Queue(l.port.number, mac, l.source, dst, payload)
	s.renew()
}

// SendTo is Send to a host, with another hop limit than 255 where the network can do that.
func (s *Seat) SendTo(l *Leg, hopLimit uint8, dst netip.Addr, payload []byte) {
	limiter, ok := s.engine.network.(HopLimiter)
	if !ok {
		s.Send(l, dst, payload)
		return
	}
	limiter.QueueTo(l.port.number, hopLimit, l.source, dst, payload)
	s.renew()
}

// enterPorts takes the seat in at each of its ports, or at none.
func (s *Seat) enterPorts() error {
	s.wills = s.engine.wills
	s.engine.wills += int32(len(s.legs))
	for i := range s.legs {
		l := &s.legs[i]
		p, err := s.engine.enter(s, l.group)
		if err != nil {
			s.quitPorts()
			return err
		}
		l.port = p
	}
	return nil
}

// quitPorts takes the seat from the ports that it is at. What the legs were stays
// known.
func (s *Seat) quitPorts() {
	for i := range s.legs {
		if p := s.legs[i].port; p != nil {
			s.engine.quit(s, p)
		}
	}
}

// Settle brings the member in line with its ports: it is started up when one of
// them has come to have a source, and when a source is another, and shut down
// while none has or it is barred. That follows from the state of the link alone,
// not from the events that led to it. One that is unlinked starts up without a source
// where its link is down.
func (s *Seat) Settle() {
	if s.engine.stopping || s.removal != nil || s.engine.waiting {
		return
	}
	var sources [maxLegs]netip.Addr
	able, changed, why := false, !s.usable, LinkDown
	for i := range s.legs {
		l := &s.legs[i]
		if l.port.up {
			sources[i], why = s.choose(l), NoAddress
		}
		able = able || sources[i].IsValid() || s.cfg.Unlinked && l.port.known && !l.port.up
		changed = changed || sources[i] != l.source
	}
	if able && s.barred {
		why = Barred
	}
	usable := able && !s.barred
	s.able, s.usable = able, usable // before the member is told, which may call again
	if !usable {
		s.member.Shutdown(s.engine.now, why)
	}
	for i := range s.legs {
		s.legs[i].source = sources[i]
	}
	if usable && changed {
		s.willStale = true
		s.member.Startup(s.engine.now)
	}
}
