// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// clusterKey tells clusters apart. Over IPv4 and IPv6 there are different virtual
// routers with one VRID; a virtual host of CARP with both is shown once for each.
type clusterKey struct {
	link     string // with its VLAN tags
	protocol protocol
	v6       bool
	id       uint8
}

func (k clusterKey) String() string {
	family := "IPv4"
	if k.v6 {
		family = "IPv6"
	}
	return fmt.Sprintf("%s %v %d %s", k.link, k.protocol, k.id, family)
}

// virtualMAC is the one that the cluster's addresses have where it uses it (RFC 9568
// section 7.3). CARP takes that of IPv4 for both families.
func (k clusterKey) virtualMAC() [6]byte {
	family := byte(1)
	if k.v6 && k.protocol == vrrpProtocol {
		family = 2
	}
	return [6]byte{0x00, 0x00, 0x5e, 0x00, family, k.id}
}

// isVirtual reports whether a MAC address is the virtual one, or that of ucarp.
func (k clusterKey) isVirtual(mac [6]byte) bool {
	return mac == k.virtualMAC() || k.protocol == carpProtocol && mac == [6]byte{0x00, 0x00, 0x5e, 0x00, 0x00, k.id}
}

// maxSpeakers is how many are kept of a cluster.
const maxSpeakers = 8

// A cluster is all that speak with one identifier on a link.
type cluster struct {
	clusterKey
	speakers []*speaker // by address
	claims   claims
	timeline timeline
	previous netip.Addr // the last holder
	ended    string     // how that ended
	endedAt  time.Time
	changed  uint64 // version of the observer at the last change
	leftOut  uint64 // messages of speakers that there was no room for
}

// speaker returns the one with an address, a new one if there is none, and nil if
// there is no room: the one not heard for longest makes room unless it is active.
func (c *cluster) speaker(addr netip.Addr) *speaker {
	i, found := slices.BinarySearchFunc(c.speakers, addr, func(s *speaker, a netip.Addr) int { return s.addr.Compare(a) })
	if found {
		return c.speakers[i]
	}
	s := &speaker{addr: addr}
	if len(c.speakers) < maxSpeakers {
		c.speakers = slices.Insert(c.speakers, i, s)
		return s
	}
	oldest := slices.MinFunc(c.speakers, func(a, b *speaker) int { return a.heard.Compare(b.heard) })
	if oldest.state == stateActive {
		return nil
	}
	c.speakers = slices.DeleteFunc(c.speakers, func(s *speaker) bool { return s == oldest })
	return c.speaker(addr)
}

// hear takes a message, and returns what there is to tell about it.
func (c *cluster) hear(at time.Time, m message) (list []event) {
	s := c.speaker(m.src)
	if s == nil {
		c.leftOut++
		return nil
	}
	was := s.state
	measured := was == stateActive || was == stateSilent && len(c.active()) == 0
	for _, change := range s.take(at, m, measured) {
		list = append(list, c.event(at, kindChange, s.addr.String()+" "+change))
	}
	switch crossing := was == stateBackup && at.Sub(s.yielded) < s.interval/2; {
	case m.goodbye:
		c.end(s, at, stateLeft, "said goodbye")
	case !crossing: // else it was on its way while a better one began
		if was != stateActive {
			c.overrule(at, s)
		}
		s.state = stateActive
	}
	return append(list, c.update(at)...)
}

// overrule has those that a new one is better than yield to it.
func (c *cluster) overrule(at time.Time, by *speaker) {
	for _, s := range c.active() {
		if s != by && by.isPrior(&s.message) {
			s.yielded = at
			c.end(s, at, stateBackup, "was overruled")
		}
	}
}

// end has a speaker be active no more.
func (c *cluster) end(s *speaker, at time.Time, state speakerState, how string) {
	if s.state == stateActive && c.holder() == s {
		c.previous, c.ended, c.endedAt = s.addr, how, at
	}
	s.state = state
}

// active returns those that hold the role, the one that is to have it first.
func (c *cluster) active() (list []*speaker) {
	for _, s := range c.speakers {
		if s.state == stateActive {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b *speaker) int {
		return cmp.Compare(b2i(b.isPrior(&a.message)), b2i(a.isPrior(&b.message)))
	})
	return list
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// holder returns who has the role, nil if nobody.
func (c *cluster) holder() *speaker {
	if list := c.active(); len(list) > 0 {
		return list[0]
	}
	return nil
}

// addresses returns what the holder says, or who was heard last.
func (c *cluster) addresses() []netip.Addr {
	if h := c.holder(); h != nil {
		return h.message.addresses
	}
	if len(c.speakers) == 0 {
		return nil
	}
	return slices.MaxFunc(c.speakers, func(a, b *speaker) int { return a.heard.Compare(b.heard) }).message.addresses
}

// deadline returns the first at which a speaker will no longer be taken for active.
func (c *cluster) deadline() (at time.Time, s *speaker, state speakerState) {
	for i, a := range c.active() {
		if d, to := a.deadline(i > 0); s == nil || d.Before(at) {
			at, s, state = d, a, to
		}
	}
	return at, s, state
}

// expire has a speaker that was not heard be active no more.
func (c *cluster) expire(at time.Time, s *speaker, state speakerState) []event {
	c.end(s, at, state, fmt.Sprintf("was silent for %v", rounded(at.Sub(s.heard))))
	return c.update(at)
}

// update puts down who holds the role, and returns the event if that has changed.
func (c *cluster) update(at time.Time) []event {
	list := c.active()
	now := span{from: at, holders: len(list)}
	if len(list) > 0 {
		now.holder = list[0].addr
	}
	var before span
	if n := len(c.timeline); n > 0 {
		before = c.timeline[n-1]
	}
	if len(c.timeline) == 0 && len(list) == 0 || !c.timeline.change(now) {
		return nil
	}
	if len(list) > 1 {
		return []event{c.event(at, kindConflict, fmt.Sprintf("%d are %s at once: %s", len(list), c.protocol.active(), names(list)))}
	}
	return []event{c.event(at, kindTransition, c.transition(at, before, list))}
}

// transition tells who holds the role, at most one, and since what.
func (c *cluster) transition(at time.Time, before span, list []*speaker) string {
	if len(list) == 0 {
		return fmt.Sprintf("nobody is %s: %v %s", c.protocol.active(), c.previous, c.ended)
	}
	s := list[0]
	text := fmt.Sprintf("%v is %s, %s", s.addr, c.protocol.active(), s.rankText())
	switch {
	case before.holders > 1:
		return text + ", alone again"
	case !c.previous.IsValid():
		return text
	case c.previous == s.addr:
		return text + ", again: it " + c.ended
	}
	text += fmt.Sprintf("; %v %s", c.previous, c.ended)
	if gap := rounded(at.Sub(c.endedAt)); gap > 0 {
		text += fmt.Sprintf(", %v before", gap)
	}
	return text
}

// names lists speakers with what they are compared by.
func names(list []*speaker) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, fmt.Sprintf("%v (%s)", s.addr, s.rankText()))
	}
	return strings.Join(parts, ", ")
}

func (c *cluster) event(at time.Time, kind, text string) event {
	return event{At: at, Cluster: c.clusterKey.String(), Kind: kind, Text: text}
}

// rounded is a time as it is shown.
func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
