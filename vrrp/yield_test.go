// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// A router that yields advertises once more: one that was Active on the other side
// of a link that was cut in two hears of it, and announces the addresses again.
func TestWinnerOfAHealedLinkAnnounces(t *testing.T) {
	loser := active(t, v3())
	loser.advance(10 * time.Second)
	loser.got = nil
	loser.hear(higherPeer, loser.adv(200))
	loser.want("send 100", "Active -> Backup: peer has higher priority (peer 192.0.2.3, priority 200)")

	winner := active(t, v3(priority(200)))
	winner.advance(10 * time.Second)
	winner.got = nil
	winner.hear(lowerPeer, winner.adv(100))
	winner.want("notice: competing active router", "announce 192.0.2.100 x5")
	winner.advance(3 * time.Second)
	if last := winner.got[len(winner.got)-1]; last != "announce 192.0.2.100 x5" {
		t.Errorf("when the competitor is silent: %q", winner.got)
	}
}

// The same last word of a router that was preempted tells its successor nothing
// new; that of any other does.
func TestLastWordOfAPredecessorIsNoCompetition(t *testing.T) {
	for version, c := range map[vrrp.Version]vrrp.Config{vrrp.V3: v3(priority(200)), vrrp.V2: v2(priority(200))} {
		t.Run(version.String(), func(t *testing.T) {
			preempted := func() *bench {
				b := backup(t, c)
				b.hear(lowerPeer, lesser(b, version))
				b.next()
				b.wantState(vrrp.Active)
				b.advance(time.Millisecond)
				b.got = nil
				return b
			}
			b := preempted()
			b.hear(lowerPeer, lesser(b, version))
			b.want()
			b.advance(999 * time.Millisecond)
			b.got = nil
			b.hear(lowerPeer, lesser(b, version))
			b.want("notice: competing active router", "announce 192.0.2.100 x5")

			b = preempted()
			b.hear(higherPeer, lesser(b, version))
			b.want("notice: competing active router", "announce 192.0.2.100 x5")
		})
	}
}

// lesser returns an advertisement of priority 100.
func lesser(b *bench, version vrrp.Version) *vrrp.Advertisement {
	return b.adv(100, func(a *vrrp.Advertisement) { a.Version = version })
}

// An Active Router that was given another interval tells it at once, and once more
// by the old one, for peers that missed the first.
func TestAnotherIntervalIsToldAtOnce(t *testing.T) {
	slower := v3(func(c *vrrp.Config) { c.Interval = 5 * time.Second })
	b := active(t, v3())
	b.advance(400 * time.Millisecond)
	b.reconfigure(slower)
	b.want("send 100")
	b.wantDeadline(600 * time.Millisecond)
	b.next()
	b.want("send 100")
	b.wantDeadline(4 * time.Second) // the second burst of announcements
	b.reconfigure(slower)
	b.want()
}

// What the loop missed is told with the transition.
func TestSleptTellsHowLate(t *testing.T) {
	for late, want := range map[time.Duration]time.Duration{10 * time.Second: 9 * time.Second, time.Second / 2: 0} {
		b := active(t, v3())
		b.now = b.now.Add(late)
		actions := b.m.Slept(b.now)
		if got, ok := actions[len(actions)-1].(vrrp.Transition); !ok || got.Reason != vrrp.ReasonSlept || got.Late != want {
			t.Errorf("after %v: %v, late %v, want %v", late, got, got.Late, want)
		}
	}
}
