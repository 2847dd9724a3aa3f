// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Bounds of what is kept, whatever is sent.
const (
	maxClusters = 512
	maxRejected = 64
	maxRate     = 50 // events in a second
)

// An observer makes out of frames who speaks on the links. It has no clock and does no
// I/O: times are arguments, and must not go back. It is not safe for concurrent
// use.
type observer struct {
	clusters map[clusterKey]*cluster
	links    []string // that were given, and those with VLANs on them
	rejected map[rejection]uint64
	events   events
	leftOut  uint64 // messages of clusters that there was no room for
	version  uint64 // grows with every change
	evicted  uint64 // version at which a cluster was last forgotten
	now      time.Time
	due      time.Time // no deadline is before
	second   time.Time // in which events are counted
	inSecond int
}

// A rejection is a kind of packet that is of the protocol and wrong.
type rejection struct{ link, src, why string }

func newObserver(links ...string) *observer {
	return &observer{clusters: map[clusterKey]*cluster{}, rejected: map[rejection]uint64{}, links: slices.Clone(links)}
}

// frame takes a frame that arrived by a link, and may change it.
func (o *observer) frame(at time.Time, link string, b []byte) {
	o.tick(at)
	p, ok := decodePacket(b)
	if !ok {
		return
	}
	link += p.vlan
	if p.claim {
		o.claim(link, &p)
		return
	}
	m, err := parseMessage(&p)
	if err != nil {
		o.reject(rejection{link, p.Src.String(), reason(err)})
		return
	}
	if c := o.cluster(clusterKey{link, m.protocol, m.src.Is6(), m.id}); c != nil {
		o.report(c, c.hear(o.now, m))
		if d, s, _ := c.deadline(); s != nil && d.Before(o.due) {
			o.due = d
		}
	}
}

// tick has the time go on: who was not heard in time is active no more.
func (o *observer) tick(now time.Time) {
	for !now.Before(o.due) {
		var first *cluster
		o.due = now.Add(time.Hour)
		for _, c := range o.clusters {
			if at, s, _ := c.deadline(); s != nil && at.Before(o.due) {
				first, o.due = c, at
			}
		}
		if o.due.After(now) {
			break
		}
		at, s, state := first.deadline()
		o.advance(at)
		o.report(first, first.expire(at, s, state))
	}
	o.advance(now)
}

// advance sets the time, which never goes back.
func (o *observer) advance(now time.Time) {
	if now.After(o.now) {
		o.now = now
	}
}

// cluster returns the one with a key, a new one if there is none, and nil if there is
// no room: one of which nobody is active makes room.
func (o *observer) cluster(k clusterKey) *cluster {
	if c := o.clusters[k]; c != nil {
		return c
	}
	if len(o.clusters) >= maxClusters && !o.evict() {
		o.leftOut++
		return nil
	}
	c := &cluster{clusterKey: k}
	o.clusters[k] = c
	o.addLink(k.link)
	return c
}

// addLink has a link shown.
func (o *observer) addLink(link string) {
	if !slices.Contains(o.links, link) && len(o.links) < maxClusters {
		o.links = append(o.links, link)
		slices.Sort(o.links)
	}
}

// evict forgets the cluster that was changed longest ago of those without a holder.
func (o *observer) evict() bool {
	var oldest *cluster
	for _, c := range o.clusters {
		if c.holder() == nil && (oldest == nil || c.changed < oldest.changed) {
			oldest = c
		}
	}
	if oldest != nil {
		delete(o.clusters, oldest.clusterKey)
		o.version++
		o.evicted = o.version
	}
	return oldest != nil
}

// report puts events of a cluster down, which has changed. There are never more in a
// second than anybody reads.
func (o *observer) report(c *cluster, list []event) {
	o.version++
	if c != nil {
		c.changed = o.version
	}
	for _, e := range list {
		if o.now.Sub(o.second) >= time.Second {
			if more := o.inSecond - maxRate; more > 0 {
				o.events.add(event{At: o.now, Cluster: "all", Kind: kindRejected, Text: fmt.Sprintf("%d more events were left out", more)})
			}
			o.second, o.inSecond = o.now, 0
		}
		if o.inSecond++; o.inSecond <= maxRate {
			o.events.add(e)
		}
	}
}

// claim takes a claim of an address.
func (o *observer) claim(link string, p *received) {
	for _, c := range o.clusters {
		if c.link == link && c.concerns(p.binding) {
			o.report(c, c.claimed(o.now, p.binding))
		}
	}
}

// reject counts a packet, and tells the first of its kind.
func (o *observer) reject(r rejection) {
	if n := o.rejected[r]; n > 0 || len(o.rejected) < maxRejected {
		o.rejected[r]++
		if n == 0 {
			text := "packets of " + r.src + " are rejected: " + r.why
			o.report(nil, []event{{At: o.now, Cluster: r.link, Kind: kindRejected, Text: text}})
		}
	}
}

// reason is what kind of fault a packet has.
func reason(err error) string {
	if e := (*vrrp.PacketError)(nil); errors.As(err, &e) {
		return "VRRP: " + e.Fault.String()
	}
	if e := (*carp.PacketError)(nil); errors.As(err, &e) {
		return "CARP: " + e.Fault.String()
	}
	return err.Error()
}

// sorted returns the clusters by link, identifier, protocol and family.
func (o *observer) sorted() []*cluster {
	var list []*cluster
	for _, c := range o.clusters {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *cluster) int {
		return cmp.Or(cmp.Compare(a.link, b.link), cmp.Compare(a.id, b.id), cmp.Compare(a.protocol, b.protocol), b2i(a.v6)-b2i(b.v6))
	})
	return list
}
