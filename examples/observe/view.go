// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"
)

// A view is what an observer knows, as it is shown.
type view struct {
	At       time.Time     `json:"at"`
	Full     bool          `json:"full"`     // else only the clusters that have changed
	Clusters []clusterView `json:"clusters"` // those to show
	Links    []linkView    `json:"links"`
	Rejected uint64        `json:"rejected"`
	LeftOut  uint64        `json:"leftOut"`
}

type linkView struct {
	Name string `json:"name"`
	Free string `json:"free"` // identifiers
}

type clusterView struct {
	Key        string        `json:"key"`
	Active     string        `json:"active"` // what the state is called
	Holder     string        `json:"holder"`
	Addresses  string        `json:"addresses"`
	VirtualMAC string        `json:"virtualMAC"`
	Speakers   []speakerView `json:"speakers"`
	Claims     []string      `json:"claims"`
	Findings   []string      `json:"findings"`
	Timeline   []spanView    `json:"timeline"`
}

type speakerView struct {
	Addr     string    `json:"addr"`
	MAC      string    `json:"mac"`
	State    string    `json:"state"`
	Active   bool      `json:"active"`
	Rank     string    `json:"rank"`
	Interval string    `json:"interval"`
	Form     string    `json:"form"`
	Heard    time.Time `json:"heard"`
	Count    uint64    `json:"count"`
	Last     string    `json:"last"`  // margin
	Least    string    `json:"least"` // of those that are kept
	Margins  []int16   `json:"margins"`
}

type spanView struct {
	From    int64  `json:"from"` // ms since 1970
	Holder  string `json:"holder"`
	Holders int    `json:"holders"`
}

// view returns the clusters that have changed since a version of the observer, and all
// if since is 0 or a cluster was forgotten since.
func (o *observer) view(since uint64) view {
	if since < o.evicted {
		since = 0
	}
	v := view{At: o.now, Full: since == 0, Clusters: []clusterView{}, Links: []linkView{}, LeftOut: o.leftOut}
	used := map[string]*identifiers{}
	for _, c := range o.sorted() {
		if used[c.link] == nil {
			used[c.link] = &identifiers{}
		}
		used[c.link][c.id] = true
		if since == 0 || c.changed > since {
			v.Clusters = append(v.Clusters, o.clusterView(c))
		}
	}
	for _, name := range o.links {
		ids := used[name]
		if ids == nil {
			ids = &identifiers{}
		}
		v.Links = append(v.Links, linkView{name, ids.free()})
	}
	for _, n := range o.rejected {
		v.Rejected += n
	}
	return v
}

func (o *observer) clusterView(c *cluster) clusterView {
	v := clusterView{Key: c.clusterKey.String(), Active: c.protocol.active(), VirtualMAC: macText(c.virtualMAC()),
		Speakers: []speakerView{}, Claims: []string{}, Findings: []string{}, Timeline: []spanView{}}
	v.Findings = append(v.Findings, c.findings(o.now)...)
	if other, ok := o.clash(c); ok {
		v.Findings = append(v.Findings, "has the identifier and virtual MAC address of "+other.clusterKey.String())
	}
	if h := c.holder(); h != nil {
		v.Holder = h.addr.String()
	}
	v.Addresses = joined(c.addresses())
	for _, s := range c.speakers {
		v.Speakers = append(v.Speakers, s.view(c.protocol))
	}
	for _, cl := range c.claims {
		v.Claims = append(v.Claims, fmt.Sprintf("%v at %s", cl.addr, c.macOwner(cl.mac)))
	}
	for _, s := range c.timeline {
		holder := ""
		if s.holder.IsValid() {
			holder = s.holder.String()
		}
		v.Timeline = append(v.Timeline, spanView{s.from.UnixMilli(), holder, s.holders})
	}
	return v
}

func (s *speaker) view(p protocol) speakerView {
	return speakerView{
		Addr: s.addr.String(), MAC: macText(s.mac), State: s.state.text(p), Active: s.state == stateActive,
		Rank: s.rankText(), Interval: rounded(s.interval).String(), Form: s.form, Heard: s.heard, Count: s.count,
		Last: percent(s.margins.last()), Least: percent(s.margins.least()), Margins: append([]int16{}, s.margins...),
	}
}

// percent writes a margin.
func percent(n int, ok bool) string {
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d %%", n)
}
