// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"crypto/subtle"
	"log/slog"
	"net/netip"
	"time"
)

// turn is one turn of the loop. What has arrived is taken in before any timer is
// acted on, so that a loop that was late finds the advertisement that came in
// time.
func (r *Router) turn(stop bool) (until time.Time) {
	r.last = r.now
	r.turns++
	r.wake()
	if stop {
		r.stop()
	}
	r.network.Receive(r.calls.receive)
	r.network.Links(r.calls.link)
	r.network.Claims(r.calls.claim)
	r.loop.RunPosted()
	for e := r.deadlines.Due(r.now); e != nil; e = r.deadlines.Due(r.now) {
		r.expire(e.Value)
	}
	r.network.Flush(r.calls.unsent)
	r.sweep()
	r.renewAll()
	if r.cfg.Guard != nil {
		r.cfg.Guard.Beat()
	}
	r.until, _ = r.deadlines.Next()
	return r.until
}

// expire does what is due for v.
func (r *Router) expire(v *VirtualRouter) {
	if due(v.retryAt, r.now) {
		v.retryAt = time.Time{}
		v.holder.Retry()
	}
	r.perform(v, v.machine.Expire(r.now))
}

// sweep takes out virtual routers whose removal is done, after what they have to
// say is said.
func (r *Router) sweep() {
	for i := 0; i < len(r.virtual) && r.leaving > 0; i++ {
		if v := r.virtual[i]; v.removing && v.idle() && !r.loop.Posted() {
			r.network.Flush(r.calls.unsent)
			r.detach(v)
			r.leaving--
			i--
		}
	}
}

// wake reads the clock and, if the loop has stood still, tells those virtual
// routers whose peers will not have waited. What they have received meanwhile
// can't be trusted, for the queue may have overflowed.
func (r *Router) wake() {
	asked := later(r.until, r.woken)
	r.refresh()
	r.woken = r.now
	late := r.now.Sub(asked) + r.suspended()
	if r.until.IsZero() || late <= 0 {
		return
	}
	for _, v := range r.virtual {
		if late > time.Duration(v.cfg.DownIntervals)*v.machine.ActiveInterval() {
			v.slept = r.turns
			r.perform(v, v.machine.Slept(r.now))
		}
	}
}

// suspended returns for how long the host was suspended since the last call.
func (r *Router) suspended() time.Duration {
	s, ok := r.network.(Suspender)
	if !ok {
		return 0
	}
	before := r.asleep
	r.asleep = s.Suspended()
	return r.asleep - before
}

// refresh reads the clock.
func (r *Router) refresh() { r.now = later(r.now, r.cfg.Now()) }

// receive takes one packet through the checks of RFC 9568 section 7.1.
func (r *Router) receive(number int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
	p := r.ports[number]
	if p == nil {
		return
	}
	h := IPHeader{Src: src, Dst: dst, HopLimit: hopLimit}
	form, err := r.adv.parse(payload, &h)
	if err.Fault != FaultNone {
		r.reject(p, p.named(payload), src, err)
		return
	}
	v := p.virtual[r.adv.VRID]
	if v == nil {
		r.reject(p, nil, src, PacketError{Fault: FaultVRID, Got: int(r.adv.VRID)})
		return
	}
	if fault := v.authentic(&r.adv); fault.Fault != FaultNone {
		r.reject(p, v, src, fault)
		return
	}
	if v.slept != r.turns {
		r.hear(v, src, at, form)
	}
}

// hear gives an intact advertisement to its virtual router, as of the time it
// arrived at.
func (r *Router) hear(v *VirtualRouter, src netip.Addr, at time.Time, form ChecksumForm) {
	at = later(r.last, earlier(at, r.now))
	actions := v.machine.Receive(at, src, &r.adv)
	if len(actions) == 1 {
		if fault, ok := actions[0].(Discard); ok {
			r.reject(v.port, v, src, PacketError{Fault: Fault(fault), Got: int(r.adv.VRID)})
			return
		}
	}
	if v.form != form {
		v.form, v.willStale = form, true
	}
	v.stats.accepted(&r.adv, form)
	if r.cfg.Trace.Received != nil {
		r.cfg.Trace.Received(v, src, &r.adv)
	}
	r.perform(v, actions)
}

// named returns the virtual router that a rejected message seems to be meant
// for, to count it there.
func (p *port) named(payload []byte) *VirtualRouter {
	if len(payload) <= offVRID {
		return nil
	}
	return p.virtual[payload[offVRID]]
}

// authentic checks the version and the authentication of version 2 (RFC 2338
// section 5.3.6, for keepalived's sake).
func (v *VirtualRouter) authentic(adv *Advertisement) PacketError {
	switch {
	case adv.Version != v.cfg.Version:
		return PacketError{FaultVersion, int(adv.Version), int(v.cfg.Version)}
	case adv.AuthType != v.cfg.AuthType:
		return PacketError{FaultAuthType, int(adv.AuthType), int(v.cfg.AuthType)}
	case adv.AuthType == AuthPassword && subtle.ConstantTimeCompare(adv.AuthData[:], v.cfg.AuthData[:]) != 1:
		return PacketError{Fault: FaultAuthData}
	}
	return PacketError{}
}

// reject counts a packet that has changed nothing.
func (r *Router) reject(p *port, v *VirtualRouter, src netip.Addr, err PacketError) {
	if v != nil {
		v.stats.rejected(err.Fault)
	}
	r.stats.rejected(err.Fault)
	if r.cfg.Trace.Rejected != nil {
		kept := err
		r.cfg.Trace.Rejected(p.link, src, &kept)
	}
	if err.Fault == FaultInitialize || !r.log.Enabled(slog.LevelWarn) {
		return
	}
	if suppressed, ok := p.limits[err.Fault].Allow(r.now); ok {
		kept := err
		r.log.Log(r.now, slog.LevelWarn, "packet rejected", slog.String("link", p.link), slog.Any("source", src),
			slog.Any("reason", &kept), slog.Int("suppressed", suppressed))
	}
}

// claimed hears the announcement of another host.
func (r *Router) claimed(number int, addr netip.Addr, mac [6]byte) {
	p := r.ports[number]
	if p == nil {
		return
	}
	for _, v := range r.virtual {
		if v.cfg.Link == p.link && v.machine.Releasing() {
			r.perform(v, v.machine.Claimed(r.now, addr))
		}
	}
}
