// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"testing"
	"testing/synctest"
)

// TestRetryBesideNewWish: what could not be removed and is wished for again is not removed by Retry, even before the
// work on the new wish has begun.
func TestRetryBesideNewWish(t *testing.T) {
	b := newBench(t)
	b.hold(many(1)...)
	b.fail("remove 10.0.0.0/32", errBackend)
	b.holder.Remove(many(1))
	b.work()
	b.want("remove 10.0.0.0/32", "removed: backend", "idle")

	b.fail("remove 10.0.0.0/32", nil)
	b.holder.Add(many(1))
	b.wantSettled(true)
	b.wantRetry(false)
	b.work()
	b.want("add 10.0.0.0/32", "added: <nil>", "idle")
	b.wantHeld(many(1)...)
}

// TestOvertakenIsAnnounced: what is tried again because the wish has changed is announced when it is there.
func TestOvertakenIsAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := overtaken(t, "add 10.0.0.0/32", errBackend, 1, func(b *bench) {
			b.holder.Announce(many(1), 1)
			b.holder.Add(many(2)[1:])
			b.holder.Announce(many(2)[1:], 1)
		})
		b.want("add 10.0.0.0/32 10.0.0.1/32", "announce eth0 10.0.0.0 10.0.0.1", "announced: <nil>", "added: <nil>", "idle")
	})
}

// TestNewWishIsAnnounced: the same for one whose wish has ended and begun again meanwhile.
func TestNewWishIsAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := overtaken(t, "add 10.0.0.0/32", errBackend, 1, func(b *bench) {
			b.holder.Remove(many(1))
			b.holder.Add(many(1))
			b.holder.Announce(many(1), 1)
			b.fail("add 10.0.0.0/32", nil)
		})
		b.want("add 10.0.0.0/32", "announce eth0 10.0.0.0", "announced: <nil>", "added: <nil>", "idle")
	})
}

// TestSkippedIsNotAnnounced: what is not added because its wish has ended between two pieces is not announced either.
func TestSkippedIsNotAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		const first = "add 10.0.0.0/32 to 10.0.0.63/32: 64"
		release := b.block(first)
		held := b.block("remove 10.0.1.0/32")
		b.holder.Remove(many(257)[256:]) // keeps the goroutine, so that the next job has both
		synctest.Wait()
		b.holder.Add(many(70))
		b.holder.Announce(many(70), 1)
		held()
		synctest.Wait()
		b.want("remove 10.0.1.0/32", "removed: <nil>", first)
		b.holder.Remove(many(70)[64:])
		release()
		synctest.Wait()
		b.want("announce eth0 10.0.0.0 to 10.0.0.63: 64", "announced: <nil>", "added: <nil>",
			"remove 10.0.0.64/32 to 10.0.0.69/32: 6", "removed: <nil>", "idle")
	})
}

// TestEndedWishIsNotAnnounced: the same for one that is held when its wish ends during a job.
func TestEndedWishIsNotAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.hold(many(1)...)
		release := b.block("add 10.0.0.1/32")
		b.holder.Add(many(2)[1:])
		b.holder.Announce(many(1), 1)
		b.run(1)
		synctest.Wait()
		b.holder.Remove(many(1))
		release()
		synctest.Wait()
		b.want("add 10.0.0.1/32", "added: <nil>", "remove 10.0.0.0/32", "removed: <nil>", "idle")
	})
}

// TestOvertakenSuccessIsTold: an outcome that was held back for a later wish is told although that wish ends before the
// work on it begins.
func TestOvertakenSuccessIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first, second := b.block("add 10.0.0.0/32"), b.block("remove 10.0.0.2/32")
		b.holder.Add(many(1))
		b.holder.Remove(many(3)[2:])
		b.run(1)
		synctest.Wait()
		b.holder.Add(many(2)[1:])
		first()
		synctest.Wait()
		b.want("add 10.0.0.0/32", "remove 10.0.0.2/32")
		b.holder.Remove(many(2)[1:])
		second()
		synctest.Wait()
		b.want("removed: <nil>", "added: <nil>", "remove 10.0.0.1/32", "removed: <nil>", "idle")
	})
}

// TestFailedRemovalOfUnknown: what was never added and could not be removed may be there, and is tried again.
func TestFailedRemovalOfUnknown(t *testing.T) {
	b := newBench(t)
	b.fail("remove 10.0.0.0/32", errBackend)
	b.holder.Remove(many(1))
	b.work()
	b.wantSettled(false)
	b.wantRetry(true)
}
