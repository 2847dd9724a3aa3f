// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"testing"
	"testing/synctest"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// TestRoundsAreFair: all holders add and announce once before any announces again.
func TestRoundsAreFair(t *testing.T) {
	b := newBench(t)
	other := holder.New(b.config())
	for i, h := range []*holder.Holder{b.holder, other} {
		addrs := many(2)[i : i+1]
		h.Add(addrs)
		h.Announce(addrs, 2)
	}
	b.work()
	b.want("add 10.0.0.0/32", "announce eth0 10.0.0.0", "announced: <nil>", "added: <nil>",
		"add 10.0.0.1/32", "announce eth0 10.0.0.1", "announced: <nil>", "added: <nil>",
		"announce eth0 10.0.0.0", "announced: <nil>", "announce eth0 10.0.0.1", "announced: <nil>", "idle", "idle")
}

// TestNobodyRepeatsBeforeAllHaveBegun: what passes while the pool is held is announced once, and again after Release.
func TestNobodyRepeatsBeforeAllHaveBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		addrs := many(1)
		b.pool.Hold()
		b.holder.Announce(addrs, 2)
		synctest.Wait()
		b.want()
		b.pool.Pass()
		synctest.Wait()
		b.want("announce eth0 10.0.0.0", "announced: <nil>")
		b.pool.Release()
		synctest.Wait()
		b.want("announce eth0 10.0.0.0", "announced: <nil>", "idle")
	})
}

// TestWishesOvertakeAnnouncements: who waits to announce again and comes to have more to do than that is before those that come
// later.
func TestWishesOvertakeAnnouncements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		slow, before, after := holder.New(b.config()), holder.New(b.config()), holder.New(b.config())
		release := b.block("add 10.0.0.1/32")
		addrs := many(4)
		b.pool.Hold()
		b.holder.Add(addrs[:1])
		b.holder.Announce(addrs[:1], 2)
		slow.Add(addrs[1:2])
		b.pool.Release()
		synctest.Wait()
		b.want("add 10.0.0.0/32", "announce eth0 10.0.0.0", "announced: <nil>", "added: <nil>", "add 10.0.0.1/32")
		before.Add(addrs[2:3])
		b.holder.Remove(addrs[:1])
		after.Add(addrs[3:])
		release()
		synctest.Wait()
		b.wantWork("added: <nil>", "add 10.0.0.2/32", "added: <nil>", "remove 10.0.0.0/32", "removed: <nil>", "add 10.0.0.3/32", "added: <nil>")
	})
}
