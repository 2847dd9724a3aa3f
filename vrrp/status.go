// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif/track"
)

// Status is a virtual router at one moment.
//
// In JSON it is an object with the names of RFC 8347 for what that has, in the RFC's units: vrid,
// version, advertise-interval-centi-sec, state, is-owner, last-adv-source, up-datetime,
// master-down-interval, skew-time, statistics. The other names are this package's; of
// these, those of durations end in -sec and have a number of seconds with decimals. Times are those of RFC 3339, errors
// their texts, and states, reasons and the like what String returns: state is "Active" where the RFC
// says master. What is zero, unknown or empty is left out where the zero value doesn't
// mean anything. It can be read back: an error that was read has the text and matches no other.
type Status struct {
	Name     string  `json:"name"`               // that it is called by in logs
	Link     string  `json:"interface"`          // name of the network interface
	VRID     uint8   `json:"vrid"`               // virtual router identifier
	IPv6     bool    `json:"is-ipv6"`            // whether its addresses are those of IPv6, else of IPv4
	Version  Version `json:"version"`            // 2 or 3
	State    State   `json:"state"`              // "Initialize", "Backup" or "Active"
	Priority uint8   `json:"effective-priority"` // that is advertised: configured, set or forced
	Owner    bool    `json:"is-owner"`           // whether it is the owner of the addresses

	Source       netip.Addr `json:"source,omitzero"`            // of the advertisements; invalid while the link has none
	Peer         netip.Addr `json:"last-adv-source,omitzero"`   // of the last accepted advertisement
	PeerPriority uint8      `json:"last-adv-priority"`          // that it had; it was a goodbye if that is 0
	HeardAt      time.Time  `json:"last-adv-datetime,omitzero"` // when that was; zero if none was ever accepted
	Up           time.Time  `json:"up-datetime,omitzero"`       // when it left Initialize last; zero while it is there
	Last         Transition `json:"last-transition,omitzero"`   // the last one; its time is zero if there was none

	Interval     time.Duration `json:"advertise-interval-centi-sec"` // of the Active Router, in units of 10 ms
	DownInterval time.Duration `json:"master-down-interval"`         // in units of 10 ms, to the nearest
	SkewTime     time.Duration `json:"skew-time"`                    // in microseconds, to the nearest

	Held     []netip.Prefix `json:"held-addresses,omitempty"` // that the Backend was asked for and has not taken away since
	Weight   int            `json:"weight"`                   // that the conditions add to the priority, before it is kept between 1 and 254
	Trackers []track.Status `json:"trackers,omitempty"`       // of the conditions
	Group    string         `json:"group,omitempty"`          // the name of the group it is in
	// Barred is why it is kept out of the election, [ReasonNone] if it isn't:
	// [ReasonMaintenance], [ReasonTracker] or [ReasonGroup], and BarredBy the
	// condition or the other member. A link that is down comes before that.
	Barred   Reason `json:"barred,omitzero"`
	BarredBy string `json:"barred-by,omitempty"`

	Checksum   ChecksumForm  `json:"checksum-form"`         // of the last accepted peer
	SigningKey uint8         `json:"signing-key,omitzero"`  // that the next advertisement is signed with; 0: none
	PeerKey    uint8         `json:"last-adv-key,omitzero"` // that the last accepted message was signed with; 0: none
	ClockSkew  time.Duration `json:"clock-skew-sec"`        // how far the clock here is ahead of its sender's, in whole seconds
	LinkError  error         `json:"link-error"`            // why the link isn't usable, where that is known
	LastError  error         `json:"last-error"`            // of addresses, of announcements or of building an advertisement

	Stats  Stats  `json:"statistics"` // its counters
	Margin Margin `json:"margin"`     // how near it came to an unwanted failover
}

// Status returns the state of the virtual router.
func (v *VirtualRouter) Status() Status {
	var s Status
	v.router.engine.Do(func() {
		m, leg := v.machine, v.leg()
		s = Status{
			Name: v.seat.Name(), Link: v.seat.Link(), VRID: m.cfg.VRID, IPv6: m.cfg.ipv6(), Version: m.cfg.Version,
			State: m.State(), Priority: m.Priority(), Owner: m.cfg.owner(), Source: leg.Source(),
			Peer: m.peer, PeerPriority: m.peerPriority, HeardAt: v.clock().Time(v.heardAt), Last: v.last,
			Interval: m.ActiveInterval(), DownInterval: m.DownInterval(), SkewTime: m.SkewTime(),
			Weight: v.watch.Effect().Weight, Trackers: v.watch.Status(), Group: v.groupName(),
			Held: v.seat.Holder.Held(), Checksum: v.form, LastError: v.seat.LastError(), Stats: v.stats.stats(), Margin: marginOf(&v.margin, v.clock()),
		}
		s.SigningKey, s.PeerKey, s.ClockSkew = v.signingKey(), v.peerKey, v.clockSkew
		if !s.Source.IsValid() {
			s.LinkError = leg.Port().Err()
		}
		if s.State != Initialize {
			s.Up = v.clock().Time(v.up)
		}
		s.Barred, s.BarredBy = v.barred()
		announced := v.seat.Announced()
		s.Stats.Announcements, s.Stats.AnnouncementErrors = announced.Calls, announced.Errors
	})
	return s
}
