// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"
)

// Guard is a process that outlives this one and keeps its last will: it says
// goodbye for the virtual routers that were Active, and removes their addresses,
// when this process has died without doing so. Package netif/guard has one. No
// method may block; all are called by the loop.
type Guard interface {
	// Set replaces the will of a virtual router, which id stands for: the
	// goodbye, a message to be sent from src to dst on link, or nil for none;
	// the addresses, with their devices; and how long after the last Beat the
	// goodbye may still be sent, because a late one would be about the
	// successor. Slices and maps are not changed afterwards.
	Set(id int, link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration)
	// Clear ends a will.
	Clear(id int)
	// Beat tells that the loop is alive. It is called at the end of each turn,
	// when the wills are true.
	Beat()
}

// will is what the guard was last told of a virtual router.
type will uint8

const (
	willNone      will = iota
	willAddresses      // said goodbye, and keeps its addresses for the successor
	willAll            // Active
)

// bequeath brings v's will in line with its state.
func (r *Router) bequeath(v *VirtualRouter) {
	if r.cfg.Guard == nil {
		return
	}
	want := willNone
	switch {
	case v.machine.State() == Active:
		want = willAll
	case v.machine.Releasing() || len(v.holder.Held()) > 0:
		want = willAddresses
	}
	if want == v.will && (want == willNone || !v.willStale) {
		return
	}
	v.will, v.willStale = want, false
	switch want {
	case willNone:
		r.cfg.Guard.Clear(v.id)
	case willAddresses:
		r.cfg.Guard.Set(v.id, v.cfg.Link, v.source, v.group, nil, v.devices(v.holder.Held()), 0)
	case willAll:
		v.adv.Priority = PriorityGoodbye
		if goodbye, err := v.adv.Append(nil, v.source, v.group, v.checksum()); err == nil {
			r.cfg.Guard.Set(v.id, v.cfg.Link, v.source, v.group, goodbye, v.devices(v.machine.held), leaseIntervals*v.cfg.Interval)
		}
	}
}

// devices returns addresses with the devices that they are on; none if they stay
// for good.
func (v *VirtualRouter) devices(addrs []netip.Prefix) map[netip.Prefix]string {
	devices := map[netip.Prefix]string{}
	if v.cfg.fixed() || v.cfg.Backend == nil {
		return devices
	}
	for _, p := range addrs {
		devices[p] = v.cfg.Link
		if device := v.cfg.Devices[p]; device != "" {
			devices[p] = device
		}
	}
	return devices
}
