// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"slices"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport20AdjacentPriorities: two routers whose priorities differ by one claim within a millisecond of each
// other. However often that happens, the better one has the addresses then and the other one has not.
func TestFieldReport20AdjacentPriorities(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "n3")
	n1, n2, n3 := b.start("n1", virtual(200)), b.start("n2", virtual(101)), b.start("n3", virtual(100))
	for range 3 {
		b.must(b.host("n1").Plug())
		n2.awaitPeer("n1")
		n3.awaitPeer("n1")
		b.awaitHolder("n1", []string{"n2", "n3"}, vip4())
		claimed := len(n3.transitions())
		b.must(b.host("n1").Unplug())
		b.awaitHolder("n2", []string{"n3"}, vip4())
		n3.awaitPeer("n2")
		b.awaitSent("n2", b.wire.mark(), 5, advert)
		if more := n3.transitions()[claimed:]; len(more) > 2 || n3.state() != vrrp.Backup || !b.holdsNone("n3", vip4()) {
			t.Errorf("n3 went %v, and has %v", more, b.addresses("n3"))
		}
	}
	if n1.state() != vrrp.Active {
		t.Errorf("n1 went %v", n1.transitions())
	}
}

// TestFieldReport21EqualPriority: two routers of the same priority wait for a third. Both may claim when it dies, and then
// the one of the higher address stays. They don't change any more after that, and what is odd is told.
func TestFieldReport21EqualPriority(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "n3")
	b.start("n1", virtual(200)).awaitState(vrrp.Active)
	n2, n3 := b.start("n2", virtual(100)), b.start("n3", virtual(100))
	n2.awaitPeer("n1")
	n3.awaitPeer("n1")
	b.must(b.host("n1").Unplug()) // whom both have heard at the same time
	await(t, "one has the address alone", func() bool {
		return n2.state() != n3.state() && b.count("n2", vip4())+b.count("n3", vip4()) == 1
	})
	changes := len(n2.path()) + len(n3.path())
	winner, loser := n3, n2
	if n2.state() == vrrp.Active {
		winner, loser = n2, n3
	}
	b.awaitSent(winner.host, b.wire.mark(), 10, advert)
	if len(n2.path())+len(n3.path()) != changes || changes > 5 || !b.holdsAlone(winner.host, []string{loser.host}, vip4()) {
		t.Errorf("n2 went %v, n3 %v", n2.transitions(), n3.transitions())
	}
	if winner == n2 && len(n3.path()) > 1 {
		t.Errorf("n3 yielded to a lower address: %v", n3.transitions())
	}
	if loser.noticed(vrrp.NoticeEqualPriority) == 0 {
		t.Error("nobody tells of the equal priorities")
	}
}

// TestFieldReport21EqualPriorityBesideKeepalived: the same with keepalived, which has the lower address.
func TestFieldReport21EqualPriorityBesideKeepalived(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "n3")
	b.start("n1", withKeepalived(virtual(200))).awaitState(vrrp.Active)
	n2, n3 := b.startKeepalived("n2", virtual(100)), b.start("n3", withKeepalived(virtual(100)))
	n2.awaitLog(kaBackup, 1)
	n3.awaitPeer("n1")
	b.must(b.host("n1").Unplug())
	n3.awaitStatus("n2 or n3 has claimed", func(s vrrp.Status) bool { return s.State == vrrp.Active || s.Peer == b.host("n2").Addr(0) })
	await(t, "one has the address alone", func() bool {
		return b.count("n2", vip4())+b.count("n3", vip4()) == 1
	})
	winner, other := "n3", "n2"
	if b.holds("n2", vip4()) {
		winner, other = other, winner
	}
	b.awaitSent(winner, b.wire.mark(), 10, advert)
	if !b.holdsAlone(winner, []string{other}, vip4()) || len(n3.path()) > 2 {
		t.Errorf("n3 went %v and has %v, n2 has %v", n3.transitions(), b.addresses("n3"), b.addresses("n2"))
	}
	n3.awaitStatus("n3 heard n2", func(s vrrp.Status) bool { return s.Peer == b.host("n2").Addr(0) || s.State == vrrp.Active })
}

// TestFieldReport22CompetitorSeen: a Backup that hears nobody for a while claims, and yields when it hears again. The
// Active Router, which never changes its state, tells of it, and tells the neighbours anew whose the address is: at once,
// and when the other one has gone silent.
func TestFieldReport22CompetitorSeen(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1, n2 := b.pair()
	for times := range 2 {
		mark := b.wire.mark()
		b.firewall("n2", netlab.Incoming)
		n2.awaitState(vrrp.Active)
		b.awaitSent("n2", mark, 5, advert)
		b.liftFirewall("n2")
		b.awaitHolder("n1", []string{"n2"}, vip4())
		theirs := b.wire.sent("n2", mark, advert, claim)
		last := theirs[len(theirs)-1].at
		await(t, "n1 announces the address when the other one is silent", func() bool {
			ours := b.wire.sent("n1", mark, claim)
			return len(ours) >= 4 && ours[len(ours)-1].at.After(last.Add(virtual(0).Interval))
		})
		if got := n1.noticed(vrrp.NoticeCompetitor); got != times+1 || n1.status().Stats.Competitors != uint64(got) {
			t.Errorf("told of %d competitors, want %d", got, times+1)
		}
	}
	if want := []vrrp.State{vrrp.Backup, vrrp.Active}; !slices.Equal(n1.path(), want) {
		t.Errorf("n1 went %v", n1.transitions())
	}
}

// TestFieldReport23PartitionHeals: no host reaches another, and each is Active. When they do again one is, without
// anybody's help: the best one, which has the addresses alone.
func TestFieldReport23PartitionHeals(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "n3")
	n1, n2 := b.pair()
	n3 := b.start("n3", virtual(50))
	n3.awaitPeer("n1")
	b.must(b.host("n1").Unplug())
	b.must(b.host("n2").Unplug())
	n2.awaitState(vrrp.Active)
	n3.awaitState(vrrp.Active)
	await(t, "each has the address", func() bool { return b.holds("n1", vip4()) && b.holds("n2", vip4()) && b.holds("n3", vip4()) })
	b.must(b.host("n2").Plug())
	b.must(b.host("n1").Plug())
	b.awaitHolder("n1", []string{"n2", "n3"}, vip4())
	n2.awaitPeer("n1")
	n3.awaitPeer("n1")
	b.awaitSent("n1", b.wire.mark(), 10, advert)
	if n1.state() != vrrp.Active || n2.state() != vrrp.Backup || n3.state() != vrrp.Backup {
		t.Errorf("n1 went %v, n2 %v, n3 %v", n1.transitions(), n2.transitions(), n3.transitions())
	}
}

// TestFieldReport23PartitionHealsBesideKeepalived: the same with keepalived, as the worse one and as the better one.
func TestFieldReport23PartitionHealsBesideKeepalived(t *testing.T) {
	for name, priority := range map[string]uint8{"Worse": 100, "Better": 220} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !netlabtest.Enter(t) {
				return
			}
			b := newBench(t, "n1", "n2")
			n1, n2 := b.start("n1", withKeepalived(virtual(200))), b.startKeepalived("n2", virtual(priority))
			holder, other := "n1", "n2"
			if priority > 200 {
				holder, other = other, holder
			}
			b.awaitHolder(holder, []string{other}, vip4())
			b.must(b.host("n1").Unplug())
			await(t, "both have the address", func() bool { return b.holds("n1", vip4()) && b.holds("n2", vip4()) })
			b.must(b.host("n1").Plug())
			b.awaitHolder(holder, []string{other}, vip4())
			b.awaitSent(holder, b.wire.mark(), 10, advert)
			if !b.holdsAlone(holder, []string{other}, vip4()) {
				t.Errorf("n1 has %v, n2 %v; n1 went %v, n2\n%s", b.addresses("n1"), b.addresses("n2"), n1.transitions(), n2.log())
			}
		})
	}
}
