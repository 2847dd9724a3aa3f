// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/explore"
	"github.com/go-fhrp/fhrp/internal/transcript"
)

var exploreDepth = flag.Int("explore.depth", 0, "explore every world this many steps deep")

// mostStates bounds what one world takes of memory: about 1.5 GB.
const mostStates = 3000000

// exploreWorld is a small world and how far it is explored.
type exploreWorld struct {
	name   string
	nodes  []carp.Config
	rules  explore.Rules
	inputs []ownInput
	boot   bool // all have been started and have settled
	depth  int  // in every run
	long   int  // in a long one
	// slowest is the longest master-down time that there can be, if it isn't one of
	// the nodes'.
	slowest time.Duration
}

// All that can happen in small worlds happens, and what must hold holds. With
// -explore.depth, or with FHRP_LONG=1 in the environment, it goes deeper.
func TestExplore(t *testing.T) {
	var total atomic.Int64
	t.Run("worlds", func(t *testing.T) {
		for _, w := range exploreWorlds() {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				first, result, v := w.explore(t, w.steps())
				total.Add(int64(result.States))
				if v != nil {
					t.Errorf("%v\n%s", v, w.transcript(first, v))
				}
			})
		}
	})
	t.Logf("%d states in all", total.Load())
}

// Two hosts are Master for as long as a packet takes, and the bound that the
// healthy worlds have is no shorter.
func TestExploreTwoMasters(t *testing.T) {
	for _, w := range healthyWorlds()[:4] {
		t.Run(w.name, func(t *testing.T) {
			w.rules.TwoActive--
			first, _, v := w.explore(t, w.depth)
			if v == nil || !strings.Contains(v.Error(), "two that hear each other") {
				t.Fatalf("found %v", v)
			}
			t.Logf("%v\n%s", v, w.transcript(first, v))
		})
	}
}

// A way to a state leads to the same one in a transcript.
func TestExploreTranscript(t *testing.T) {
	for _, w := range healthyWorlds()[:4] {
		t.Run(w.name, func(t *testing.T) {
			w.rules.TwoActive--
			first, _, v := w.explore(t, w.depth)
			if v == nil {
				t.Fatal("nothing found")
			}
			end, _ := first.Replay(w.boot, v)
			var want []string
			for i, name := range w.rules.Names {
				if at, ok := end.Machine(i).Deadline(); ok {
					want = append(want, fmt.Sprintf("%s in %v", name, at.Sub(end.Now())))
				}
			}
			text := w.transcript(first, v)
			if line := "deadlines: " + strings.Join(want, ", "); !strings.Contains(text[strings.LastIndex(text, "deadlines"):], line) {
				t.Errorf("does not end with %q:\n%s", line, text)
			}
		})
	}
}

// explore explores the world.
func (w *exploreWorld) explore(t *testing.T, depth int) (first *explore.Cluster, r explore.Result, v *explore.Violation) {
	first = w.cluster(t)
	begun := first
	if w.boot {
		var err error
		if begun, err = first.Boot(); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	r, err := explore.Run(begun, explore.Config{Depth: depth, Limit: mostStates})
	t.Logf("%d nodes, %s: %v, in %v", len(w.nodes), w.rules.Amount(), r, time.Since(start).Round(10*time.Millisecond))
	if err != nil && !errors.As(err, &v) {
		t.Fatal(err)
	}
	return first, r, v
}

// steps returns how deep the world is explored.
func (w *exploreWorld) steps() int {
	switch {
	case *exploreDepth > 0:
		return *exploreDepth
	case os.Getenv("FHRP_LONG") == "1":
		return w.long
	case testing.Short():
		return min(w.depth-3, 4)
	}
	return w.depth
}

// cluster makes the world.
func (w *exploreWorld) cluster(t *testing.T) *explore.Cluster {
	codec, err := carp.NewMachineCodec(len(w.inputs) == 0)
	if err != nil {
		t.Fatal(err)
	}
	g := &group{codec: codec}
	w.rules.Names = nil
	var members []explore.Member
	for i, cfg := range w.nodes {
		m, err := g.add(cfg, netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), w.inputs)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, m)
		w.rules.Names = append(w.rules.Names, string(rune('a'+i)))
	}
	w.rules.Inputs = len(w.inputs)
	w.rules.Line = g.line
	w.bounds()
	return explore.NewCluster(&w.rules, epoch, members...)
}

// bounds sets what must hold. The slowest that one can get is by demotion, to advskew
// 254.
func (w *exploreWorld) bounds() {
	interval, down := time.Duration(0), w.slowest
	for _, c := range w.nodes {
		skew := time.Duration(c.AdvSkew) * skew
		if len(w.inputs) > 0 && c.AdvBase > 0 {
			skew = time.Second
		}
		base := time.Duration(c.AdvBase) * time.Second
		interval, down = max(interval, base+skew), max(down, 3*(base+skew))
	}
	if w.rules.TwoActive == 0 {
		w.rules.TwoActive = interval + w.rules.Delay
	}
	w.rules.Settle = 2 * down
	w.rules.HandOver = interval + 100*time.Millisecond
}

// line returns the line of a transcript that stands for an event.
func (g *group) line(i int, e explore.Event) string {
	switch e.Kind {
	case explore.Receive:
		r := rankOf(e.Payload)
		line := fmt.Sprintf("receive base=%d skew=%d src=%v", r.AdvBase, r.AdvSkew, g.seats[e.From].src)
		if r.Demote > 0 {
			line += fmt.Sprintf(" demote=%d", r.Demote)
		}
		return line
	case explore.Claimed:
		return "claimed " + serviceAddress.String()
	case explore.NotAdded:
		return fmt.Sprintf("added error=%q", errCannotAdd)
	case explore.Input:
		return g.seats[i].inputs[e.Payload].text(g.seats[i])
	}
	return map[explore.EventKind]string{
		explore.Start: "start", explore.Stop: "stop", explore.LinkDown: "link down", explore.LinkUp: "link up",
		explore.Expire: "expire", explore.Added: "added", explore.Removed: "removed", explore.Slept: "slept",
		explore.Crash: "crash", explore.CrashWill: "crash will",
	}[e.Kind]
}

// transcript returns the way to what was found, played.
func (w *exploreWorld) transcript(first *explore.Cluster, v *explore.Violation) string {
	var script strings.Builder
	fmt.Fprintf(&script, "# %s: %v\nseparate\n", w.name, v.Err)
	for i, c := range w.nodes {
		fmt.Fprintf(&script, "%s: node src=192.0.2.%d %s\n", w.rules.Names[i], i+1, words(c))
	}
	_, lines := first.Replay(w.boot, v)
	for _, line := range lines {
		fmt.Fprintln(&script, line)
	}
	played, err := transcript.Play(w.name, []byte(script.String()), newActor)
	if err != nil {
		return script.String() + err.Error()
	}
	return string(played)
}

// words writes a configuration as a transcript has it.
func words(c carp.Config) string {
	s := fmt.Sprintf("base=%d skew=%d", c.AdvBase, c.AdvSkew)
	for _, w := range []struct {
		is   bool
		text string
	}{
		{c.DeadRatio != 0, fmt.Sprintf(" dead-ratio=%d", c.DeadRatio)},
		{c.PreemptDelay != 0, fmt.Sprintf(" preempt-delay=%v", c.PreemptDelay)},
		{c.StartupHold != 0, fmt.Sprintf(" startup-hold=%v", c.StartupHold)},
		{c.Announcements.Delay < 0, " one-burst"},
		{c.Announcements.Delay > 0, fmt.Sprintf(" second-burst=%v", c.Announcements.Delay)},
		{c.Announcements.Refresh != 0, fmt.Sprintf(" refresh=%v", c.Announcements.Refresh)},
		{c.Preempt, " preempt"}, {c.YieldToEqual, " yield-to-equal"}, {c.OpenBSDTimeout, " openbsd-timeout"},
		{c.DemoteOctet, " demote-octet"}, {c.ReleaseFirst, " release-first"},
	} {
		if w.is {
			s += w.text
		}
	}
	return s
}
