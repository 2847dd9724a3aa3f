// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// receive takes one packet through the checks of carp_input and carp_input_c.
func (h *Host) receive(p *engine.Port, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
	header := IPHeader{Src: src, Dst: dst, HopLimit: hopLimit}
	adv := &h.adv
	if err := adv.parse(payload, &header); err.Fault != FaultNone {
		h.reject(p, named(p, payload), src, err)
		return
	}
	v := virtual(p, adv.VHID)
	if v == nil || !v.paths[v.index(p)].addressed(dst) {
		h.reject(p, nil, src, PacketError{Fault: FaultVHID, Got: int(adv.VHID)})
		return
	}
	if dst == broadcast() && v.own(p, src, adv) {
		return // the kernel hands a broadcast to its sender too
	}
	match, err := v.check(p, &header, adv)
	if err.Fault != FaultNone {
		h.reject(p, v, src, err)
		if err.Fault == FaultDigest {
			v.explain(src, adv)
		}
		return
	}
	if !v.seat.Slept() {
		v.hear(p, src, at, match)
	}
}

// named returns the virtual host that a rejected message seems to be meant for, to
// count it there: a VRRP one too, whose VRID is where the VHID is.
func named(p *engine.Port, payload []byte) *VirtualHost {
	if len(payload) <= offVHID {
		return nil
	}
	return virtual(p, payload[offVHID])
}

// own reports whether an advertisement was sent by this host itself
// (carp_source_is_self of FreeBSD goes by the source alone).
func (v *VirtualHost) own(port *engine.Port, src netip.Addr, adv *Advertisement) bool {
	return v.recent.has(adv.Digest) || src == v.seat.Leg(v.index(port)).Source()
}

// check makes sure that an advertisement is by a peer: not one of this host's own
// come back, near enough, from whom it may come, with the right digest, and not
// changed on the way.
func (v *VirtualHost) check(port *engine.Port, header *IPHeader, adv *Advertisement) (Match, PacketError) {
	i := v.index(port)
	p, least := &v.paths[i], uint8(HopLimit)
	if len(p.peers) > 0 && header.unicast() {
		least = v.cfg.MinHopLimit
	}
	if v.own(port, header.Src, adv) {
		return Match{}, PacketError{Fault: FaultLooped}
	}
	if header.HopLimit < least {
		return Match{}, PacketError{FaultHopLimit, int(header.HopLimit), int(least)}
	}
	if !p.accepts(header.Src, v.cfg.AcceptFrom) {
		return Match{}, PacketError{Fault: FaultSource}
	}
	match, ok := v.auth.Verify(adv)
	if !ok {
		return Match{}, PacketError{Fault: FaultDigest}
	}
	if v.strict != nil && !v.strict.accepts(adv) {
		return Match{}, PacketError{Fault: FaultReplayed}
	}
	return match, PacketError{}
}

// hear gives an authentic advertisement to the machine, as of the time it arrived
// at. Its counter is adopted even where it isn't listened to.
func (v *VirtualHost) hear(port *engine.Port, src netip.Addr, at time.Time, match Match) {
	h, adv := v.host, &v.host.adv
	v.counter.hear(adv.Counter)
	claimAt := v.machine.downAt
	actions := v.machine.Receive(at, src, adv)
	if len(actions) == 1 {
		if fault, ok := actions[0].(Discard); ok {
			h.reject(port, v, src, PacketError{Fault: Fault(fault)})
			return
		}
	}
	v.paths[v.index(port)].hear(at, src, match)
	v.stats.accepted(src, adv)
	v.gaugeHeard(at, claimAt)
	if h.cfg.Trace.Received != nil {
		h.cfg.Trace.Received(v, src, adv, match)
	}
	v.perform(actions)
}

// reject counts a packet that has changed nothing.
func (h *Host) reject(p *engine.Port, v *VirtualHost, src netip.Addr, err PacketError) {
	if v != nil {
		v.stats.rejected(err.Fault)
	}
	h.stats.rejected(err.Fault)
	if h.cfg.Trace.Rejected != nil {
		kept := err
		h.cfg.Trace.Rejected(p.Link(), src, &kept)
	}
	if err.Fault == FaultInit || err.Fault == FaultDigest || !h.log.Enabled(slog.LevelWarn) {
		return // a wrong digest is logged with its explanation
	}
	now := h.engine.Now()
	if suppressed, ok := p.Limit(uint8(err.Fault)).Allow(now); ok {
		kept := err
		h.log.Log(now, slog.LevelWarn, "packet rejected", slog.String("link", p.Link()), slog.Any("source", src),
			slog.Any("reason", &kept), slog.Int("suppressed", suppressed))
	}
}
