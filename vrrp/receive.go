// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"crypto/subtle"
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// receive takes one packet through the checks of RFC 9568 section 7.1.
func (r *Router) receive(p *engine.Port, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
	h := IPHeader{Src: src, Dst: dst, HopLimit: hopLimit}
	form, err := r.adv.parse(payload, &h)
	if err.Fault != FaultNone {
		r.reject(p, named(p, payload), src, err)
		return
	}
	v := virtual(p, r.adv.VRID)
	if v == nil {
		r.reject(p, nil, src, PacketError{Fault: FaultVRID, Got: int(r.adv.VRID)})
		return
	}
	if fault := v.authentic(&r.adv); fault.Fault != FaultNone {
		r.reject(p, v, src, fault)
		return
	}
	if !v.seat.Slept() {
		r.hear(v, src, at, form)
	}
}

// hear gives an intact advertisement to its virtual router, as of the time it
// arrived at.
func (r *Router) hear(v *VirtualRouter, src netip.Addr, at time.Time, form ChecksumForm) {
	actions := v.machine.Receive(at, src, &r.adv)
	if len(actions) == 1 {
		if fault, ok := actions[0].(Discard); ok {
			r.reject(v.leg().Port(), v, src, PacketError{Fault: Fault(fault), Got: int(r.adv.VRID)})
			return
		}
	}
	if v.form != form {
		v.form = form
		v.seat.GoodbyeChanged()
	}
	v.stats.accepted(&r.adv, form)
	if r.cfg.Trace.Received != nil {
		r.cfg.Trace.Received(v, src, &r.adv)
	}
	v.perform(actions)
}

// named returns the virtual router that a rejected message seems to be meant
// for, to count it there.
func named(p *engine.Port, payload []byte) *VirtualRouter {
	if len(payload) <= offVRID {
		return nil
	}
	return virtual(p, payload[offVRID])
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
func (r *Router) reject(p *engine.Port, v *VirtualRouter, src netip.Addr, err PacketError) {
	if v != nil {
		v.stats.rejected(err.Fault)
	}
	r.stats.rejected(err.Fault)
	if r.cfg.Trace.Rejected != nil {
		kept := err
		r.cfg.Trace.Rejected(p.Link(), src, &kept)
	}
	if err.Fault == FaultInitialize || !r.log.Enabled(slog.LevelWarn) {
		return
	}
	now := r.engine.Now()
	if suppressed, ok := p.Limit(uint8(err.Fault)).Allow(now); ok {
		kept := err
		r.log.Log(now, slog.LevelWarn, "packet rejected", slog.String("link", p.Link()), slog.Any("source", src),
			slog.Any("reason", &kept), slog.Int("suppressed", suppressed))
	}
}
