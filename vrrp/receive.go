// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// receive takes one packet through the checks of RFC 9568 section 7.1.
func (r *Router) receive(p *engine.Port, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
	in := received{IPHeader: IPHeader{Src: src, Dst: dst, HopLimit: hopLimit}, at: at, payload: payload}
	v := named(p, payload)
	in.message, in.trailer = r.cut(v, payload, src.Is6())
	r.take(p, v, &in)
}

// receiveAH does the same with an IPv4 packet that has an authentication header.
func (r *Router) receiveAH(p *engine.Port, at time.Time, packet []byte) {
	if len(packet) < ipv4Len {
		return
	}
	in := received{IPHeader: ahHeader(packet), at: at, packet: packet}
	n, fault := checkAH(packet)
	if fault.Fault != FaultNone {
		r.reject(p, nil, &in, fault)
		return
	}
	in.message = packet[n+AHLen:]
	in.payload = in.message
	r.take(p, named(p, in.message), &in)
}

// take takes a message for v, which may be nil, through the checks.
func (r *Router) take(p *engine.Port, v *VirtualRouter, in *received) {
	fault := v.near(&in.IPHeader)
	if fault.Fault != FaultNone {
		r.reject(p, v, in, fault)
		return
	}
	form, fault := r.adv.parse(in.message, &in.IPHeader)
	if fault.Fault != FaultNone {
		r.reject(p, v, in, fault)
		return
	}
	if v == nil || !v.addressed(in.Dst) {
		r.reject(p, nil, in, PacketError{Fault: FaultVRID, Got: int(r.adv.VRID)})
		return
	}
	if fault := v.authentic(in, &r.adv); fault.Fault != FaultNone {
		r.reject(p, v, in, fault)
		return
	}
	if !v.seat.Slept() {
		r.hear(v, in, form)
	}
}

// hear gives an authentic advertisement to its virtual router, as of the time it
// arrived at.
func (r *Router) hear(v *VirtualRouter, in *received, form ChecksumForm) {
	claimAt := v.machine.downAt
	actions := v.machine.Receive(in.at, in.Src, &r.adv)
	switch fault := discarded(actions); fault {
	case FaultNone:
	case FaultSuperseded: // as it has to be
		v.stats.rare().Superseded++
		return
	default:
		r.reject(v.leg().Port(), v, in, PacketError{Fault: fault, Got: int(r.adv.VRID)})
		return
	}
	if r.adv.Version == V3 && *in.form != form {
		*in.form = form
		v.seat.GoodbyeChanged()
	}
	if r.adv.Version == V3 {
		v.form = form
	}
	v.heardAt = v.clock().Instant(in.at)
	v.stats.accepted(&r.adv, form)
	v.judged(in.verdict)
	v.gaugeHeard(in.at, claimAt)
	if r.cfg.Trace.Received != nil {
		r.cfg.Trace.Received(v, in.Src, &r.adv)
	}
	v.perform(actions)
}

// discarded returns why the machine has discarded an advertisement, if it has.
func discarded(actions []Action) Fault {
	if len(actions) == 1 {
		if fault, ok := actions[0].(Discard); ok {
			return Fault(fault)
		}
	}
	return FaultNone
}

// judged notes what authenticated an accepted message.
func (v *VirtualRouter) judged(verdict Verdict) {
	if v.hmac == nil {
		return
	}
	v.peerKey, v.clockSkew = verdict.KeyID, verdict.Skew
	if !verdict.Signed {
		v.stats.rare().Unauthenticated++
	}
	if verdict.Drifting {
		v.noticed(NoticeClockDrift)
	}
}

// named returns the virtual router that a rejected message seems to be meant
// for, to count it there.
func named(p *engine.Port, payload []byte) *VirtualRouter {
	if len(payload) <= offVRID {
		return nil
	}
	return virtual(p, payload[offVRID])
}

// reject counts a packet that has changed nothing.
func (r *Router) reject(p *engine.Port, v *VirtualRouter, in *received, err PacketError) {
	if v != nil {
		v.stats.rare().rejected(err.Fault)
	}
	r.stats.rejected(err.Fault)
	r.keep(p, v, in, err)
	if r.cfg.Trace.Rejected != nil {
		kept := err
		r.cfg.Trace.Rejected(p.Link(), in.Src, &kept)
	}
	if err.Fault == FaultInitialize || r.cfg.Logger == nil {
		return
	}
	now := r.engine.Now()
	if suppressed, ok := p.Limit(uint8(err.Fault)).Allow(now); ok {
		kept := err
		r.log.Log(now, slog.LevelWarn, "packet rejected", slog.String("link", p.Link()), slog.Any("source", in.Src),
			slog.Any("reason", &kept), slog.Int("suppressed", suppressed))
	}
}
