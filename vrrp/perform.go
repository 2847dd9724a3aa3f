// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
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
	v.renewWill()
	v.follow()
}

// standing returns what the engine has to know of the election.
func (v *VirtualRouter) standing() engine.Standing {
	s := engine.Standing{Patience: time.Duration(v.machine.cfg.DownIntervals) * v.machine.ActiveInterval()}
	s.Deadline, _ = v.machine.Deadline()
	switch {
	case v.machine.State() == Active:
		s.Role, s.Spoke = engine.Holding, v.machine.clock.Time(v.machine.sentAt)
	case v.machine.Releasing():
		s.Role = engine.Releasing
	}
	return s
}

// changed reports a transition.
func (v *VirtualRouter) changed(t Transition) {
	v.last = t
	if t.From == Initialize {
		v.up = v.clock().Instant(t.At)
	}
	v.margin.Restart()
	if t.From == Active {
		v.seat.Holder.Silence()
	}
	if t.To == Active {
		v.stats.becameActive++
	}
	r := v.router
	if r.cfg.Trace.Transition != nil {
		r.cfg.Trace.Transition(v, t)
	}
	v.tell(Event{Kind: EventTransition, Transition: t, Peer: t.Peer, Err: t.Err})
	attrs := []slog.Attr{slog.String(logName, v.seat.Name()), slog.String("from", t.From.String()), slog.String("to", t.To.String()), slog.String("reason", t.Reason.String())}
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
	v.stats.rare().noticed(n)
	r := v.router
	if r.cfg.Trace.Notice != nil {
		r.cfg.Trace.Notice(v, n)
	}
	if suppressed, ok := v.seat.Odd(n, v.machine.peer); ok {
		v.tell(Event{Kind: EventNotice, Notice: n, Peer: v.machine.peer, Suppressed: suppressed})
	}
}

// conflicting reports that another host claims an address.
func (v *VirtualRouter) conflicting(addr netip.Addr) {
	r := v.router
	v.stats.rare().Conflicts++
	if r.cfg.Trace.Conflict != nil {
		r.cfg.Trace.Conflict(v, addr, v.claimant)
	}
	if suppressed, ok := v.seat.Conflict(addr, v.claimant); ok {
		v.tell(Event{Kind: EventConflict, Addr: addr, MAC: v.claimant, Suppressed: suppressed})
	}
}
