// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// member is a virtual host as the engine sees it: each event is an input of its
// machine.
type member struct{ *VirtualHost }

// Startup tells the machine where its advertisements come from: over IPv4 if they
// do.
func (v member) Startup(now time.Time) {
	local := v.seat.Leg(0).Source()
	if !local.IsValid() {
		local = v.seat.Leg(len(v.paths) - 1).Source()
	}
	v.perform(v.machine.Startup(now, local))
}

// Shutdown tells the machine why it can't go on. A link that was down may be
// another when it is up again: what could not be sent before doesn't count then.
func (v member) Shutdown(now time.Time, why engine.Reason) {
	reason, by := ReasonShutdown, ""
	switch why {
	case engine.LinkDown:
		reason = ReasonLinkDown
		v.forgetSendErrors()
	case engine.NoAddress:
		reason = ReasonNoAddress
	case engine.Barred:
		reason, by = v.barred()
	default:
		v.leave()
	}
	v.perform(v.machine.shutdown(now, reason, by))
}

// leave ends the part in what concerns all virtual hosts of the host.
func (v *VirtualHost) leave() {
	v.leaving = true
	v.leaveGroup()
	v.stopTrackers()
	v.forgetSendErrors()
	v.host.members = slices.DeleteFunc(v.host.members, func(other *VirtualHost) bool { return other == v })
}

// Abandoned ends what a virtual host has to do with others: another Host has it.
func (v member) Abandoned() { v.leave() }

// Claimed tells the machine of the announcement of another host. One by the MAC
// address of the virtual host, while this host is Master, is that of a host that
// isn't any more, and no conflict.
func (v member) Claimed(now time.Time, addr netip.Addr, mac [6]byte) {
	if v.machine.State() == Master && mac == v.cfg.virtualMAC() {
		return
	}
	if actions := v.machine.Claimed(now, addr); len(actions) > 0 {
		v.claimant = mac
		v.perform(actions)
	}
}

// Expire, Slept, AddressesAdded and AddressesRemoved are the inputs of the machine
// of the same names. The last two are told after what they led to: the state after
// addresses could not be added is no longer that with them.
func (v member) Expire(now time.Time) {
	v.gaugeSent(now)
	v.perform(v.machine.Expire(now))
}

func (v member) Slept(now time.Time) { v.perform(v.machine.Slept(now)) }

func (v member) AddressesAdded(now time.Time, err error) {
	v.perform(v.machine.AddressesAdded(now, err))
	v.tell(Event{Kind: EventAddressesAdded, Held: v.seat.Holder.Held(), Err: err})
}

func (v member) AddressesRemoved(now time.Time) {
	v.perform(v.machine.AddressesRemoved(now))
	v.tell(Event{Kind: EventAddressesRemoved, Held: v.seat.Holder.Held()})
}

// Failed tells who reads the events.
func (v member) Failed(what string, err error, suppressed int) {
	v.tell(Event{Kind: EventFailure, What: what, Err: err, Suppressed: suppressed})
}

// Goodbye returns the bow-out: one packet, so that of several peers the first is
// told.
func (v member) Goodbye(l *engine.Leg) (dst netip.Addr, message []byte) {
	dst = v.paths[v.index(l.Port())].first(l.Source())
	if !dst.IsValid() {
		return dst, nil
	}
	return dst, v.advertisement(nil, BowOut())
}

// index returns which of the paths a port belongs to.
func (v *VirtualHost) index(p *engine.Port) int {
	for i := range v.paths {
		if v.seat.Leg(i).Port() == p {
			return i
		}
	}
	return 0 // there is none but the virtual host's
}

// virtual returns the virtual host of an identifier on a port, nil if there is
// none.
func virtual(p *engine.Port, id uint8) *VirtualHost {
	if m, ok := p.Member(id).(member); ok {
		return m.VirtualHost
	}
	return nil
}
