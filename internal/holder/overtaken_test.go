// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"testing"
	"testing/synctest"
)

// overtaken has the addresses of a slow call added, calls wish while it is under way, and lets the call end.
func overtaken(t *testing.T, call string, result error, addrs int, wish func(*bench)) *bench {
	b := newBench(t)
	b.run(1)
	release := b.block(call)
	b.fail(call, result)
	b.holder.Add(many(addrs))
	synctest.Wait()
	b.want(call)
	wish(b)
	release()
	synctest.Wait()
	return b
}

// TestOvertakenFailure: what failed meanwhile is tried again with the next wish, and told once, with its outcome.
func TestOvertakenFailure(t *testing.T) {
	for _, test := range []struct {
		again error
		told  string
	}{{nil, "added: <nil>"}, {errBackend, "added: backend"}} {
		synctest.Test(t, func(t *testing.T) {
			b := overtaken(t, "add 10.0.0.0/32", errBackend, 1, func(b *bench) {
				b.fail("add 10.0.0.0/32 10.0.0.1/32", test.again)
				b.holder.Add(many(2)[1:])
			})
			b.want("add 10.0.0.0/32 10.0.0.1/32", test.told, "idle")
			b.wantHeld(many(2)...)
		})
	}
}

// TestOvertakenByItself: the same address wished for again while its addition fails is added once more, not twice.
func TestOvertakenByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := overtaken(t, "add 10.0.0.0/32", errBackend, 1, func(b *bench) { b.holder.Add(many(1)) })
		b.want("add 10.0.0.0/32", "added: backend", "idle")
	})
}

// TestLateFailure: nobody wants to know that an address could not be added whose wish has ended. It may be there all the
// same, and is removed.
func TestLateFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := overtaken(t, "add 10.0.0.0/32", errBackend, 1, func(b *bench) { b.holder.Remove(many(1)) })
		b.want("remove 10.0.0.0/32", "removed: <nil>", "idle")
		b.wantHeld()
	})
}

// TestLateFailureOfSome: those of a failed call that are still wished for are tried again, the others are not.
func TestLateFailureOfSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := overtaken(t, "add 10.0.0.0/32 10.0.0.1/32", errBackend, 2, func(b *bench) { b.holder.Remove(many(2)[1:]) })
		b.want("add 10.0.0.0/32", "added: <nil>", "remove 10.0.0.1/32", "removed: <nil>", "idle")
		b.wantHeld(many(1)...)
	})
}

// TestWishEndsBetweenPieces: what is no longer wished for when the turn of its piece comes is not added.
func TestWishEndsBetweenPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const first = "add 10.0.0.0/32 to 10.0.0.63/32: 64"
		b := overtaken(t, first, nil, 200, func(b *bench) { b.holder.Remove(many(200)[70:]) })
		b.want("add 10.0.0.64/32 to 10.0.0.69/32: 6", "added: <nil>",
			"remove 10.0.0.70/32 to 10.0.0.199/32: 130", "removed: <nil>", "idle")
		b.wantHeld(many(70)...)
	})
}

// TestAllWishesEndBetweenPieces: the same, where the piece under way fails and all wishes have ended.
func TestAllWishesEndBetweenPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const first = "add 10.0.0.0/32 to 10.0.0.63/32: 64"
		b := overtaken(t, first, errBackend, 200, func(b *bench) { b.holder.Remove(many(200)) })
		b.want("remove 10.0.0.0/32 to 10.0.0.199/32: 200", "removed: <nil>", "idle")
		b.wantHeld()
	})
}

// TestOvertakenRemoval: an address that was to go after a slow addition, and is wished for again when that is done, stays.
func TestOvertakenRemoval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		b.holder.Add(prefixes("10.0.0.9/32"))
		synctest.Wait()
		b.want("add 10.0.0.9/32", "added: <nil>", "idle")
		release := b.block("add 10.0.0.1/32")
		b.holder.Remove(prefixes("10.0.0.9/32"))
		b.holder.Add(prefixes("10.0.0.1/32"))
		synctest.Wait()
		b.want("add 10.0.0.1/32")
		b.holder.Add(prefixes("10.0.0.9/32"))
		release()
		synctest.Wait()
		b.want("removed: <nil>", "add 10.0.0.9/32", "added: <nil>", "idle")
		b.wantHeld(prefixes("10.0.0.1/32", "10.0.0.9/32")...)
	})
}
