// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
)

// Ranks are compared as integers, demote before advbase before advskew.
func TestRankCompare(t *testing.T) {
	order := []carp.Rank{
		{}, {AdvSkew: 1}, {AdvSkew: 254}, {AdvSkew: 255}, {AdvBase: 1}, {AdvBase: 1, AdvSkew: 1}, {AdvBase: 1, AdvSkew: 240}, {AdvBase: 2}, {AdvBase: 255},
		{AdvBase: 255, AdvSkew: 254}, carp.BowOut(), {Demote: 1}, {Demote: 1, AdvBase: 1}, {Demote: 255, AdvBase: 255, AdvSkew: 255},
	}
	for i, r := range order {
		for j, s := range order {
			if got, want := r.Compare(s), sign(i-j); got != want {
				t.Errorf("%v compares to %v as %d, want %d", r, s, got, want)
			}
		}
	}
}

func sign(n int) int { return max(-1, min(n, 1)) }

// The order of two ranks without demotion is that of their intervals.
func TestRankComparesLikeIntervals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		a, b := carp.Rank{AdvBase: uint8(r.IntN(4)), AdvSkew: uint8(r.Uint32())}, carp.Rank{AdvBase: uint8(r.IntN(4)), AdvSkew: uint8(r.Uint32())}
		if d := a.Interval() - b.Interval(); sign(int(d)) != a.Compare(b) {
			t.Errorf("%v compares to %v as %d, intervals differ by %v", a, b, a.Compare(b), d)
		}
	}
}

func TestRankIsBowOut(t *testing.T) {
	for rank, want := range map[carp.Rank]bool{
		carp.BowOut(): true, {Demote: 7, AdvBase: 255, AdvSkew: 255}: true,
		{AdvBase: 255, AdvSkew: 254}: false, {AdvBase: 254, AdvSkew: 255}: false, {}: false,
	} {
		if rank.IsBowOut() != want {
			t.Errorf("%v bows out: %v", rank, !want)
		}
	}
}

// row is what a host of advbase 1 and advskew 100 does with a peer's advertisement.
type row struct {
	name   string
	change []func(*carp.Config) // the configuration
	demote int                  // demotion of this host
	adv    *carp.Advertisement
	src    netip.Addr // higherPeer if invalid
	want   string     // transition, without the peer; none
	timer  bool       // the master-down timer begins anew
}

// try runs the row on a machine 400 ms after it has entered its state.
func (r row) run(t *testing.T, start func(testing.TB, ...func(*carp.Config)) *harness) {
	t.Helper()
	h := start(t, r.change...)
	h.do(h.m.Demote(h.now, "test", r.demote))
	h.advance(400 * time.Millisecond)
	before, _ := h.m.Deadline()
	src := r.src
	if !src.IsValid() {
		src = higherPeer
	}
	got := ""
	for _, a := range h.m.Receive(h.now, src, r.adv) {
		if tr, ok := a.(carp.Transition); ok {
			if tr.Peer != src || tr.PeerRank.AdvBase != r.adv.AdvBase || tr.PeerRank.AdvSkew != r.adv.AdvSkew || !tr.At.Equal(h.now) {
				t.Errorf("transition %+v", tr)
			}
			tr.Peer = netip.Addr{}
			got = tr.String()
		}
	}
	if got != r.want {
		t.Errorf("transition %q, want %q", got, r.want)
	}
	if after, _ := h.m.Deadline(); h.m.State() == carp.Backup && r.want == "" && after.After(before) != r.timer {
		t.Errorf("deadline moved by %v", after.Sub(before))
	}
}

func runRows(t *testing.T, start func(testing.TB, ...func(*carp.Config)) *harness, rows []row) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) { r.run(t, start) })
	}
}

type changes = []func(*carp.Config)

const (
	yieldsToBetter = "Master -> Backup: more frequent advertisement received"
	yieldsToEqual  = "Master -> Backup: peer has equal rank"
	yieldsToLess   = "Master -> Backup: peer is less demoted"
	preempts       = "Backup -> Master: preempting a slower master"
	willTimeOut    = "Backup -> Master: master will time out"
	bowedOut       = "Backup -> Master: master bowed out"
	moreDemoted    = "Backup -> Master: master is more demoted"
)

// INIT: ignored.
func TestComparisonInInit(t *testing.T) {
	h := newHarness(t, config(preempt))
	for _, a := range []*carp.Advertisement{adv(0, 0), adv(1, 100), adv(2, 0), adv(255, 255)} {
		h.hear(lowerPeer, a)
		h.want("discard: not taking part")
	}
}

// MASTER, columns FreeBSD and NetBSD, OpenBSD, and ucarp, which this package goes by
// unless told otherwise.
func TestComparisonInMaster(t *testing.T) {
	runRows(t, master, []row{
		{name: "peer better: FreeBSD, NetBSD", change: changes{bsd}, adv: adv(1, 99), want: yieldsToBetter},
		{name: "peer better by advbase", change: changes{timing(2, 0)}, adv: adv(1, 254), want: yieldsToBetter},
		{name: "peer better: ucarp", adv: adv(1, 99), want: yieldsToBetter},
		{name: "peer equal: FreeBSD, NetBSD", change: changes{bsd}, adv: adv(1, 100), want: yieldsToEqual},
		{name: "peer equal, of lower address: ucarp", adv: adv(1, 100), src: lowerPeer, want: "Master -> Backup: peer of equal rank has lower address"},
		{name: "peer equal, of higher address: ucarp", adv: adv(1, 100)},
		{name: "peer worse: FreeBSD, NetBSD", change: changes{bsd, preempt}, adv: adv(1, 101)},
		{name: "peer worse: ucarp", adv: adv(1, 101)},
		{name: "demotion of a peer is ignored but on OpenBSD", adv: demoted(1, 99, 7), want: yieldsToBetter},
		{name: "peer bows out", change: changes{bsd}, adv: adv(255, 255)},
	})
}

func TestComparisonInMasterOpenBSD(t *testing.T) {
	runRows(t, master, []row{
		{name: "peer better, as much demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 99, 1), want: yieldsToBetter},
		{name: "peer better, less demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 99, 0), want: yieldsToLess},
		{name: "peer better, more demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 99, 2)},
		{name: "peer equal, as much demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 100, 1), want: yieldsToEqual},
		{name: "peer equal, less demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 100, 0), want: yieldsToLess},
		{name: "peer equal, more demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 100, 2)},
		{name: "peer worse, as much demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 101, 1)},
		{name: "peer worse, less demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 101, 0), want: yieldsToLess},
		{name: "peer worse, more demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 101, 2)},
		{name: "peer bows out, less demoted", change: changes{openBSD}, demote: 1, adv: demoted(255, 255, 0)},
	})
}

// BACKUP, all columns.
func TestComparisonInBackup(t *testing.T) {
	runRows(t, backup, []row{
		{name: "peer worse, preempt", change: changes{preempt}, adv: adv(1, 101), want: preempts},
		{name: "peer worse by advbase, preempt", change: changes{preempt, bsd}, adv: adv(2, 0), want: preempts},
		{name: "peer worse, no preempt", adv: adv(1, 101), timer: true},
		{name: "guaranteed to time out, by advskew", adv: adv(3, 101), want: willTimeOut},
		{name: "guaranteed to time out, by advbase", adv: adv(4, 0), want: willTimeOut},
		{name: "not guaranteed to time out", adv: adv(3, 100), timer: true},
		{name: "guaranteed to time out with another dead ratio", change: changes{func(c *carp.Config) { c.DeadRatio = 2 }}, adv: adv(2, 101), want: willTimeOut},
		{name: "guaranteed to time out on OpenBSD", change: changes{openBSD}, adv: adv(4, 45), want: willTimeOut},
		{name: "not guaranteed to time out on OpenBSD", change: changes{openBSD}, adv: adv(4, 44), timer: true},
		{name: "guaranteed to time out, advbase 0", change: changes{timing(0, 50)}, adv: adv(0, 151), want: willTimeOut},
		{name: "not guaranteed to time out, advbase 0", change: changes{timing(0, 50)}, adv: adv(0, 150), timer: true},
		{name: "equal", change: changes{preempt}, adv: adv(1, 100), timer: true},
		{name: "equal, of higher address", change: changes{preempt}, adv: adv(1, 100), src: lowerPeer, timer: true},
		{name: "better", change: changes{preempt}, adv: adv(1, 99), timer: true},
		{name: "bow-out", adv: adv(255, 255), want: bowedOut},
		{name: "bow-out, although it might not time out", change: changes{timing(86, 0)}, adv: adv(255, 255), want: bowedOut},
		{name: "demotion of a peer is ignored but on OpenBSD", adv: demoted(1, 100, 7), timer: true},
	})
}

func TestComparisonInBackupOpenBSD(t *testing.T) {
	runRows(t, backup, []row{
		{name: "peer worse, preempt, as much demoted", change: changes{openBSD, preempt}, demote: 1, adv: demoted(1, 101, 1), want: preempts},
		{name: "peer worse, preempt, less demoted", change: changes{openBSD, preempt}, demote: 1, adv: demoted(1, 101, 0), timer: true},
		{name: "peer worse, as much demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 101, 1), timer: true},
		{name: "peer worse, more demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 101, 2), want: moreDemoted},
		{name: "peer equal, more demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 100, 2), want: moreDemoted},
		{name: "peer better, more demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 99, 2), want: moreDemoted},
		{name: "peer better, less demoted", change: changes{openBSD}, demote: 1, adv: demoted(1, 99, 0), timer: true},
		{name: "bow-out, less demoted", change: changes{openBSD}, demote: 1, adv: demoted(255, 255, 0), want: bowedOut},
	})
}

// A Master that is better for being less demoted is waited for, however seldom it
// advertises. OpenBSD would claim its role between two advertisements.
func TestLessDemotedMasterIsWaitedFor(t *testing.T) {
	h := backup(t, openBSD)
	h.do(h.m.Demote(h.now, "test", 1))
	h.hear(higherPeer, demoted(10, 0, 0))
	h.wantDeadline(30 * time.Second)
	h = master(t, openBSD)
	h.do(h.m.Demote(h.now, "test", 1))
	h.hear(higherPeer, demoted(10, 0, 0))
	h.next() // the addresses go
	h.wantDeadline(30*time.Second - 50*time.Millisecond)
}

// A worse Master beside a better one is the better one's to deal with, and doesn't
// hold this host up if the better one is gone.
func TestWorseMasterBesideABetterOne(t *testing.T) {
	for _, a := range []*carp.Advertisement{adv(1, 101), adv(9, 0), adv(255, 255)} {
		h := backup(t, preempt)
		h.hear(higherPeer, adv(1, 50))
		h.advance(3 * time.Second)
		h.hear(lowerPeer, a)
		h.want()
		h.wantDeadline(100 * skew)
		h.hear(higherPeer, a) // of the one that was better itself
		h.wantState(carp.Master)
		h.hear(higherPeer, adv(1, 50)) // which is yielded to
		h.hear(lowerPeer, a)
		h.wantState(carp.Backup)
	}
}

// The two families of a better Master are known apart, so that its own bow-out is
// taken for what it is in either.
func TestBetterMasterOfBothFamilies(t *testing.T) {
	six, other := netip.MustParseAddr("fe80::3"), netip.MustParseAddr("fe80::4")
	known := func() *harness {
		h := backup(t)
		h.hear(higherPeer, adv(1, 50))
		h.hear(six, adv(1, 50))
		return h
	}
	for src, want := range map[netip.Addr]carp.State{higherPeer: carp.Master, six: carp.Master, lowerPeer: carp.Backup, other: carp.Backup} {
		h := known()
		h.hear(src, adv(255, 255))
		if h.m.State() != want {
			t.Errorf("bow-out of %v: %v", src, h.m.State())
		}
	}
	h := known()
	h.hear(lowerPeer, adv(1, 50)) // another is Master now, and its other address isn't known
	h.hear(other, adv(255, 255))
	h.wantState(carp.Master)
}

// Transitions name the peer and what it said.
func TestTransitionNamesThePeer(t *testing.T) {
	h := backup(t)
	h.hear(lowerPeer, adv(1, 50))
	var got carp.Transition
	at, _ := h.m.Deadline()
	for _, a := range h.m.Expire(at.Add(time.Second)) {
		if tr, ok := a.(carp.Transition); ok {
			got = tr
		}
	}
	want := carp.Transition{At: at.Add(time.Second), From: carp.Backup, To: carp.Master, Reason: carp.ReasonTimedOut,
		Peer: lowerPeer, PeerRank: carp.Rank{AdvBase: 1, AdvSkew: 50}, Late: time.Second}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("transition (-want +got):\n%s", diff)
	}
}
