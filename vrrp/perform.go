// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// perform tells the engine where the election stands and carries out what the
// machine wants done. Nothing in it waits.
func (v *VirtualRouter) perform(actions []Action) {
	v.seat.Follow(v.standing())
	for _, a := range actions {
		switch a := a.(type) {
		case SendAdvertisement:
			v.send(uint8(a))
		case AddAddresses:
			v.seat.Holder.Add(a.Addresses)
		case RemoveAddresses:
			v.seat.Holder.Remove(a.Addresses)
		case Announce:
			v.seat.Holder.Announce(a.Addresses, a.Count)
		case Transition:
			v.changed(a)
		case Notice:
			v.noticed(a)
		case Conflict:
			v.conflicting(netip.Addr(a))
		}
	}
	v.follow()
}

// standing returns what the engine has to know of the election.
func (v *VirtualRouter) standing() engine.Standing {
	s := engine.Standing{Patience: time.Duration(v.cfg.DownIntervals) * v.machine.ActiveInterval()}
	s.Deadline, _ = v.machine.Deadline()
	switch {
	case v.machine.State() == Active:
		s.Role, s.Spoke = engine.Holding, v.machine.sentAt
	case v.machine.Releasing():
		s.Role = engine.Releasing
	}
	return s
}

// send queues an advertisement, built from the configuration as it is now. On a
// link that is down there is nobody to hear it.
func (v *VirtualRouter) send(priority uint8) {
	if priority == PriorityGoodbye {
		v.seat.Holder.Silence() // whoever comes next is announced by others
	}
	r, leg := v.router, v.leg()
	if !leg.CanSend() {
		return
	}
	message, err := v.advertisement(r.buf[:0], priority)
	if err != nil {
		v.stats.SendErrors++
		v.seat.Failed("advertisement not built", err)
		return
	}
	r.buf = message
	v.seat.Send(leg, leg.Group(), message)
	v.stats.Sent++
	if priority == PriorityGoodbye {
		v.stats.GoodbyesSent++
	}
	if r.cfg.Trace.Sent != nil {
		r.cfg.Trace.Sent(v, priority)
	}
}

// advertisement appends an advertisement to b.
func (v *VirtualRouter) advertisement(b []byte, priority uint8) ([]byte, error) {
	v.adv.Priority = priority
	return v.adv.Append(b, v.leg().Source(), v.leg().Group(), v.checksum())
}

// checksum returns the form of the checksum to send: under ChecksumAuto that of
// the peer.
func (v *VirtualRouter) checksum() ChecksumForm {
	if v.cfg.Checksum == ChecksumAuto && v.form != ChecksumMessage {
		return ChecksumPseudoHeader
	}
	return v.cfg.Checksum
}

// changed reports a transition.
func (v *VirtualRouter) changed(t Transition) {
	v.last = t
	if t.From == Active {
		v.seat.Holder.Silence()
	}
	if t.To == Active {
		v.stats.BecameActive++
	}
	r := v.router
	if r.cfg.Trace.Transition != nil {
		r.cfg.Trace.Transition(v, t)
	}
	v.tell(Event{Kind: EventTransition, Transition: t, Peer: t.Peer, Err: t.Err})
	attrs := []slog.Attr{slog.String(logName, v.cfg.Name), slog.String("from", t.From.String()), slog.String("to", t.To.String()), slog.String("reason", t.Reason.String())}
	if t.Peer.IsValid() {
		attrs = append(attrs, slog.Any("peer", t.Peer), slog.Int("peer_priority", int(t.PeerPriority)))
	}
	if t.By != "" {
		attrs = append(attrs, slog.String("by", t.By))
	}
	if t.Err != nil {
		attrs = append(attrs, slog.Any("error", t.Err))
	}
	r.log.Log(r.engine.Now(), slog.LevelInfo, "state changed", attrs...)
}

// noticed reports what is odd about a peer.
func (v *VirtualRouter) noticed(n Notice) {
	v.stats.noticed(n)
	r := v.router
	if r.cfg.Trace.Notice != nil {
		r.cfg.Trace.Notice(v, n)
	}
	now := r.engine.Now()
	if suppressed, ok := v.limit(n).Allow(now); ok {
		v.tell(Event{Kind: EventNotice, Notice: n, Peer: v.machine.peer, Suppressed: suppressed})
		r.log.Log(now, slog.LevelWarn, "odd advertisement", slog.String(logName, v.cfg.Name), slog.String("notice", n.String()),
			slog.Any("peer", v.machine.peer), slog.Int("suppressed", suppressed))
	}
}

// limit returns what bounds the log of a notice. Most virtual routers have none.
func (v *VirtualRouter) limit(n Notice) *quietlog.Limit {
	if v.limits == nil {
		v.limits = map[Notice]*quietlog.Limit{}
	}
	if v.limits[n] == nil {
		v.limits[n] = &quietlog.Limit{}
	}
	return v.limits[n]
}

// conflicting reports that another host claims an address.
func (v *VirtualRouter) conflicting(addr netip.Addr) {
	r := v.router
	v.stats.Conflicts++
	if r.cfg.Trace.Conflict != nil {
		r.cfg.Trace.Conflict(v, addr, v.claimant)
	}
	if suppressed, ok := v.seat.Conflict(addr, v.claimant); ok {
		v.tell(Event{Kind: EventConflict, Addr: addr, MAC: v.claimant, Suppressed: suppressed})
	}
}
