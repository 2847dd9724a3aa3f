// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport35WinnerAnnouncesAfterSplit has the better router cut off from the others, who go to the one that takes
// over; then both are Active on one switch. The winner has never changed its state, and wins the neighbours back: with a
// burst when it hears the loser, and one when that has gone silent.
func TestFieldReport35WinnerAnnouncesAfterSplit(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	winner, loser := virtual(200), virtual(100)
	winner.Interval = 400 * time.Millisecond
	loser.StartupHold = 4 * winner.Interval // it hears the winner before that
	n1, n2, sent, _ := b.split(winner, loser)
	sent.next(b) // so that the loser is the next to speak, as a rule
	mark := b.wire.mark()
	b.must(b.host("n1").Plug())
	n2.awaitState(vrrp.Backup)
	b.awaitNeighbour("client", "eth0", b.mac("n1"), vip4())
	b.awaitSent("n1", mark, 2*winner.Announcements.Burst, claim)
	if s := n1.status(); s.Stats.BecameActive != 1 || s.Stats.Competitors != 1 {
		t.Errorf("%+v", s)
	}
}

// split has n1 Active, cuts it off, and returns when n2 is Active as well and the client goes there.
func (b *bench) split(winner, loser vrrp.VirtualRouterConfig) (n1, n2 *node, sent1, sent2 pulse) {
	b.Helper()
	n1, sent1 = b.startWithPulse("n1", winner)
	n1.awaitState(vrrp.Active)
	n2, sent2 = b.startWithPulse("n2", loser)
	n2.awaitFollower()
	b.learn("client", "eth0", b.mac("n1"), vip4())
	b.must(b.host("n1").Unplug())
	n2.awaitState(vrrp.Active)
	b.awaitNeighbour("client", "eth0", b.mac("n2"), vip4())
	return n1, n2, sent1, sent2
}

// TestFieldReport36KeepalivedOfEqualPriority has keepalived take over from our router while that is cut off. It has the
// same priority, and yields to the higher address: without any option, ours wins the neighbours back.
func TestFieldReport36KeepalivedOfEqualPriority(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	cfg := withKeepalived(virtual(100))
	cfg.Interval = 300 * time.Millisecond             // keepalived would not wait for longer at the start
	cfg.Announcements = vrrp.Announcements{Delay: -1} // the defaults, but for a burst that would hide what this is about
	n2, sent := b.startWithPulse("n2", cfg)
	n2.awaitState(vrrp.Active)
	theirs := cfg
	theirs.Interval = 100 * time.Millisecond
	k := b.startKeepalived("n1", theirs)
	k.awaitLog(kaBackup, 1)
	b.learn("client", "eth0", b.mac("n2"), vip4())
	// keepalived yields without a word if ours is the first to speak after the split, which is rare: nobody hears of it
	// then, and there is nothing to be seen here.
	for split := 1; n2.status().Stats.Received == 0; split++ {
		if split > 10 {
			t.Fatal("keepalived is never heard")
		}
		b.must(b.host("n2").Unplug())
		k.awaitLog(kaMaster, split)
		b.awaitNeighbour("client", "eth0", b.mac("n1"), vip4())
		sent.next(b) // so that keepalived is the next to speak
		b.must(b.host("n2").Plug())
		k.awaitLog(kaBackup, split+1)
	}
	b.awaitHolder("n2", []string{"n1"}, vip4())
	b.awaitNeighbour("client", "eth0", b.mac("n2"), vip4())
	if s := n2.status(); s.Stats.BecameActive != 1 || s.Stats.Competitors == 0 {
		t.Errorf("%+v", s)
	}
}
