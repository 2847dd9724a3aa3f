// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// attachAH has the network send and receive packets with an authentication header on a
// port, if a seat wants it.
func (e *Engine) attachAH(s *Seat, number int) error {
	if !s.cfg.AH {
		return nil
	}
	if e.ah == nil {
		return fmt.Errorf("network without authentication header: %w", errors.ErrUnsupported)
	}
	if err := e.ah.AttachAH(number); err != nil {
		return err
	}
	e.headed++
	return nil
}

// SendAH queues a whole packet. It is otherwise as [Seat.Send].
func (s *Seat) SendAH(l *Leg, packet []byte) {
	s.engine.ah.QueueAH(l.port.number, packet)
	s.renew()
}

// drainAH takes in packets with an authentication header, if a seat wants them.
func (e *Engine) drainAH() {
	if e.headed > 0 {
		e.ah.ReceiveAH(e.calls.receiveAH)
	}
}

// receiveAH hands a packet to the protocol, as of the time it arrived at.
func (e *Engine) receiveAH(number int, at time.Time, packet []byte) {
	p := e.ports[number]
	if p == nil {
		return
	}
	if arrival := at.UnixNano(); !e.doubled(arrival, p.cutAH) {
		p.heardAH = arrival
		e.cfg.ReceiveAH(p, deadline.Later(e.last, deadline.Earlier(at, e.now)), packet)
	}
}
