// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// condition is what a node is in: off, or a state of its virtual router.
type condition string

const (
	off        condition = "off"
	initialize condition = "Initialize"
	backup     condition = "Backup"
	active     condition = "Active"
)

// conditionOf returns what a node is in whose virtual router is in a state.
func conditionOf(s vrrp.State) condition {
	return [...]condition{vrrp.Initialize: initialize, vrrp.Backup: backup, vrrp.Active: active}[s]
}

// history is what happened. All times count from the beginning.
type history struct {
	Place    string // where it happened, in a few words
	End      time.Duration
	Chapters []beginning
	Changes  []change
	Adverts  []advert
	Pings    []pings
}

// beginning is that of a chapter of the story.
type beginning struct {
	At    time.Duration
	Title string
}

// change is what a node says that has become of it.
type change struct {
	At     time.Duration
	Node   int
	To     condition
	Reason vrrp.Reason
	Text   string // for people
}

// advert is an advertisement as it was seen on the wire.
type advert struct {
	At       time.Duration
	Node     int
	Priority uint8
}

// pings are echo requests in a row that one node answered, or nobody.
type pings struct {
	From, To time.Duration // when the first and the last were sent
	Count    int
	By       int           // node, or nobody
	Gap      time.Duration // the longest time from one to the next, the one before From included
}

// record takes down a history while it happens. It is safe for concurrent use.
type record struct {
	mu sync.Mutex
	history
}

// snapshot returns the history up to a time.
func (r *record) snapshot(now time.Duration) history {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.history
	h.End = now
	h.Chapters, h.Changes = slices.Clone(h.Chapters), slices.Clone(h.Changes)
	h.Adverts, h.Pings = slices.Clone(h.Adverts), slices.Clone(h.Pings)
	return h
}

// chapter notes the beginning of a chapter.
func (r *record) chapter(at time.Duration, title string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Chapters = append(r.Chapters, beginning{at, title})
}

// started notes that a node's router was started, ended that it is gone.
func (r *record) started(at time.Duration, node int) {
	r.changed(change{At: at, Node: node, To: initialize, Text: "started"})
}

func (r *record) ended(at time.Duration, node int) {
	r.changed(change{At: at, Node: node, To: off, Text: "ended"})
}

// moved notes a transition of a node's virtual router.
func (r *record) moved(at time.Duration, node int, t vrrp.Transition) {
	r.changed(change{At: at, Node: node, To: conditionOf(t.To), Reason: t.Reason, Text: t.String()})
}

func (r *record) changed(c change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Changes = append(r.Changes, c)
}

// advertised notes an advertisement on the wire.
func (r *record) advertised(at time.Duration, node int, priority uint8) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Adverts = append(r.Adverts, advert{at, node, priority})
}

// pinged notes what became of an echo request, in the order they were sent.
func (r *record) pinged(at time.Duration, by int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var gap time.Duration
	if last := len(r.Pings) - 1; last >= 0 {
		p := &r.Pings[last]
		gap = at - p.To
		if p.By == by {
			p.To, p.Gap = at, max(p.Gap, gap)
			p.Count++
			return
		}
	}
	r.Pings = append(r.Pings, pings{From: at, To: at, Count: 1, By: by, Gap: gap})
}

// condition returns what a node is in.
func (h *history) condition(node int) condition {
	for _, c := range slices.Backward(h.Changes) {
		if c.Node == node {
			return c.To
		}
	}
	return off
}

// answering returns who answered the last echo request that the outcome is known
// of, and when that was sent.
func (h *history) answering() (by int, at time.Duration) {
	if len(h.Pings) == 0 {
		return nobody, 0
	}
	last := h.Pings[len(h.Pings)-1]
	return last.By, last.To
}

// chapterTimes returns when a chapter begins and ends.
func (h *history) chapterTimes(chapter int) (from, to time.Duration) {
	from, to = h.Chapters[chapter].At, h.End
	if chapter+1 < len(h.Chapters) {
		to = h.Chapters[chapter+1].At
	}
	return from, to
}
