// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// takeovers returns the takeovers of all chapters.
func (h *history) takeovers() []takeover {
	var all []takeover
	for i := range h.Chapters {
		if t, ok := h.takeover(i); ok {
			all = append(all, t)
		}
	}
	return all
}

// writeTable writes the figures of every takeover.
func writeTable(w io.Writer, h *history) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  chapter\ttaken over by\tafter\tprotocol\t\tpings lost\tno answer for")
	for _, t := range h.takeovers() {
		lost, outage := "-", "-"
		if t.Watched {
			lost, outage = fmt.Sprintf("%d of %d", t.Lost, t.Pings), millis(t.Outage)
		}
		fmt.Fprintf(tw, "  %d %s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.Chapter+1, h.Chapters[t.Chapter].Title, name(t.Node),
			millis(t.took()), millis(t.Limit), t.Timer, lost, outage)
	}
	return tw.Flush()
}

// sentences tells a takeover.
func (t *takeover) sentences() []string {
	return []string{
		fmt.Sprintf("%s took over %s after %s: %v", name(t.Node), millis(t.took()), t.Since, t.Reason),
		fmt.Sprintf("the protocol says %s (%s)%s", millis(t.Limit), t.Timer, t.loss()),
	}
}

// caption tells it in short lines, without what took so long.
func (t *takeover) caption() []string {
	return []string{
		fmt.Sprintf("%s takes over: %v", name(t.Node), t.Reason),
		fmt.Sprintf("%s %s%s", t.Timer, millis(t.Limit), t.loss()),
	}
}

// loss tells what the client noticed.
func (t *takeover) loss() string {
	switch {
	case !t.Watched:
		return ""
	case t.Lost == 0:
		return fmt.Sprintf("; none of %d pings lost", t.Pings)
	}
	return fmt.Sprintf("; %d of %d pings lost", t.Lost, t.Pings)
}

// millis writes a time that was measured in milliseconds, to a tenth; whole one
// that was chosen.
func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func whole(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
