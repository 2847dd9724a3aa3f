// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// perform tells the engine where the election stands and carries out what the
// machine wants done. Nothing in it waits.
func (v *VirtualHost) perform(actions []Action) {
	v.seat.Follow(v.standing())
	for _, a := range actions {
		switch a := a.(type) {
		case SendAdvertisement:
			v.send(Rank(a))
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
func (v *VirtualHost) standing() engine.Standing {
	s := engine.Standing{Patience: v.patience()}
	s.Deadline, _ = v.machine.Deadline()
	switch {
	case v.machine.State() == Master:
		s.Role, s.Spoke = engine.Holding, v.machine.sentAt
	case v.machine.Releasing():
		s.Role = engine.Releasing
	}
	return s
}

// patience returns how long peers wait at least. Their advskew isn't known, but that
// of a Backup is seldom below the Master's: where advbase is 0 that is all there is,
// else it is left out. A host that advertises less often, for being demoted or by a
// dead ratio of 1, has not slept when its next advertisement is due.
func (v *VirtualHost) patience() time.Duration {
	once := time.Duration(v.cfg.AdvBase) * time.Second
	if once == 0 {
		once = interval(0, v.cfg.AdvSkew)
	}
	return max(time.Duration(v.cfg.DeadRatio)*once, v.machine.Interval()*3/2)
}

// changed reports a transition.
func (v *VirtualHost) changed(t Transition) {
	v.last = t
	if t.From == Init {
		v.up = t.At
	}
	v.margin.Restart()
	if t.From == Master {
		v.seat.Holder.Silence() // whoever comes next is announced by others
	}
	v.stats.changed(t)
	h := v.host
	if h.cfg.Trace.Transition != nil {
		h.cfg.Trace.Transition(v, t)
	}
	v.tell(Event{Kind: EventTransition, Transition: t, Peer: t.Peer, Err: t.Err})
	attrs := []slog.Attr{slog.String(logName, v.cfg.Name), slog.String("from", t.From.String()), slog.String("to", t.To.String()), slog.String("reason", t.Reason.String())}
	if t.Peer.IsValid() {
		attrs = append(attrs, slog.Any("peer", t.Peer), slog.String("peer_rank", t.PeerRank.String()))
	}
	if t.By != "" {
		attrs = append(attrs, slog.String("by", t.By))
	}
	if t.Err != nil {
		attrs = append(attrs, slog.Any("error", t.Err))
	}
	h.log.Log(h.engine.Now(), slog.LevelInfo, "state changed", attrs...)
}

// noticed reports what is odd about a peer.
func (v *VirtualHost) noticed(n Notice) {
	v.stats.noticed(n)
	h := v.host
	if h.cfg.Trace.Notice != nil {
		h.cfg.Trace.Notice(v, n)
	}
	if suppressed, ok := v.seat.Odd(n, v.machine.peer); ok {
		v.tell(Event{Kind: EventNotice, Notice: n, Peer: v.machine.peer, Suppressed: suppressed})
	}
}

// conflicting reports that another host claims an address.
func (v *VirtualHost) conflicting(addr netip.Addr) {
	h := v.host
	v.stats.Conflicts++
	if h.cfg.Trace.Conflict != nil {
		h.cfg.Trace.Conflict(v, addr, v.claimant)
	}
	if suppressed, ok := v.seat.Conflict(addr, v.claimant); ok {
		v.tell(Event{Kind: EventConflict, Addr: addr, MAC: v.claimant, Suppressed: suppressed})
	}
}
