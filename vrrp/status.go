// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"
)

// Status is a virtual router at one moment. The names in parentheses are those
// of RFC 8347.
type Status struct {
	Name     string
	Link     string
	VRID     uint8
	Version  Version
	State    State      // (state)
	Priority uint8      // that is advertised: configured, set or forced (effective-priority)
	Owner    bool       // (is-owner)
	Source   netip.Addr // of the advertisements; invalid while the link has none
	// Peer and PeerPriority are those of the last accepted advertisement
	// (last-adv-source).
	Peer         netip.Addr
	PeerPriority uint8
	Last         Transition    // the last one; its time is zero if there was none (up-datetime, last-event, new-master-reason)
	Interval     time.Duration // of the Active Router (advertise-interval)
	DownInterval time.Duration // (master-down-interval)
	SkewTime     time.Duration // (skew-time)
	Held         []netip.Prefix
	Checksum     ChecksumForm // of the last accepted peer
	LinkError    error        // why the link isn't usable, where that is known
	LastError    error        // of addresses, of announcements or of building an advertisement
	Stats        Stats
}

// Status returns the state of the virtual router.
func (v *VirtualRouter) Status() Status {
	var s Status
	v.router.loop.Do(func() {
		m := v.machine
		s = Status{
			Name: v.name(), Link: v.cfg.Link, VRID: v.cfg.VRID, Version: v.cfg.Version,
			State: m.State(), Priority: m.Priority(), Owner: v.cfg.owner(), Source: v.source,
			Peer: m.peer, PeerPriority: m.peerPriority, Last: v.last,
			Interval: m.ActiveInterval(), DownInterval: m.DownInterval(), SkewTime: m.SkewTime(),
			Held: v.holder.Held(), Checksum: v.form, LinkError: v.port.err, LastError: v.lastError, Stats: v.stats,
		}
	})
	return s
}
