// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"testing"
	"testing/synctest"
	"time"
)

// takeOver has n addresses added and announced, by a goroutine that begins when all of that is asked for.
func (b *bench) takeOver(n, count int) {
	b.holder.Add(many(n))
	b.holder.Announce(many(n), count)
	b.run(1)
}

// firstAnnounced is the announcement of the first part of many addresses.
const firstAnnounced = "announce eth0 10.0.0.0 to 10.0.0.63: 64"

// add400 is all that is done to add 400 addresses while their first announcement hangs.
func add400() []string {
	return []string{"add 10.0.0.0/32 to 10.0.0.63/32: 64", firstAnnounced, "add 10.0.0.64/32 to 10.0.0.191/32: 128",
		"add 10.0.0.192/32 to 10.0.1.63/32: 128", "add 10.0.1.64/32 to 10.0.1.143/32: 80"}
}

// TestAnnouncedAsTheyAreAdded: with many addresses, each part is announced while the next ones are added, in their order.
// An announcer that is slow keeps none from being added, and has the outcome told when it is done.
func TestAnnouncedAsTheyAreAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		release := b.block(firstAnnounced)
		second := b.block("add 10.0.0.64/32 to 10.0.0.191/32: 128")
		b.takeOver(342, 2)
		synctest.Wait()
		b.wantAnyOrder(
			"add 10.0.0.0/32 to 10.0.0.63/32: 64",
			firstAnnounced,
			"add 10.0.0.64/32 to 10.0.0.191/32: 128")
		second()
		synctest.Wait()
		b.want("add 10.0.0.192/32 to 10.0.1.63/32: 128", "add 10.0.1.64/32 to 10.0.1.85/32: 22")
		release()
		synctest.Wait()
		b.want(
			"announced: <nil>",
			"announce eth0 10.0.0.64 to 10.0.0.191: 128", "announced: <nil>",
			"announce eth0 10.0.0.192 to 10.0.1.63: 128", "announced: <nil>",
			"announce eth0 10.0.1.64 to 10.0.1.85: 22", "announced: <nil>",
			"added: <nil>",
			"announce eth0 10.0.0.0 to 10.0.1.85: 342", "announced: <nil>",
			"idle")
	})
}

// TestNotAnnouncedBeforeAdded: a part is not announced while it is being added, whatever the announcer waits for.
func TestNotAnnouncedBeforeAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		second := b.block("add 10.0.0.64/32 to 10.0.0.99/32: 36")
		b.takeOver(100, 1)
		synctest.Wait()
		b.wantAnyOrder("add 10.0.0.0/32 to 10.0.0.63/32: 64", firstAnnounced, "announced: <nil>",
			"add 10.0.0.64/32 to 10.0.0.99/32: 36")
		second()
		synctest.Wait()
		b.want("announce eth0 10.0.0.64 to 10.0.0.99: 36", "announced: <nil>", "added: <nil>", "idle")
	})
}

// TestSilenceBetweenParts: what was added and not announced yet when Silence is called isn't announced any more.
func TestSilenceBetweenParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.block(firstAnnounced)
		b.takeOver(400, 2)
		synctest.Wait()
		b.wantAnyOrder(add400()...)
		b.holder.Silence()
		synctest.Wait()
		b.want("added: <nil>", "idle")
	})
}

// TestAnnouncerHangsBetweenParts: after an announcement that has timed out there is none more of the same work, which ends.
func TestAnnouncerHangsBetweenParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.block(firstAnnounced)
		b.takeOver(400, 1)
		synctest.Wait()
		b.wantAnyOrder(add400()...)
		time.Sleep(timeout)
		synctest.Wait()
		b.want("announced: context deadline exceeded", "added: <nil>", "idle")
	})
}

// TestWishEndsBeforeItsAnnouncement: what was added and isn't wished for any more when its turn to be announced comes is
// not announced.
func TestWishEndsBeforeItsAnnouncement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		release := b.block(firstAnnounced)
		b.takeOver(400, 1)
		synctest.Wait()
		b.wantAnyOrder(add400()...)
		b.holder.Remove(many(400)[65:])
		release()
		synctest.Wait()
		b.want("announced: <nil>", "announce eth0 10.0.0.64", "announced: <nil>", "added: <nil>",
			"remove 10.0.0.65/32 to 10.0.1.143/32: 335", "removed: <nil>", "idle")
	})
}

// TestWishComesBackBeforeItsAnnouncement: what wasn't wished for when it was its turn to be added, and is again when it is
// its turn to be announced, is announced when it is there.
func TestWishComesBackBeforeItsAnnouncement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		announce, second := b.block(firstAnnounced), b.block("add 10.0.0.64/32 to 10.0.0.191/32: 128")
		b.takeOver(250, 1)
		synctest.Wait()
		b.wantAnyOrder("add 10.0.0.0/32 to 10.0.0.63/32: 64", firstAnnounced, "add 10.0.0.64/32 to 10.0.0.191/32: 128")
		last := many(250)[192:]
		b.holder.Remove(last)
		second()
		synctest.Wait()
		b.holder.Add(last)
		b.holder.Announce(last, 1)
		announce()
		synctest.Wait()
		b.want("announced: <nil>", "announce eth0 10.0.0.64 to 10.0.0.191: 128", "announced: <nil>",
			"add 10.0.0.192/32 to 10.0.0.249/32: 58", "announce eth0 10.0.0.192 to 10.0.0.249: 58", "announced: <nil>",
			"added: <nil>", "idle")
	})
}
