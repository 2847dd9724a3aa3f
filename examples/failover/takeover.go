// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// takeover is how a node came to be Active in a chapter, and what the client
// noticed of it.
type takeover struct {
	Chapter int
	Node    int
	Reason  vrrp.Reason

	// The node's timer began at From, with what Since says, and its first
	// advertisement was on the wire at At: Limit later, as the protocol has it.
	From, At time.Duration
	Since    string
	Limit    time.Duration
	Timer    string // the protocol's name of the limit

	Watched bool          // the client was asking at the time
	Pings   int           // that it sent in the chapter
	Lost    int           // of these
	Outage  time.Duration // the longest time without an answer
	Gap     time.Duration // the longest time without a ping: the client itself was held up
	Moved   time.Duration // when the first ping was sent that the node answered
}

// took is how long the takeover took, to be compared with the limit.
func (t *takeover) took() time.Duration { return t.At - t.From }

// late is how much longer it took than the protocol has it.
func (t *takeover) late() time.Duration { return t.took() - t.Limit }

// takeover finds the last takeover in a chapter, and false if there was none.
func (h *history) takeover(chapter int) (takeover, bool) {
	from, to := h.chapterTimes(chapter)
	t := takeover{Chapter: chapter, Node: nobody}
	for _, c := range h.Changes {
		if c.To == active && c.At >= from && c.At < to {
			t.Node, t.Reason, t.At = c.Node, c.Reason, c.At
		}
	}
	if t.Node == nobody {
		return t, false
	}
	h.timeTakeover(&t, from)
	h.countPings(&t, from, to)
	return t, true
}

// timeTakeover measures what began the timer and what ended it. The node tells of
// its own transitions, advertisements are taken from the wire.
func (h *history) timeTakeover(t *takeover, from time.Duration) {
	skew, down := timers(t.Node)
	t.Limit, t.Timer = down, "Active Down Interval"
	if at, ok := h.firstAdvert(t.Node, from); ok {
		t.At = at
	}
	if last, ok := h.lastAdvert(peerOf(t.Node), t.At); ok {
		t.From, t.Since = last.At, "the last advertisement"
		if last.Priority == vrrp.PriorityGoodbye {
			t.Limit, t.Timer, t.Since = skew, "Skew Time", "the goodbye"
		}
	}
	for _, c := range h.Changes {
		if c.Node == t.Node && c.To == backup && c.At >= from && c.At < t.At {
			t.From, t.Since = c.At, "it began to listen"
			t.Limit, t.Timer = down, "Active Down Interval"
		}
	}
}

// firstAdvert returns when a node advertised first in a chapter that begins at a
// time, goodbyes apart.
func (h *history) firstAdvert(node int, from time.Duration) (time.Duration, bool) {
	for _, a := range h.Adverts {
		if a.Node == node && a.Priority != vrrp.PriorityGoodbye && a.At >= from {
			return a.At, true
		}
	}
	return 0, false
}

// lastAdvert returns the last advertisement of a node before a time.
func (h *history) lastAdvert(node int, before time.Duration) (last advert, ok bool) {
	for _, a := range h.Adverts {
		if a.Node == node && a.At < before {
			last, ok = a, true
		}
	}
	return last, ok
}

// countPings counts what the client sent in a chapter.
func (h *history) countPings(t *takeover, from, to time.Duration) {
	for _, p := range h.Pings {
		part := within(p, from, to)
		if part.Count == 0 {
			continue
		}
		t.Watched = t.Watched || part.From < t.At
		t.Pings += part.Count
		t.Gap = max(t.Gap, part.Gap)
		if t.Moved == 0 && p.By == t.Node {
			t.Moved = part.From
		}
		if p.By == nobody {
			t.Lost += part.Count
			t.Outage = max(t.Outage, part.To-part.From+pingInterval)
		}
	}
}

// within returns the part of a row of pings that was sent in a window; of those
// cut in two, as many as their share of the time.
func within(p pings, from, to time.Duration) pings {
	part := p
	part.From, part.To = max(p.From, from), min(p.To, to)
	switch {
	case part.From > part.To:
		return pings{}
	case part.From > p.From || part.To < p.To:
		part.Count = int((part.To-part.From)/pingInterval) + 1
	}
	return part
}
