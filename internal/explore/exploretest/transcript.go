// SPDX-License-Identifier: Apache-2.0

package exploretest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-fhrp/fhrp/internal/explore"
	"github.com/go-fhrp/fhrp/internal/transcript"
)

// line returns the line of a transcript that stands for an event.
func (g *group[M, C, A, P]) line(i int, e explore.Event) string {
	switch e.Kind {
	case explore.Receive:
		return fmt.Sprintf("receive %s src=%v", g.protocol.Packet(e.Payload), g.seats[e.From].Src)
	case explore.Claimed:
		return "claimed " + ServiceAddress().String()
	case explore.NotAdded:
		return fmt.Sprintf("added error=%q", errCannotAdd)
	case explore.Input:
		s := g.seats[i]
		return s.text(s.inputs[e.Payload])
	}
	return map[explore.EventKind]string{
		explore.Start: "start", explore.Stop: "stop", explore.LinkDown: "link down", explore.LinkUp: "link up",
		explore.Expire: "expire", explore.Added: "added", explore.Removed: "removed", explore.Slept: "slept",
		explore.Crash: "crash", explore.CrashWill: "crash will",
	}[e.Kind]
}

// transcript returns the way to what was found, played.
func (p *Protocol[M, C, A, P]) transcript(w *World[M, C, A, P], first *explore.Cluster, v *explore.Violation) string {
	var script strings.Builder
	fmt.Fprintf(&script, "# %s: %v\nseparate\n", w.Name, v.Err)
	for i, c := range w.Nodes {
		fmt.Fprintf(&script, "%s: node src=192.0.2.%d %s\n", w.Rules.Names[i], i+1, p.Words(c))
	}
	_, lines := first.Replay(w.Boot, v)
	for _, line := range lines {
		fmt.Fprintln(&script, line)
	}
	played, err := transcript.Play(w.Name, []byte(script.String()), p.Actor)
	if err != nil {
		return script.String() + err.Error()
	}
	return string(played)
}

// Word returns one of the words that a transcript is written with, or nothing if it is
// not needed.
func Word(needed bool, format string, args ...any) string {
	if !needed {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// Words returns a line of those that are needed.
func Words(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(w string) bool { return w == "" }), " ")
}
