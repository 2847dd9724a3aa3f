// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/legacy"
	"github.com/go-fhrp/fhrp/netif/track"
)

// legacyVersion is that of the form of [routerLegacy]. It changes with the meaning of any
// field: a router that knows another version refuses the legacy.
const legacyVersion = 1

// routerLegacy is what a [Router] leaves.
type routerLegacy struct {
	Made     int64           `json:"made"` // by the wall clock, in nanoseconds since 1970
	Stats    RouterStats     `json:"stats"`
	Unsent   uint64          `json:"unsent,omitempty"`
	Virtuals []virtualLegacy `json:"virtual_routers"`
}

// identity is what makes a virtual router the same one in two configurations: what
// [VirtualRouter.Reconfigure] can't change.
type identity struct {
	Link       string     `json:"link"`
	Group      netip.Addr `json:"group"`
	VRID       uint8      `json:"vrid"`
	Version    Version    `json:"version"`
	VirtualMAC bool       `json:"virtual_mac,omitempty"`
	Owner      bool       `json:"owner,omitempty"`
	Fixed      bool       `json:"fixed,omitempty"`
	AH         bool       `json:"ah,omitempty"`
}

// identity returns that of a virtual router.
func (v *VirtualRouter) identity() identity {
	c := &v.machine.cfg
	return identity{v.seat.Link(), v.leg().Group(), c.VRID, c.Version, v.virtualMAC, c.owner(), c.fixed(), v.authType == AuthAH}
}

// virtualLegacy is what a [VirtualRouter] leaves.
type virtualLegacy struct {
	Identity    identity                  `json:"identity"`
	Machine     machineLegacy             `json:"machine"`
	Seat        engine.Legacy             `json:"seat"`
	Last        *transitionLegacy         `json:"last,omitempty"`
	Stats       Stats                     `json:"stats"`
	Form        ChecksumForm              `json:"checksum"` // of the last accepted peer
	Forms       map[netip.Addr]peerLegacy `json:"peers,omitempty"`
	Multicast   ChecksumForm              `json:"multicast"`
	PeerKey     uint8                     `json:"peer_key,omitempty"`
	ClockSkew   time.Duration             `json:"clock_skew,omitempty"`
	UpAt        legacy.Offset             `json:"up,omitempty"`    // when it left Initialize last
	HeardAt     legacy.Offset             `json:"heard,omitempty"` // when an advertisement was accepted last
	Claimant    [6]byte                   `json:"claimant"`
	HMAC        *hmacLegacy               `json:"hmac,omitempty"`
	AHCount     uint32                    `json:"ah_count,omitempty"`
	Maintenance bool                      `json:"maintenance,omitempty"`
	Joined      bool                      `json:"joined,omitempty"`   // moves with its group
	Excluded    string                    `json:"excluded,omitempty"` // by its group, for this member
	Trackers    map[string]track.Reading  `json:"trackers,omitempty"`
}

// peerLegacy is what was known of a peer.
type peerLegacy struct {
	Form ChecksumForm `json:"checksum"`
}

// transitionLegacy is a [Transition], with the text of its error.
type transitionLegacy struct {
	At           legacy.Offset `json:"at"`
	From         State         `json:"from"`
	To           State         `json:"to"`
	Reason       Reason        `json:"reason"`
	Peer         netip.Addr    `json:"peer,omitzero"`
	PeerPriority uint8         `json:"peer_priority,omitempty"`
	Late         time.Duration `json:"late,omitempty"`
	Err          string        `json:"error,omitempty"`
	By           string        `json:"by,omitempty"`
}

// legacy returns the transition for another process, nil if there was none.
func (t *Transition) legacy(c legacy.Clock) *transitionLegacy {
	if t.At.IsZero() {
		return nil
	}
	l := &transitionLegacy{At: c.Offset(t.At), From: t.From, To: t.To, Reason: t.Reason, Peer: t.Peer, PeerPriority: t.PeerPriority, Late: t.Late, By: t.By}
	if t.Err != nil {
		l.Err = t.Err.Error()
	}
	return l
}

// transition returns the transition.
func (l *transitionLegacy) transition(c legacy.Clock) Transition {
	if l == nil {
		return Transition{}
	}
	t := Transition{At: c.Time(l.At), From: l.From, To: l.To, Reason: l.Reason, Peer: l.Peer, PeerPriority: l.PeerPriority, Late: l.Late, By: l.By}
	if l.Err != "" {
		t.Err = errors.New(l.Err)
	}
	return t
}

// legacy returns what the virtual router leaves.
func (v *VirtualRouter) legacy(c legacy.Clock) virtualLegacy {
	l := virtualLegacy{
		Identity: v.identity(), Machine: legacyOf(v.machine, c), Seat: v.seat.Legacy(), Last: v.last.legacy(c),
		Stats: v.stats.stats(), Form: v.form, Multicast: v.groupForm, Claimant: v.claimant,
		PeerKey: v.peerKey, ClockSkew: v.clockSkew, UpAt: c.Offset(v.clock().Time(v.up)), HeardAt: c.Offset(v.clock().Time(v.heardAt)),
		HMAC: v.hmac.legacy(), Maintenance: v.bars().maintenance, Excluded: v.bars().group, Joined: v.place != nil && v.place.Joined(),
	}
	if v.ah != nil {
		l.AHCount = v.ah.count
	}
	for _, p := range v.peers {
		if l.Forms == nil {
			l.Forms = map[netip.Addr]peerLegacy{}
		}
		l.Forms[p.Addr] = peerLegacy{p.form}
	}
	for _, s := range v.watch.Status() {
		if l.Trackers == nil {
			l.Trackers = map[string]track.Reading{}
		}
		l.Trackers[s.Name] = s.Reading
	}
	return l
}

// check reports what no virtual router can have left.
func (l *virtualLegacy) check() error {
	bad := l.Form > ChecksumPseudoGroup || l.Multicast > ChecksumPseudoGroup
	for _, p := range l.Forms {
		bad = bad || p.Form > ChecksumPseudoGroup
	}
	for _, h := range l.Seat.Held {
		bad = bad || !h.Prefix.IsValid()
	}
	for _, leg := range l.Seat.Legs {
		bad = bad || leg.Source.IsValid() && leg.Source.Is6() != l.Identity.Group.Is6()
	}
	if last := l.Last; last != nil {
		bad = bad || last.From > Active || last.To > Active || last.Reason >= numReasons
	}
	if bad || len(l.Seat.Legs) > 1 || l.Machine.Priority == PriorityOwner != l.Identity.Owner {
		return &ValueError{Name: "legacy", Value: l.Identity, Allowed: "what another Router has left"}
	}
	return l.Machine.check()
}

// inherit takes what another process has left of this virtual router, and returns what
// the machine wants done for the configuration being another one.
func (v *VirtualRouter) inherit(now time.Time, c legacy.Clock, l *virtualLegacy) ([]Action, error) {
	actions, err := l.Machine.restore(v.machine, now, c)
	if err != nil {
		return nil, err
	}
	v.seat.Inherit(l.Seat)
	v.last, v.form, v.claimant, v.peerKey, v.clockSkew = l.Last.transition(c), l.Form, l.Claimant, l.PeerKey, l.ClockSkew
	v.stats.inherit(l.Stats)
	v.up, v.heardAt = v.clock().Instant(c.Time(l.UpAt)), v.clock().Instant(c.Time(l.HeardAt))
	v.groupForm = l.Multicast
	for i := range v.peers {
		if p, ok := l.Forms[v.peers[i].Addr]; ok {
			v.peers[i].form = p.Form
		}
	}
	v.hmac.inherit(l.HMAC)
	if v.ah != nil {
		v.ah.count = max(v.ah.count, l.AHCount)
	}
	v.watch.Resume(l.Trackers)
	v.setBars(func(b *bars) { *b = bars{b.maintenance || l.Maintenance, l.Excluded, v.watch.Effect().FaultBy} })
	reason, _ := v.barred()
	v.seat.Bar(reason != ReasonNone)
	return slices.Clone(actions), nil
}

// hmacLegacy is what was sent and received by an [HMAC].
type hmacLegacy struct {
	Sent   Sequence     `json:"sent"`
	Sender bool         `json:"sender"`
	Marks  []markLegacy `json:"marks,omitempty"`
}

// markLegacy is the last sequence number of a sender.
type markLegacy struct {
	Source netip.Addr `json:"source"`
	Last   Sequence   `json:"last"`
}

// legacy returns what was sent and received, nil without an HMAC.
func (a *HMAC) legacy() *hmacLegacy {
	if a == nil {
		return nil
	}
	l := &hmacLegacy{Sent: a.sent, Sender: a.sender}
	for _, m := range a.replay.marks {
		l.Marks = append(l.Marks, markLegacy{m.src, m.last})
	}
	return l
}

// inherit takes that over, as far as there is room.
func (a *HMAC) inherit(l *hmacLegacy) {
	if a == nil || l == nil {
		return
	}
	a.sent, a.sender = l.Sent, l.Sender
	a.replay.marks = a.replay.marks[:0]
	for _, m := range l.Marks[:min(len(l.Marks), cap(a.replay.marks))] {
		a.replay.marks = append(a.replay.marks, mark{m.Source, m.Last})
	}
}
