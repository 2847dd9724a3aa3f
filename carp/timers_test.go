// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// The interval is advbase + advskew/256 s, exactly.
func TestInterval(t *testing.T) {
	for rank, want := range map[carp.Rank]time.Duration{
		{AdvSkew: 1}:                 3906250,
		{AdvSkew: 254}:               992187500,
		{AdvBase: 1}:                 1000000000,
		{AdvBase: 1, AdvSkew: 100}:   1390625000,
		{AdvBase: 255, AdvSkew: 255}: 255996093750,
		{}:                           0,
	} {
		if got := rank.Interval(); got != want {
			t.Errorf("%v: %d ns, want %d", rank, got, want)
		}
	}
}

// The master-down time of each implementation, and when the timer ends.
func TestDownInterval(t *testing.T) {
	ratio := func(n int) func(*carp.Config) { return func(c *carp.Config) { c.DeadRatio = n } }
	openBSDTimeout := func(c *carp.Config) { c.OpenBSDTimeout = true }
	for _, c := range []struct {
		name           string
		change         changes
		interval, down time.Duration
	}{
		{"defaults", changes{timing(1, 0)}, 1000000000, 3000000000},
		{"FreeBSD, NetBSD", nil, 1390625000, 3390625000},
		{"FreeBSD, NetBSD, advskew 254", changes{timing(1, 254)}, 1992187500, 3992187500},
		{"FreeBSD, advbase 255", changes{timing(255, 254)}, 255992187500, 765992187500},
		{"OpenBSD", changes{openBSDTimeout}, 1390625000, 4171875000},
		{"ucarp, dead ratio 1", changes{ratio(1)}, 1390625000, 1390625000},
		{"ucarp, dead ratio 5", changes{ratio(5)}, 1390625000, 5390625000},
		{"OpenBSD with a dead ratio", changes{openBSDTimeout, ratio(2)}, 1390625000, 2781250000},
		{"advbase 0", changes{timing(0, 1)}, 3906250, 11718750},
		{"advbase 0, advskew 254", changes{timing(0, 254)}, 992187500, 2976562500},
		{"advbase 0, OpenBSD", changes{timing(0, 100), openBSDTimeout}, 390625000, 1171875000},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := backup(t, c.change...)
			if h.m.Interval() != c.interval || h.m.DownInterval() != c.down {
				t.Errorf("interval %d, master-down time %d, want %d, %d", h.m.Interval(), h.m.DownInterval(), c.interval, c.down)
			}
			h.wantDeadline(c.down)
			h.advance(c.down - 1)
			h.wantState(carp.Backup)
			h.advance(1)
			h.wantState(carp.Master)
			h.wantDeadline(min(c.interval, 5*time.Second)) // or the second burst of announcements
		})
	}
}

func quiet(c *carp.Config) { c.Announcements.Delay = -1 }

func TestAdvertisementsKeepTheirGrid(t *testing.T) {
	h := master(t, timing(1, 0), quiet)
	h.advance(3 * time.Second)
	h.want("send 1/0", "send 1/0", "send 1/0")
	h.now = h.now.Add(1400 * time.Millisecond)
	h.do(h.m.Expire(h.now))
	h.want("send 1/0")
	h.wantDeadline(600 * time.Millisecond)
	h.now = h.now.Add(4600 * time.Millisecond) // four whole periods: one advertisement
	h.do(h.m.Expire(h.now))
	h.want("send 1/0")
	h.wantDeadline(time.Second)
	h.now = h.now.Add(2 * time.Second) // late by a whole period
	h.do(h.m.Expire(h.now))
	h.want("send 1/0")
	h.wantDeadline(time.Second)
}

// Sub-second intervals: a day of them drifts by nothing.
func TestAdvertisementsDontDrift(t *testing.T) {
	h := master(t, timing(0, 77), quiet)
	const count = 24 * 3600 * 256 / 77
	sent := 0
	start := h.now
	for range count {
		at, _ := h.m.Deadline()
		h.now = at.Add(time.Millisecond) // always late
		sent += len(h.m.Expire(h.now))
	}
	if got, want := h.now.Sub(start), count*77*3906250*time.Nanosecond+time.Millisecond; got != want || sent != count {
		t.Errorf("%d advertisements in %v, want %d in %v", sent, got, count, want)
	}
}

func TestStartupHold(t *testing.T) {
	hold := func(c *carp.Config) { c.StartupHold = 10 * time.Second }
	t.Run("silence", func(t *testing.T) {
		backup(t, hold).wantDeadline(10 * time.Second)
	})
	t.Run("a Master is heard", func(t *testing.T) {
		h := backup(t, hold)
		h.advance(2 * time.Second)
		h.hear(higherPeer, adv(1, 50))
		h.wantDeadline(3390625000)
	})
	t.Run("a worse Master is heard", func(t *testing.T) {
		h := backup(t, hold, preempt)
		h.advance(2 * time.Second)
		h.hear(higherPeer, adv(1, 150))
		h.wantState(carp.Master)
	})
	t.Run("an own packet", func(t *testing.T) {
		h := backup(t, hold)
		h.hear(local, adv(1, 50))
		h.want("discard: own packet")
		h.wantDeadline(10 * time.Second)
	})
}

func TestPreemptDelay(t *testing.T) {
	delay := func(c *carp.Config) { c.PreemptDelay = 10 * time.Second }
	t.Run("delays", func(t *testing.T) {
		h := backup(t, preempt, delay)
		h.follow(20*time.Second, higherPeer, adv(1, 150))
		h.want(taken("1/100", "Backup -> Master: preempting a slower master (peer 192.0.2.3, advbase 1 advskew 150)")...)
		if got := h.now.Sub(epoch); got != 11*time.Second {
			t.Errorf("after %v", got)
		}
	})
	t.Run("an equal or better one cancels it", func(t *testing.T) {
		h := backup(t, preempt, delay)
		h.follow(9*time.Second, higherPeer, adv(1, 150))
		h.follow(time.Second, higherPeer, adv(1, 100))
		h.follow(9*time.Second, higherPeer, adv(1, 150))
		h.wantState(carp.Backup)
	})
	t.Run("not for a failure", func(t *testing.T) {
		h := backup(t, preempt, delay)
		h.hear(higherPeer, adv(1, 150))
		h.wantDeadline(3390625000)
	})
	t.Run("not for one that will time out", func(t *testing.T) {
		h := backup(t, preempt, delay)
		h.hear(higherPeer, adv(4, 0))
		h.wantState(carp.Master)
	})
	t.Run("not without preemption", func(t *testing.T) {
		h := backup(t, delay)
		h.follow(time.Minute, higherPeer, adv(1, 150))
		h.wantState(carp.Backup)
	})
}
