// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"time"

	"github.com/go-fhrp/fhrp/internal/timeline"
)

// color returns the colour of a node.
func color(node int) timeline.Color {
	return [numNodes]timeline.Color{{0x25, 0x63, 0xeb}, {0xd9, 0x77, 0x06}}[node]
}

// style returns how a node's lane looks while it is in a condition.
func style(node int, c condition) timeline.Style {
	gray := timeline.Color{0x6b, 0x72, 0x80}
	switch c {
	case active:
		return timeline.Style{Name: "Active", Letter: 'A', Color: color(node)}
	case backup:
		return timeline.Style{Name: "Backup", Letter: 'b', Color: color(node), Fill: timeline.Tint}
	case initialize:
		return timeline.Style{Name: "Initialize", Letter: 'i', Color: gray, Fill: timeline.Tint}
	}
	return timeline.Style{Name: "off", Letter: '.', Color: gray, Fill: timeline.Hollow}
}

// answer returns how the client's lane looks while a node answers it.
func answer(by int) timeline.Style {
	if by == nobody {
		return timeline.Style{Name: "lost", Letter: 'x', Color: timeline.Color{0xdc, 0x26, 0x26}, Alarm: true}
	}
	return timeline.Style{Name: name(by) + " answers", Letter: byte('1' + by), Color: color(by)}
}

// timeline returns the lanes of the nodes and of the client.
func (h *history) timeline() *timeline.Timeline {
	t := &timeline.Timeline{Length: h.End, TickName: "advertisement"}
	for node := range numNodes {
		t.Lanes = append(t.Lanes, h.nodeLane(node))
	}
	t.Lanes = append(t.Lanes, h.clientLane())
	for _, c := range h.Chapters {
		t.Marks = append(t.Marks, timeline.Mark{At: c.At, Name: c.Title})
	}
	return t
}

// nodeLane returns the lane of a node.
func (h *history) nodeLane(node int) timeline.Lane {
	l := timeline.Lane{Name: name(node), Note: fmt.Sprintf("priority %d", priority(node))}
	now, since := off, time.Duration(0)
	next := func(to condition, at time.Duration) {
		l.Spans = append(l.Spans, timeline.Span{From: since, To: at, Style: style(node, now)})
		now, since = to, at
	}
	for _, c := range h.Changes {
		if c.Node == node && c.To != now {
			next(c.To, c.At)
		}
	}
	next(off, h.End)
	for _, a := range h.Adverts {
		if a.Node == node {
			l.Ticks = append(l.Ticks, a.At)
		}
	}
	return l
}

// clientLane returns the lane of the client. What became of a ping holds until
// the next one was sent.
func (h *history) clientLane() timeline.Lane {
	l := timeline.Lane{Name: "client", Note: "every " + whole(pingInterval)}
	for i, p := range h.Pings {
		to := p.To + pingInterval
		if i+1 < len(h.Pings) {
			to = h.Pings[i+1].From
		}
		l.Spans = append(l.Spans, timeline.Span{From: p.From, To: to, Style: answer(p.By)})
	}
	return l
}

// Of a detail's window, this much is before and after the takeover.
const (
	detailBefore = 520 * time.Millisecond
	detailAfter  = 180 * time.Millisecond
)

// writePicture writes the history as SVG.
func writePicture(w io.Writer, h *history) error {
	t := h.timeline()
	t.Title = "VRRP fail-over of " + service().Addr().String()
	t.Subtitle = fmt.Sprintf("Two routers of version 3 with an advertisement every %s, and a client that pings every %s, %s.",
		whole(virtualRouter(node1, nil).Interval), whole(pingInterval), h.Place)
	for _, o := range h.takeovers() {
		if !o.Watched {
			continue
		}
		t.Details = append(t.Details, timeline.Detail{
			Number:  o.Chapter + 1,
			Title:   h.Chapters[o.Chapter].Title,
			Text:    o.caption(),
			From:    o.At - detailBefore,
			To:      o.At + detailAfter,
			Bracket: [2]time.Duration{o.From, o.At},
			Label:   millis(o.took()),
		})
	}
	return t.SVG(w)
}
