// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/netif/track"
)

// Status is a virtual host at one moment.
type Status struct {
	Name  string
	Link  string
	VHID  uint8
	State State
	// Rank is what is advertised: as configured, demoted or forced.
	Rank Rank
	// Demotion is the sum of all demotions, those of the host included, and
	// Demotions the reasons that concern this virtual host alone.
	Demotion  int
	Demotions []Demotion
	// Peer and PeerRank are those of the last accepted advertisement.
	Peer         netip.Addr
	PeerRank     Rank
	Last         Transition    // the last one; its time is zero if there was none
	Interval     time.Duration // between own advertisements
	DownInterval time.Duration // that the Master may be silent for
	Paths        []PathStatus  // one for each address family in which it advertises, IPv4 first
	Held         []netip.Prefix
	Trackers     []track.Status // of the conditions
	Group        string         // the name of the group it is in
	// Barred is why it is kept out of the election, [ReasonNone] if it isn't:
	// [ReasonMaintenance], [ReasonTracker] or [ReasonGroup], and BarredBy the
	// condition or the other member. A link that is down comes before that.
	Barred   Reason
	BarredBy string
	// WrongDigest is what was found out last about a wrong digest.
	WrongDigest WrongDigest
	LastError   error // of addresses or of announcements
	Stats       Stats
	Margin      Margin `json:"margin"`
}

// PathStatus is how a virtual host sends and hears in one address family.
type PathStatus struct {
	Source    netip.Addr   // of the advertisements; invalid while the link has none
	Group     netip.Addr   // that is listened to, and sent to if there are no peers
	Peers     []netip.Addr // that are sent to
	HeardAt   time.Time    // the last accepted advertisement; zero if none was ever heard
	HeardFrom netip.Addr
	Match     Match // which of the accepted digests that had
	LinkError error // why the link isn't usable, where that is known
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
			Held: v.seat.Holder.Held(), WrongDigest: v.wrong, LastError: v.seat.LastError(), Stats: v.stats, Margin: marginOf(&v.margin),
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
