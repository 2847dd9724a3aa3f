// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/netif/track"
)

// Status is a virtual host at one moment.
//
// In JSON it is an object whose names are the words of ifconfig(8) where that has any: vhid, state,
// advbase, advskew. Names that end in -sec are of durations, in seconds with decimals. Times are those
// of RFC 3339, errors their texts, and states, reasons and the like what String returns. What is zero,
// unknown or empty is left out where the zero value doesn't mean anything. It can be read back: an error
// that was read has the text and matches no other.
type Status struct {
	Name  string `json:"name"`      // that it is called by in logs
	Link  string `json:"interface"` // name of the network interface
	VHID  uint8  `json:"vhid"`      // virtual host identifier
	State State  `json:"state"`     // "Init", "Backup" or "Master"
	// Rank is what is advertised: as configured, demoted or forced.
	Rank Rank `json:"rank"`
	// Demotion is the sum of all demotions, those of the host included, and
	// Demotions the reasons that concern this virtual host alone.
	Demotion  int        `json:"demotion"`
	Demotions []Demotion `json:"demotions,omitempty"`
	// Peer and PeerRank are those of the last accepted advertisement.
	Peer     netip.Addr `json:"peer,omitzero"`
	PeerRank Rank       `json:"peer-rank"`

	Up           time.Time     `json:"up-datetime,omitzero"`     // when it left Init last; zero while it is there
	Last         Transition    `json:"last-transition,omitzero"` // the last one; its time is zero if there was none
	Interval     time.Duration `json:"interval-sec"`             // between own advertisements
	DownInterval time.Duration `json:"down-interval-sec"`        // that the Master may be silent for

	Paths    []PathStatus   `json:"paths,omitempty"`          // one for each address family in which it advertises, IPv4 first
	Held     []netip.Prefix `json:"held-addresses,omitempty"` // that the Backend was asked for and has not taken away since
	Trackers []track.Status `json:"trackers,omitempty"`       // of the conditions
	Group    string         `json:"group,omitempty"`          // the name of the group it is in
	// Barred is why it is kept out of the election, [ReasonNone] if it isn't:
	// [ReasonMaintenance], [ReasonTracker] or [ReasonGroup], and BarredBy the
	// condition or the other member. A link that is down comes before that.
	Barred   Reason `json:"barred,omitzero"`
	BarredBy string `json:"barred-by,omitempty"`
	// WrongDigest is what was found out last about a wrong digest.
	WrongDigest WrongDigest `json:"wrong-digest,omitzero"`
	LastError   error       `json:"last-error"` // of addresses or of announcements
	Stats       Stats       `json:"statistics"` // its counters
	Margin      Margin      `json:"margin"`     // how near it came to an unwanted failover
}

// PathStatus is how a virtual host sends and hears in one address family.
type PathStatus struct {
	Source    netip.Addr   `json:"source,omitzero"`         // of the advertisements; invalid while the link has none
	Group     netip.Addr   `json:"group,omitzero"`          // that is listened to, and sent to if there are no peers
	Peers     []netip.Addr `json:"peers,omitempty"`         // that are sent to
	HeardAt   time.Time    `json:"heard-datetime,omitzero"` // the last accepted advertisement; zero if none was ever heard
	HeardFrom netip.Addr   `json:"heard-from,omitzero"`     // whose that was
	Match     Match        `json:"match,omitzero"`          // which of the accepted digests that had
	LinkError error        `json:"link-error"`              // why the link isn't usable, where that is known
}

// Status returns the state of the virtual host.
func (v *VirtualHost) Status() Status {
	var s Status
	v.host.engine.Do(func() {
		m := v.machine
		s = Status{
			Name: v.cfg.Name, Link: v.cfg.Link, VHID: v.cfg.VHID, State: m.State(), Rank: m.Rank(),
			Demotion: m.Demotion(), Demotions: m.Demotions(),
			Peer: m.peer, PeerRank: m.peerRank, Last: v.last, Interval: m.Interval(), DownInterval: m.DownInterval(),
			Trackers: v.watch.Status(), Group: v.groupName(),
			Held: v.seat.Holder.Held(), WrongDigest: v.wrong, LastError: v.seat.LastError(), Stats: v.stats, Margin: marginOf(&v.margin, v.host.engine.Clock()),
		}
		if s.State != Init {
			s.Up = v.up
		}
		s.Barred, s.BarredBy = v.barred()
		for i := range v.paths {
			s.Paths = append(s.Paths, v.pathStatus(i))
		}
		announced := v.seat.Announced()
		s.Stats.Announcements, s.Stats.AnnouncementErrors = announced.Calls, announced.Errors
	})
	return s
}

// pathStatus returns the state of one path.
func (v *VirtualHost) pathStatus(i int) PathStatus {
	p, leg := &v.paths[i], v.seat.Leg(i)
	return PathStatus{Source: leg.Source(), Group: p.group, Peers: slices.Clone(p.peers), HeardAt: p.heardAt, HeardFrom: p.heardFrom,
		Match: p.match, LinkError: leg.Port().Err()}
}
