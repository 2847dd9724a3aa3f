// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"log/slog"
	"math"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// turn is one turn of the loop. What has arrived is taken in before any deadline is
// acted on, so that a loop that was late finds the advertisement that came in
// time.
func (e *Engine) turn(stop bool) (until time.Time) {
	if !e.inherit() {
		return time.Time{}
	}
	e.last = e.now
	e.turns++
	e.wake()
	if stop {
		e.stop()
	}
	e.pool.Hold() // who takes the addresses says so before he adds and announces them
	e.selectPackets()
	e.network.Receive(e.calls.receive)
	e.drainAH()
	e.network.Links(e.calls.link)
	e.network.Claims(e.calls.claim)
	e.loop.RunPosted()
	e.expire()
	e.sweep()
	e.renewAll()
	if e.cfg.Guard != nil {
		e.cfg.Guard.Beat()
	}
	e.until, _ = e.deadlines.Next()
	return e.until
}

// together is how many deadlines are acted on before what they gave to send is sent.
const together = 64

// expire acts on the deadlines that have come, and sends. The address work of those that
// have said that they take addresses need not wait for thousands of others to say so.
func (e *Engine) expire() {
	for n := 1; ; n++ {
		entry := e.deadlines.Due(e.now)
		if entry == nil {
			break
		}
		entry.Value.expire()
		if n%together == 0 {
			e.network.Flush(e.calls.unsent)
			e.pool.Pass()
		}
	}
	e.network.Flush(e.calls.unsent)
	e.pool.Release()
}

// wake reads the clock and, if the loop has stood still, tells those members whose
// peers will not have waited. What they have received meanwhile can't be trusted,
// for the queue may have overflowed.
func (e *Engine) wake() {
	asked := deadline.Later(e.until, e.woken)
	e.now = deadline.Later(e.now, e.cfg.Now())
	e.clock.Set(e.now)
	e.woken = e.now
	e.uncounted = e.suspended()
	late := e.now.Sub(asked) + e.uncounted
	if e.until.IsZero() || late <= e.harmless {
		return
	}
	e.late, e.harmless = late, e.leastHarm()
	for _, s := range e.seats {
		if s.Overslept() {
			s.slept = e.turns
			s.member.Slept(e.now)
		}
	}
	e.late = 0
}

// Overslept reports, while [Member.Slept] runs, of this seat or of another one,
// whether the peers of this one will not have waited.
func (s *Seat) Overslept() bool {
	silent, e := s.engine.late, s.engine
	if silent > 0 && !s.standing.spoke.IsZero() {
		silent = max(silent, e.instant().Sub(s.standing.spoke)+e.uncounted)
	}
	return silent > s.standing.patience
}

// leastHarm returns how late a turn may be without a peer having lost patience with
// any seat, whose last word was an interval before that, or nearly two.
func (e *Engine) leastHarm() time.Duration {
	least := time.Duration(math.MaxInt64)
	for _, s := range e.seats {
		least = min(least, s.standing.patience-2*s.cfg.Interval)
	}
	return max(least, 0)
}

// suspended returns for how long the host was suspended since the last call.
func (e *Engine) suspended() time.Duration {
	s, ok := e.network.(Suspender)
	if !ok {
		return 0
	}
	before := e.asleep
	e.asleep = s.Suspended()
	return e.asleep - before
}

// receive hands a packet to the protocol, as of the time it arrived at.
func (e *Engine) receive(number int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
	p := e.ports[number]
	if p == nil {
		return
	}
	if arrival := at.UnixNano(); !e.doubled(arrival, p.cut) {
		p.heard = arrival
		e.cfg.Receive(p, src, dst, hopLimit, deadline.Later(e.last, deadline.Earlier(at, e.now)), payload)
	}
}

// claimed hears the announcement of another host.
func (e *Engine) claimed(number int, addr netip.Addr, mac [6]byte) {
	p := e.ports[number]
	if p == nil {
		return
	}
	for _, s := range e.seats {
		if s.cfg.Link == p.link && s.standing.role != Watching {
			s.member.Claimed(e.now, addr, mac)
		}
	}
}

// notSent counts a packet that the network could not send.
func (e *Engine) notSent(number int, err error) {
	e.unsent++
	p := e.ports[number]
	if p == nil {
		return
	}
	if suppressed, ok := p.unsent.Allow(e.now); ok {
		e.log.Log(e.now, slog.LevelWarn, "packet not sent", slog.String("link", p.link), slog.Any("error", err), slog.Int("suppressed", suppressed))
	}
}

// sweep takes out seats whose removal is done, after what they have to say is
// said.
func (e *Engine) sweep() {
	for i := 0; i < len(e.seats) && e.leaving > 0; i++ {
		if s := e.seats[i]; s.removal != nil && s.idle() && !e.loop.Posted() {
			e.network.Flush(e.calls.unsent)
			s.leave()
			e.leaving--
			i--
		}
	}
}
