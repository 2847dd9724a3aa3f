// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"slices"
	"strings"
	"time"
)

// maxWeight bounds a single weight, so that no sum of them overflows.
const maxWeight = 1 << 24

// Demotion is a reason why a host is less fit to be Master than it is configured
// to be, such as a link that is down or a firewall state that isn't in sync yet.
type Demotion struct {
	Reason string `json:"reason"`
	// Weight is added to advskew (net.inet.carp.demotion; FreeBSD demotes by 240
	// for most reasons) or, with Config.DemoteOctet, to the demotion that is
	// advertised (carpdemote of OpenBSD's ifconfig, which adds 1). A negative one
	// makes up for others.
	Weight int `json:"weight"`
}

// Demotions is a set of reasons to be demoted, of a virtual host or of all that a
// host takes part in. A reason is in it or not, however often it is set or
// cleared: unlike with the counters of the BSDs (carp_demote_adj, carp_group_demote_adj)
// nothing remains of a demotion that is over. The zero value is empty and ready to
// use. It is not safe for concurrent use.
type Demotions struct{ weights map[string]int }

// Set puts a reason in, with its weight, or changes its weight. It reports
// whether that changes anything.
func (d *Demotions) Set(reason string, weight int) bool {
	weight = min(max(weight, -maxWeight), maxWeight)
	if before, ok := d.weights[reason]; ok && before == weight {
		return false
	}
	if d.weights == nil {
		d.weights = map[string]int{}
	}
	d.weights[reason] = weight
	return true
}

// Clear takes a reason out, and reports whether it was in.
func (d *Demotions) Clear(reason string) bool {
	_, ok := d.weights[reason]
	delete(d.weights, reason)
	return ok
}

// Sum returns the sum of the weights. It is bounded only where it is used, so that
// each reason counts for what it is as soon as others are gone.
func (d *Demotions) Sum() int {
	sum := 0
	for _, weight := range d.weights {
		sum += weight
	}
	return sum
}

// List returns the reasons in alphabetical order.
func (d *Demotions) List() []Demotion {
	var list []Demotion
	for reason, weight := range d.weights {
		list = append(list, Demotion{reason, weight})
	}
	slices.SortFunc(list, func(a, b Demotion) int { return strings.Compare(a.Reason, b.Reason) })
	return list
}

// Demote gives a reason to demote this virtual host, or changes its weight. A
// Master whose rank changes by it says so at once (carp_demote_adj), so that a
// better peer that preempts takes over; the wait of a Backup changes too. A
// demoted Master that nobody preempts stays: [Machine.Resign] moves it.
func (m *Machine) Demote(now time.Time, reason string, weight int) []Action {
	return m.demote(now, func() { m.demoted.Set(reason, weight) })
}

// Undemote takes a reason back. One that wasn't given doesn't matter.
func (m *Machine) Undemote(now time.Time, reason string) []Action {
	return m.demote(now, func() { m.demoted.Clear(reason) })
}

// DemoteHost sets what the demotions of the whole host add up to
// (net.inet.carp.demotion), which is added to those of this virtual host. It has
// the effect of [Machine.Demote].
func (m *Machine) DemoteHost(now time.Time, sum int) []Action {
	return m.demote(now, func() { m.hostSum = min(max(sum, -maxWeight), maxWeight) })
}

// demote changes the demotion.
func (m *Machine) demote(now time.Time, change func()) []Action {
	m.begin()
	rank, down := m.Rank(), m.DownInterval()
	change()
	m.demotion = m.hostSum + m.demoted.Sum()
	m.rankChanged(now, rank)
	m.shiftDownTimer(down)
	return m.actions
}

// Demotion returns the sum of all demotions, those of the host included.
func (m *Machine) Demotion() int { return m.demotion }

// Demotions returns the reasons to demote this virtual host in alphabetical order.
func (m *Machine) Demotions() []Demotion { return m.demoted.List() }

// skew returns advskew with the demotion, 254 at most (DEMOTE_ADVSKEW of FreeBSD,
// which goes to 240, even for what is configured). It never makes the interval 0.
func (m *Machine) skew() uint8 {
	if m.cfg.DemoteOctet {
		return m.cfg.AdvSkew
	}
	least := 0
	if m.cfg.AdvBase == 0 {
		least = 1
	}
	return uint8(min(max(int(m.cfg.AdvSkew)+m.demotion, least), maxSkew))
}
