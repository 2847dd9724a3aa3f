// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// received is a packet on its way through the checks.
type received struct {
	IPHeader
	at      time.Time
	payload []byte
}

// receive takes one packet through the checks of carp_input and carp_input_c.
func (h *Host) receive(p *engine.Port, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
	in := received{IPHeader: IPHeader{Src: src, Dst: dst, HopLimit: hopLimit}, at: at, payload: payload}
	adv := &h.adv
	if err := adv.parse(payload, &in.IPHeader); err.Fault != FaultNone {
		h.reject(p, named(p, payload), &in, err)
		return
	}
	v := virtual(p, adv.VHID)
	if v == nil || !v.paths[v.index(p)].addressed(dst) {
		h.reject(p, nil, &in, PacketError{Fault: FaultVHID, Got: int(adv.VHID)})
		return
	}
	if dst == broadcast() && v.own(p, src, adv) {
		return // the kernel hands a broadcast to its sender too
	}
	match, err := v.check(p, &in.IPHeader, adv)
	if err.Fault != FaultNone {
		h.reject(p, v, &in, err)
		if err.Fault == FaultDigest {
			v.explain(src, adv)
		}
		return
	}
	if !v.seat.Slept() {
		v.hear(p, &in, match)
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
func (v *VirtualHost) hear(port *engine.Port, in *received, match Match) {
	h, adv, src, at := v.host, &v.host.adv, in.Src, in.at
	v.counter.hear(adv.Counter)
	claimAt := v.machine.downAt
	actions := v.machine.Receive(at, src, adv)
	if len(actions) == 1 {
		if fault, ok := actions[0].(Discard); ok {
			h.reject(port, v, in, PacketError{Fault: Fault(fault)})
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
func (h *Host) reject(p *engine.Port, v *VirtualHost, in *received, err PacketError) {
	if v != nil {
		v.stats.rejected(err.Fault)
	}
	h.stats.rejected(err.Fault)
	h.keep(p, v, in, err)
	if h.cfg.Trace.Rejected != nil {
		kept := err
		h.cfg.Trace.Rejected(p.Link(), in.Src, &kept)
	}
	if err.Fault == FaultInit || err.Fault == FaultDigest || h.cfg.Logger == nil {
		return // a wrong digest is logged with its explanation
	}
	now := h.engine.Now()
	if suppressed, ok := p.Limit(uint8(err.Fault)).Allow(now); ok {
		kept := err
		h.log.Log(now, slog.LevelWarn, "packet rejected", slog.String("link", p.Link()), slog.Any("source", in.Src),
			slog.Any("reason", &kept), slog.Int("suppressed", suppressed))
	}
}
