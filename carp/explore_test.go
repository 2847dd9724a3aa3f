// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"flag"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/explore/exploretest"
)

var exploreDepth = flag.Int("explore.depth", 0, "explore every world this many steps deep")

// What an exploration consists of.
type (
	exploration  = exploretest.Protocol[carp.Machine, carp.Config, carp.Action, *carp.Machine]
	exploreWorld = exploretest.World[carp.Machine, carp.Config, carp.Action, *carp.Machine]
	explorer     = exploretest.Member[carp.Machine, carp.Config, carp.Action, *carp.Machine]
	ownInput     = exploretest.Input[carp.Machine, carp.Config, carp.Action, *carp.Machine]
)

func newExploration() *exploration {
	return &exploration{
		New: carp.NewMachine, Codec: carp.NewMachineCodec, Status: status, Shutdown: shutdown, Receive: receivePacket,
		Goodbye: func(payload uint64) bool { return rankOf(payload).IsBowOut() },
		Will:    func(*carp.Machine) uint64 { return payload(carp.BowOut()) },
		Act:     act, Rejects: rejects, Judge: judge, Bounds: bounds,
		Packet: packetWords, Words: words, Actor: newActor,
	}
}

// All that can happen in small worlds happens, and what must hold holds. With
// -explore.depth, or with FHRP_LONG=1 in the environment, it goes deeper.
func TestExplore(t *testing.T) { newExploration().Explore(t, exploreWorlds(), *exploreDepth) }

// Two hosts are Master for as long as a packet takes, and the bound that the
// healthy worlds have is no shorter.
func TestExploreTwoMasters(t *testing.T) { newExploration().TwoActive(t, healthyWorlds()[:4]) }

// A way to a state leads to the same one in a transcript.
func TestExploreTranscript(t *testing.T) { newExploration().Transcripts(t, healthyWorlds()[:4]) }

// bounds returns the longest interval, and twice the longest master-down time. The slowest
// that one can get is by demotion, to advskew 254.
func bounds(w *exploreWorld) (interval, settle time.Duration) {
	down := w.Slowest
	for _, c := range w.Nodes {
		skew := time.Duration(c.AdvSkew) * skew
		if len(w.Inputs) > 0 && c.AdvBase > 0 {
			skew = time.Second
		}
		base := time.Duration(c.AdvBase) * time.Second
		interval, down = max(interval, base+skew), max(down, 3*(base+skew))
	}
	return interval, 2 * down
}

// packetWords writes a packet as a transcript has it.
func packetWords(payload uint64) string {
	r, word := rankOf(payload), exploretest.Word
	return exploretest.Words(
		word(true, "base=%d skew=%d", r.AdvBase, r.AdvSkew),
		word(r.Demote > 0, "demote=%d", r.Demote),
	)
}

// words writes a configuration as a transcript has it.
func words(c carp.Config) string {
	word := exploretest.Word
	return exploretest.Words(
		word(true, "base=%d skew=%d", c.AdvBase, c.AdvSkew),
		word(c.DeadRatio != 0, "dead-ratio=%d", c.DeadRatio),
		word(c.PreemptDelay != 0, "preempt-delay=%v", c.PreemptDelay),
		word(c.StartupHold != 0, "startup-hold=%v", c.StartupHold),
		word(c.Announcements.Delay < 0, "one-burst"),
		word(c.Announcements.Delay > 0, "second-burst=%v", c.Announcements.Delay),
		word(c.Announcements.Refresh != 0, "refresh=%v", c.Announcements.Refresh),
		word(c.Preempt, "preempt"), word(c.YieldToEqual, "yield-to-equal"), word(c.OpenBSDTimeout, "openbsd-timeout"),
		word(c.DemoteOctet, "demote-octet"), word(c.ReleaseFirst, "release-first"),
	)
}
