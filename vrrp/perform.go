// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"log/slog"
	"net/netip"
	"time"
)

// perform carries out what a machine wants done and notes its next deadline.
// Nothing in it waits.
func (r *Router) perform(v *VirtualRouter, actions []Action) {
	for _, a := range actions {
		switch a := a.(type) {
		case SendAdvertisement:
			r.send(v, uint8(a))
		case AddAddresses:
			v.holder.Add(a.Addresses)
		case RemoveAddresses:
			v.holder.Remove(a.Addresses)
		case Announce:
			v.holder.Announce(a.Addresses, a.Count)
		case Transition:
			r.changed(v, a)
		case Notice:
			r.noticed(v, a)
		}
	}
	r.bequeath(v)
	at, _ := v.machine.Deadline()
	if at = earlier(at, v.retryAt); !at.IsZero() && !v.detached {
		r.deadlines.Set(&v.deadline, at)
	} else {
		r.deadlines.Remove(&v.deadline)
	}
}

// send queues an advertisement, built from the configuration as it is now. On a
// link that is down there is nobody to hear it.
func (r *Router) send(v *VirtualRouter, priority uint8) {
	if priority == PriorityGoodbye {
		v.holder.Silence() // whoever comes next is announced by others
	}
	if !v.port.up {
		return
	}
	if priority == PriorityGoodbye {
		v.stats.GoodbyesSent++
	}
	v.adv.Priority = priority
	message, err := v.adv.Append(r.buf[:0], v.source, v.group, v.checksum())
	if err != nil {
		v.stats.SendErrors++
		r.failed(v, "advertisement not built", err)
		return
	}
	r.buf = message
	r.network.Queue(v.port.number, [6]byte{}, v.source, v.group, message)
	v.stats.Sent++
	r.renew(v)
	if r.cfg.Trace.Sent != nil {
		r.cfg.Trace.Sent(v, priority)
	}
}

// checksum returns the form of the checksum to send: under ChecksumAuto that of
// the peer.
func (v *VirtualRouter) checksum() ChecksumForm {
	if v.cfg.Checksum == ChecksumAuto && v.form != ChecksumMessage {
		return ChecksumPseudoHeader
	}
	return v.cfg.Checksum
}

// unsent counts a packet that the network could not send.
func (r *Router) unsent(number int, err error) {
	r.stats.SendErrors++
	if p := r.ports[number]; p != nil {
		if suppressed, ok := p.limits[FaultNone].Allow(r.now); ok {
			r.log.Log(r.now, slog.LevelWarn, "packet not sent", slog.String("link", p.link), slog.Any("error", err), slog.Int("suppressed", suppressed))
		}
	}
}

// changed reports a transition.
func (r *Router) changed(v *VirtualRouter, t Transition) {
	v.last = t
	if t.From == Active {
		v.holder.Silence()
	}
	if t.To == Active {
		v.stats.BecameActive++
	}
	if r.cfg.Trace.Transition != nil {
		r.cfg.Trace.Transition(v, t)
	}
	attrs := []slog.Attr{slog.String("virtual_router", v.name()), slog.String("from", t.From.String()), slog.String("to", t.To.String()), slog.String("reason", t.Reason.String())}
	if t.Peer.IsValid() {
		attrs = append(attrs, slog.Any("peer", t.Peer), slog.Int("peer_priority", int(t.PeerPriority)))
	}
	if t.Err != nil {
		attrs = append(attrs, slog.Any("error", t.Err))
	}
	r.log.Log(r.now, slog.LevelInfo, "state changed", attrs...)
}

// noticed reports what is odd about a peer.
func (r *Router) noticed(v *VirtualRouter, n Notice) {
	v.stats.noticed(n)
	if r.cfg.Trace.Notice != nil {
		r.cfg.Trace.Notice(v, n)
	}
	if !r.log.Enabled(slog.LevelWarn) {
		return
	}
	if suppressed, ok := v.limits[n].Allow(r.now); ok {
		r.log.Log(r.now, slog.LevelWarn, "odd advertisement", slog.String("virtual_router", v.name()), slog.String("notice", n.String()),
			slog.Any("peer", v.peer()), slog.Int("suppressed", suppressed))
	}
}

// added, removed and announced take in the outcome of address work.
func (r *Router) added(v *VirtualRouter, err error) {
	if err != nil {
		r.failed(v, "addresses not added", err)
	}
	r.perform(v, v.machine.AddressesAdded(r.now, err))
}

// removed has what failed tried again, at growing intervals.
func (r *Router) removed(v *VirtualRouter, err error) {
	switch {
	case err != nil:
		r.failed(v, "addresses not removed", err)
		v.retryAt = r.now.Add(min(backOffFirst<<min(v.retries, 10), backOffMost))
		v.retries++
	case v.holder.Settled():
		v.retries = 0
		r.perform(v, v.machine.AddressesRemoved(r.now))
		return
	}
	r.perform(v, nil)
}

// giveUp has removals that failed before tried once more, at the end.
func (r *Router) giveUp(v *VirtualRouter) {
	if v.retryAt = (time.Time{}); !v.machine.Releasing() {
		v.holder.Retry()
	}
}

func (r *Router) announced(v *VirtualRouter, err error) {
	v.stats.Announcements++
	if err != nil {
		v.stats.AnnouncementErrors++
		r.failed(v, "addresses not announced", err)
	}
}

// failed reports that something could not be done.
func (r *Router) failed(v *VirtualRouter, what string, err error) {
	v.lastError = err
	if suppressed, ok := v.limits[0].Allow(r.now); ok {
		r.log.Log(r.now, slog.LevelError, what, slog.String("virtual_router", v.name()), slog.Any("error", err), slog.Int("suppressed", suppressed))
	}
}

// peer returns the sender of the last advertisement that was accepted.
func (v *VirtualRouter) peer() netip.Addr { return v.machine.peer }
