// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// member is a virtual router as the engine sees it: each event is an input of its
// machine.
type member struct{ *VirtualRouter }

// Startup tells the machine where its advertisements come from.
func (v member) Startup(now time.Time) {
	v.leaveOutOwn()
	v.perform(v.machine.Startup(now, v.leg().Source()))
}

// Shutdown tells the machine why it can't go on.
func (v member) Shutdown(now time.Time, why engine.Reason) {
	reason, by := ReasonShutdown, ""
	switch why {
	case engine.LinkDown:
		reason = ReasonLinkDown
	case engine.NoAddress:
		reason = ReasonNoAddress
	case engine.Barred:
		reason, by = v.barred()
	default:
		v.retire()
	}
	v.perform(v.machine.shutdown(now, reason, by))
}

// Claimed tells the machine of the announcement of another host. One by the MAC
// address of the virtual router, while this router is Active, is that of a router
// that isn't any more, and no conflict.
func (v member) Claimed(now time.Time, addr netip.Addr, mac [6]byte) {
	if v.machine.State() == Active && mac == v.machine.cfg.virtualMAC() {
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

// Goodbye returns the advertisement of priority 0.
func (v member) Goodbye(*engine.Leg) (dst netip.Addr, message []byte) { return v.goodbye() }

// virtual returns the virtual router of an identifier on a port, nil if there is
// none.
func virtual(p *engine.Port, id uint8) *VirtualRouter {
	if m, ok := p.Member(id).(member); ok {
		return m.VirtualRouter
	}
	return nil
}
