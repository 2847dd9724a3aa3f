// SPDX-License-Identifier: Apache-2.0

package holder_test

import "testing"

// wantRetry compares what Retry reports.
func (b *bench) wantRetry(want bool) {
	b.t.Helper()
	if got := b.holder.Retry(); got != want {
		b.t.Errorf("Retry reports %v, want %v", got, want)
	}
}

// wantSettled compares what Settled reports.
func (b *bench) wantSettled(want bool) {
	b.t.Helper()
	if got := b.holder.Settled(); got != want {
		b.t.Errorf("settled: %v, want %v", got, want)
	}
}

// TestRetry: a removal that failed is tried again when it is asked for, until it is done.
func TestRetry(t *testing.T) {
	b := newBench(t)
	b.hold(prefixes("10.0.0.1/24", "10.0.0.2/24")...)
	b.wantRetry(false)
	b.fail("remove 10.0.0.1/24", errBackend)
	b.holder.Remove(prefixes("10.0.0.1/24"))
	b.work()
	b.want("remove 10.0.0.1/24", "removed: backend", "idle")

	b.wantRetry(true)
	b.work()
	b.want("remove 10.0.0.1/24", "removed: backend", "idle")

	b.fail("remove 10.0.0.1/24", nil)
	b.wantRetry(true)
	b.work()
	b.want("remove 10.0.0.1/24", "removed: <nil>", "idle")
	b.wantRetry(false)
	b.work()
	b.want()
	b.wantHeld(prefixes("10.0.0.2/24")...)
}

// TestRetryPartial: only what failed is tried again, in one call with what waits anyway, and each address once.
func TestRetryPartial(t *testing.T) {
	b := newBench(t)
	b.hold(many(4)...)
	b.fail("remove 10.0.0.2/32", errBackend)
	b.holder.Remove(many(3)[2:])
	b.work()
	b.holder.Remove(many(1))
	b.work()
	b.want("remove 10.0.0.2/32", "removed: backend", "idle", "remove 10.0.0.0/32", "removed: <nil>", "idle")
	b.wantHeld(many(4)[1:]...)

	b.holder.Remove(many(2)[1:])
	b.wantRetry(true)
	b.wantRetry(true)
	b.work()
	b.want("remove 10.0.0.1/32 10.0.0.2/32", "removed: <nil>", "idle")
	b.wantHeld(many(4)[3:]...)
}

// TestRetryOfOneCall: which addresses a call removed before it failed can't be known, so all of it is tried again.
func TestRetryOfOneCall(t *testing.T) {
	b := newBench(t)
	b.hold(many(2)...)
	b.fail("remove 10.0.0.0/32 10.0.0.1/32", errBackend)
	b.holder.Remove(many(2))
	b.work()
	b.want("remove 10.0.0.0/32 10.0.0.1/32", "removed: backend", "idle")
	b.wantHeld(many(2)...)

	b.fail("remove 10.0.0.0/32 10.0.0.1/32", nil)
	b.wantRetry(true)
	b.work()
	b.want("remove 10.0.0.0/32 10.0.0.1/32", "removed: <nil>", "idle")
	b.wantHeld()
}

// TestRetryAfterNewWish: what is wished for again is no removal that failed.
func TestRetryAfterNewWish(t *testing.T) {
	b := newBench(t)
	b.hold(many(1)...)
	b.fail("remove 10.0.0.0/32", errBackend)
	b.holder.Remove(many(1))
	b.work()
	b.holder.Add(many(1))
	b.work()
	b.wantRetry(false)
	b.wantSettled(true)
}

// TestSettled: from the end of a wish to the removal something is there that isn't wished for.
func TestSettled(t *testing.T) {
	b := newBench(t)
	b.wantSettled(true)
	b.holder.Add(many(2))
	b.wantSettled(true)
	b.work()
	b.wantSettled(true)

	b.fail("remove 10.0.0.0/32", errBackend)
	b.holder.Remove(many(1))
	b.wantSettled(false)
	b.work()
	b.wantSettled(false)

	b.fail("remove 10.0.0.0/32", nil)
	b.wantRetry(true)
	b.wantSettled(false)
	b.work()
	b.wantSettled(true)
}

// TestSettledWithoutAdd: what was never added may be there too, from an earlier run, when its removal is asked for.
func TestSettledWithoutAdd(t *testing.T) {
	b := newBench(t)
	b.holder.Remove(many(1))
	b.wantSettled(false)
	b.work()
	b.wantSettled(true)
}
