// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore/exploretest"
	"github.com/go-fhrp/fhrp/vrrp"
)

var exploreDepth = flag.Int("explore.depth", 0, "explore every world this many steps deep")

// What an exploration consists of.
type (
	exploration  = exploretest.Protocol[vrrp.Machine, vrrp.Config, vrrp.Action, *vrrp.Machine]
	exploreWorld = exploretest.World[vrrp.Machine, vrrp.Config, vrrp.Action, *vrrp.Machine]
	explorer     = exploretest.Member[vrrp.Machine, vrrp.Config, vrrp.Action, *vrrp.Machine]
	ownInput     = exploretest.Input[vrrp.Machine, vrrp.Config, vrrp.Action, *vrrp.Machine]
)

func newExploration() *exploration {
	return &exploration{
		New: vrrp.NewMachine, Codec: vrrp.NewMachineCodec, Status: status, Shutdown: shutdown, Receive: receivePacket,
		Goodbye: func(payload uint64) bool { return uint8(payload) == vrrp.PriorityGoodbye },
		Will:    func(m *vrrp.Machine) uint64 { return payload(m, vrrp.PriorityGoodbye) },
		Act:     act, Rejects: rejects, Judge: judge, Bounds: bounds,
		Packet: packetWords, Words: words, Actor: newActor,
	}
}

// All that can happen in small worlds happens, and what must hold holds. With
// -explore.depth, or with FHRP_LONG=1 in the environment, it goes deeper.
func TestExplore(t *testing.T) { newExploration().Explore(t, exploreWorlds(), *exploreDepth) }

// RFC 9568 permits two Active routers for as long as a packet takes, and the bound
// that the healthy worlds have is no shorter.
func TestExploreTwoActive(t *testing.T) { newExploration().TwoActive(t, healthyWorlds()[:6]) }

// A way to a state leads to the same one in a transcript.
func TestExploreTranscript(t *testing.T) { newExploration().Transcripts(t, healthyWorlds()[:4]) }

// bounds returns the longest interval, and twice the longest Active_Down_Interval.
func bounds(w *exploreWorld) (interval, settle time.Duration) {
	for _, c := range w.Nodes {
		interval = max(interval, c.Interval, time.Second)
	}
	slowest := max(interval, w.Slowest)
	return interval, 2 * (3*slowest + (256-lowestPriority)*slowest/256)
}

// packetWords writes a packet as a transcript has it.
func packetWords(payload uint64) string {
	return fmt.Sprintf("prio=%d interval=%v", uint8(payload), time.Duration(payload>>8))
}

// words writes a configuration as a transcript has it.
func words(c vrrp.Config) string {
	word := exploretest.Word
	return exploretest.Words(
		word(c.Version != 0, "version=%d", c.Version),
		word(c.Priority != 0, "prio=%d", c.Priority),
		word(c.Interval != 0, "interval=%v", c.Interval),
		word(c.PreemptDelay != 0, "preempt-delay=%v", c.PreemptDelay),
		word(c.StartupHold != 0, "startup-hold=%v", c.StartupHold),
		word(c.Announcements.Delay < 0, "one-burst"),
		word(c.Announcements.Delay > 0, "second-burst=%v", c.Announcements.Delay),
		word(c.Announcements.Refresh != 0, "refresh=%v", c.Announcements.Refresh),
		word(c.NoPreempt, "nopreempt"), word(c.EagerStart, "eager"), word(c.OwnerAdds, "owner-adds"),
		word(c.ReleaseFirst, "release-first"),
	)
}
