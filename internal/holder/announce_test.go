// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestAnnounceMergedWhileSlow: however often announcements are asked for while the announcer works, the rounds that
// follow are as many as the largest count.
func TestAnnounceMergedWhileSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		release := b.block("announce eth0 10.0.0.0")
		b.holder.Announce(many(1), 1)
		synctest.Wait()
		b.want("announce eth0 10.0.0.0")
		for range 1000 {
			b.holder.Announce(many(2), 2)
			b.holder.Announce(many(2)[1:], 3)
		}
		release()
		synctest.Wait()
		b.want("announced: <nil>",
			"announce eth0 10.0.0.0 10.0.0.1", "announced: <nil>",
			"announce eth0 10.0.0.0 10.0.0.1", "announced: <nil>",
			"announce eth0 10.0.0.1", "announced: <nil>", "idle")
	})
}

// TestSlowAnnouncer: an announcer that hangs keeps a later wish waiting for the call under way, not for the rounds that
// are still to come.
func TestSlowAnnouncer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		b.block("announce eth0 10.0.0.0")
		b.holder.Announce(many(1), 5)
		synctest.Wait()
		b.holder.Add(many(2)[1:])
		b.holder.Remove(many(3)[2:])
		b.want("announce eth0 10.0.0.0")
		time.Sleep(timeout)
		synctest.Wait()
		b.want("announced: context deadline exceeded",
			"add 10.0.0.1/32", "added: <nil>", "remove 10.0.0.2/32", "removed: <nil>",
			"announce eth0 10.0.0.0")
		b.holder.Silence()
		synctest.Wait()
		b.want("idle")
	})
}

// TestRemovalEndsAnnouncements: the rounds to come leave out what was removed in the meantime.
func TestRemovalEndsAnnouncements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		release := b.block("announce eth0 10.0.0.0 10.0.0.1")
		b.holder.Announce(many(2), 2)
		synctest.Wait()
		b.holder.Remove(many(1))
		release()
		synctest.Wait()
		b.want("announce eth0 10.0.0.0 10.0.0.1", "announced: <nil>",
			"remove 10.0.0.0/32", "removed: <nil>",
			"announce eth0 10.0.0.1", "announced: <nil>", "idle")
	})
}
