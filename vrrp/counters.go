// SPDX-License-Identifier: Apache-2.0

package vrrp

// counters is the Stats of a virtual router, of which there may be thousands: what most
// never count has no place in memory before it is counted.
type counters struct {
	becameActive, received, sent, goodbyesReceived, goodbyesSent uint64
	forms                                                        [ChecksumPseudoGroup + 1]uint64 // accepted packets by the form of their checksum

	others *Stats // nil: nothing else was counted
}

// rare returns the counters of what most virtual routers never count.
func (c *counters) rare() *Stats {
	if c.others == nil {
		c.others = &Stats{}
	}
	return c.others
}

// accepted counts an advertisement.
func (c *counters) accepted(adv *Advertisement, form ChecksumForm) {
	c.received++
	if adv.Priority == PriorityGoodbye {
		c.goodbyesReceived++
	}
	if adv.Version == V3 && adv.Addresses[0].Is4() {
		c.forms[form]++
	}
}

// stats returns all of them.
func (c *counters) stats() (s Stats) {
	if c.others != nil {
		s = *c.others
	}
	s.BecameActive, s.Received, s.Sent = c.becameActive, c.received, c.sent
	s.GoodbyesReceived, s.GoodbyesSent = c.goodbyesReceived, c.goodbyesSent
	s.ChecksumMessage, s.ChecksumPseudoHeader, s.ChecksumPseudoGroup = c.forms[ChecksumMessage], c.forms[ChecksumPseudoHeader], c.forms[ChecksumPseudoGroup]
	return s
}

// inherit goes on from what a Router has counted before.
func (c *counters) inherit(s Stats) {
	c.becameActive, c.received, c.sent = s.BecameActive, s.Received, s.Sent
	c.goodbyesReceived, c.goodbyesSent = s.GoodbyesReceived, s.GoodbyesSent
	c.forms = [ChecksumPseudoGroup + 1]uint64{ChecksumMessage: s.ChecksumMessage, ChecksumPseudoHeader: s.ChecksumPseudoHeader, ChecksumPseudoGroup: s.ChecksumPseudoGroup}
	if s != c.stats() {
		c.others = &s
	}
}
