// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/legacy"
	"github.com/go-fhrp/fhrp/netif/track"
)

// legacyVersion is that of the form of [hostLegacy]. It changes with the meaning of any
// field: a host that knows another version refuses the legacy.
const legacyVersion = 1

// hostLegacy is what a [Host] leaves.
type hostLegacy struct {
	Made      int64           `json:"made"` // by the wall clock, in nanoseconds since 1970
	Stats     HostStats       `json:"stats"`
	Unsent    uint64          `json:"unsent,omitempty"`
	Demotions map[string]int  `json:"demotions,omitempty"` // but for those that the host is demoted for by itself
	Virtuals  []virtualLegacy `json:"virtual_hosts"`
}

// identity is what makes a virtual host the same one in two configurations: what
// [VirtualHost.Reconfigure] can't change.
type identity struct {
	Link       string `json:"link"`
	VHID       uint8  `json:"vhid"`
	VirtualMAC bool   `json:"virtual_mac,omitempty"`
	Groups     string `json:"groups"`
}

// identity returns that of a configuration.
func (c *VirtualHostConfig) identity() identity {
	var groups []netip.Addr
	for _, p := range c.paths() {
		groups = append(groups, p.group)
	}
	return identity{c.Link, c.VHID, c.VirtualMAC, fmt.Sprint(groups)}
}

// virtualLegacy is what a [VirtualHost] leaves.
type virtualLegacy struct {
	Identity    identity                 `json:"identity"`
	Machine     machineLegacy            `json:"machine"`
	Seat        engine.Legacy            `json:"seat"`
	Last        *transitionLegacy        `json:"last,omitempty"`
	Stats       Stats                    `json:"stats"`
	UpAt        legacy.Offset            `json:"up,omitempty"` // when it left Init last
	Paths       []pathLegacy             `json:"paths"`
	Heard       bool                     `json:"heard,omitempty"` // a peer's counter
	Counter     uint64                   `json:"counter,omitempty"`
	Recent      [recentSent][20]byte     `json:"recent"`
	RecentSent  int                      `json:"recent_sent,omitempty"`
	Strict      []strictLegacy           `json:"strict,omitempty"` // the oldest first
	SendErrors  int                      `json:"send_errors,omitempty"`
	Claimant    [6]byte                  `json:"claimant"`
	Maintenance bool                     `json:"maintenance,omitempty"`
	Joined      bool                     `json:"joined,omitempty"`   // moves with its group
	Excluded    string                   `json:"excluded,omitempty"` // by its group, for this member
	GroupReason string                   `json:"group_reason,omitempty"`
	Trackers    map[string]track.Reading `json:"trackers,omitempty"`
}

// pathLegacy is what was heard on a path.
type pathLegacy struct {
	HeardAt   legacy.Offset `json:"heard,omitempty"`
	HeardFrom netip.Addr    `json:"from,omitzero"`
	Match     Match         `json:"match"`
}

// strictLegacy is an advertisement that is remembered.
type strictLegacy struct {
	Digest [20]byte `json:"digest"`
	Rank   Rank     `json:"rank"`
}

// transitionLegacy is a [Transition], with the text of its error.
type transitionLegacy struct {
	At       legacy.Offset `json:"at"`
	From     State         `json:"from"`
	To       State         `json:"to"`
	Reason   Reason        `json:"reason"`
	Peer     netip.Addr    `json:"peer,omitzero"`
	PeerRank Rank          `json:"peer_rank"`
	Late     time.Duration `json:"late,omitempty"`
	Err      string        `json:"error,omitempty"`
	By       string        `json:"by,omitempty"`
}

// legacy returns the transition for another process, nil if there was none.
func (t *Transition) legacy(c legacy.Clock) *transitionLegacy {
	if t.At.IsZero() {
		return nil
	}
	l := &transitionLegacy{At: c.Offset(t.At), From: t.From, To: t.To, Reason: t.Reason, Peer: t.Peer, PeerRank: t.PeerRank, Late: t.Late, By: t.By}
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
	t := Transition{At: c.Time(l.At), From: l.From, To: l.To, Reason: l.Reason, Peer: l.Peer, PeerRank: l.PeerRank, Late: l.Late, By: l.By}
	if l.Err != "" {
		t.Err = errors.New(l.Err)
	}
	return t
}

// legacy returns what the virtual host leaves.
func (v *VirtualHost) legacy(c legacy.Clock) virtualLegacy {
	l := virtualLegacy{
		Identity: v.cfg.identity(), Machine: legacyOf(v.machine, c), Seat: v.seat.Legacy(), Last: v.last.legacy(c), Stats: v.stats, UpAt: c.Offset(v.up),
		Heard: v.counter.heard, Counter: v.counter.last, Recent: v.recent.digests, RecentSent: v.recent.sent, Strict: v.strict.legacy(),
		SendErrors: v.errors.failed, Claimant: v.claimant, Maintenance: v.bars.maintenance, Excluded: v.bars.group, GroupReason: v.bars.demoted,
		Joined: v.place != nil && v.place.Joined(),
	}
	for i := range v.paths {
		p := &v.paths[i]
		l.Paths = append(l.Paths, pathLegacy{c.Offset(p.heardAt), p.heardFrom, p.match})
	}
	for _, s := range v.watch.Status() {
		if l.Trackers == nil {
			l.Trackers = map[string]track.Reading{}
		}
		l.Trackers[s.Name] = s.Reading
	}
	return l
}

// check reports what no virtual host can have left.
func (l *virtualLegacy) check() error {
	bad := l.RecentSent < 0 || l.SendErrors < 0 || l.SendErrors > errorsToDemote || len(l.Seat.Legs) > 2 || len(l.Strict) > strictMemory
	for _, h := range l.Seat.Held {
		bad = bad || !h.Prefix.IsValid()
	}
	if last := l.Last; last != nil {
		bad = bad || last.From > Master || last.To > Master || last.Reason >= numReasons
	}
	if bad || l.Machine.Config.VHID != l.Identity.VHID {
		return &ValueError{Name: "legacy", Value: l.Identity, Allowed: "what another Host has left"}
	}
	return l.Machine.check()
}

// inherit takes what another process has left of this virtual host, and returns what the
// machine wants done for the configuration being another one.
func (v *VirtualHost) inherit(now time.Time, c legacy.Clock, l *virtualLegacy) ([]Action, error) {
	actions, err := l.Machine.restore(v.machine, now, c)
	if err != nil {
		return nil, err
	}
	v.seat.Inherit(l.Seat)
	v.last, v.stats, v.up, v.claimant = l.Last.transition(c), l.Stats, c.Time(l.UpAt), l.Claimant
	v.counter.heard, v.counter.last = l.Heard, l.Counter
	v.recent = recent{l.Recent, l.RecentSent}
	for _, s := range l.Strict {
		if v.strict != nil {
			v.strict.remember(&Advertisement{Digest: s.Digest, Demote: s.Rank.Demote, AdvBase: s.Rank.AdvBase, AdvSkew: s.Rank.AdvSkew})
		}
	}
	for i := range min(len(v.paths), len(l.Paths)) {
		p := l.Paths[i]
		v.paths[i].hear(c.Time(p.HeardAt), p.HeardFrom, p.Match)
	}
	v.watch.Resume(l.Trackers)
	v.bars = bars{maintenance: v.bars.maintenance || l.Maintenance, group: l.Excluded, demoted: l.GroupReason, fault: v.watch.Effect().FaultBy}
	reason, _ := v.barred()
	v.seat.Bar(reason != ReasonNone)
	v.errors.failed = l.SendErrors
	v.judgeSendErrors()
	return slices.Clone(actions), nil
}

// legacy returns what is remembered, the oldest first.
func (s *strict) legacy() (list []strictLegacy) {
	if s == nil {
		return nil
	}
	for i := range s.order {
		digest := s.order[(s.oldest+i)%len(s.order)]
		list = append(list, strictLegacy{digest, s.known[digest]})
	}
	return list
}
