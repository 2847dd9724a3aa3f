// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/track"
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
	Weight       int            // that the conditions add to the priority, before it is kept between 1 and 254
	Trackers     []track.Status // of the conditions
	Group        string         // the name of the group it is in
	// Barred is why it is kept out of the election, [ReasonNone] if it isn't:
	// [ReasonMaintenance], [ReasonTracker] or [ReasonGroup], and BarredBy the
	// condition or the other member. A link that is down comes before that.
	Barred     Reason
	BarredBy   string
	Checksum   ChecksumForm  // of the last accepted peer
	SigningKey uint8         // that the next advertisement is signed with; 0: none
	PeerKey    uint8         // that the last accepted message was signed with; 0: none
	ClockSkew  time.Duration // how far the clock here is ahead of its sender's, in whole seconds
	LinkError  error         // why the link isn't usable, where that is known
	LastError  error         // of addresses, of announcements or of building an advertisement
	Stats      Stats
	Margin     Margin `json:"margin"`
}

// Status returns the state of the virtual router.
func (v *VirtualRouter) Status() Status {
	var s Status
	v.router.engine.Do(func() {
		m, leg := v.machine, v.leg()
		s = Status{
			Name: v.cfg.Name, Link: v.cfg.Link, VRID: v.cfg.VRID, Version: v.cfg.Version,
			State: m.State(), Priority: m.Priority(), Owner: v.cfg.owner(), Source: leg.Source(),
			Peer: m.peer, PeerPriority: m.peerPriority, Last: v.last,
			Interval: m.ActiveInterval(), DownInterval: m.DownInterval(), SkewTime: m.SkewTime(),
			Weight: v.watch.Effect().Weight, Trackers: v.watch.Status(), Group: v.groupName(),
			Held: v.seat.Holder.Held(), Checksum: v.form, LastError: v.seat.LastError(), Stats: v.stats, Margin: marginOf(&v.margin),
		}
		s.SigningKey, s.PeerKey, s.ClockSkew = v.signingKey(), v.verdict.KeyID, v.verdict.Skew
		if !s.Source.IsValid() {
			s.LinkError = leg.Port().Err()
		}
		s.Barred, s.BarredBy = v.barred()
		announced := v.seat.Announced()
		s.Stats.Announcements, s.Stats.AnnouncementErrors = announced.Calls, announced.Errors
	})
	return s
}
