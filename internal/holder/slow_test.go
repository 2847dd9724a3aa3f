// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// run starts n goroutines until the test ends.
func (b *bench) run(n int) {
	b.t.Cleanup(b.pool.Start(b.t.Context(), n))
}

// TestMergedWhileSlow: whatever is wished for while the backend works on a call becomes one call, and one outcome.
func TestMergedWhileSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		release := b.block("add 10.0.0.1/24")
		b.holder.Add(prefixes("10.0.0.1/24"))
		synctest.Wait()
		b.want("add 10.0.0.1/24")
		for range 100 {
			b.holder.Remove(prefixes("10.0.0.1/24"))
			b.holder.Add(prefixes("10.0.0.2/24"))
			b.holder.Add(prefixes("10.0.0.1/24"))
			b.holder.Remove(prefixes("10.0.0.2/24"))
		}
		b.holder.Add(prefixes("10.0.0.3/24"))
		b.holder.Remove(prefixes("10.0.0.1/24"))
		release()
		synctest.Wait()
		b.want(
			"add 10.0.0.3/24", "added: <nil>", "remove 10.0.0.2/24 10.0.0.1/24", "removed: <nil>", "idle")
		b.wantHeld(prefixes("10.0.0.3/24")...)
	})
}

// TestTimeout: a backend or announcer that hangs is given up after the time-out, each call by itself, and the work goes
// on.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.block("add 10.0.0.1/24")
		b.block("announce eth0 10.0.0.2")
		b.block("remove 10.0.0.3/24")
		b.holder.Add(prefixes("10.0.0.1/24"))
		b.holder.Announce(prefixes("10.0.0.2/24"), 1)
		b.holder.Remove(prefixes("10.0.0.3/24"))
		start := time.Now()
		b.run(1)
		for range 3 {
			synctest.Wait()
			time.Sleep(timeout)
		}
		synctest.Wait()
		b.want("add 10.0.0.1/24", "added: context deadline exceeded",
			"remove 10.0.0.3/24", "removed: context deadline exceeded",
			"announce eth0 10.0.0.2", "announced: context deadline exceeded",
			"idle")
		if took := time.Since(start); took != 3*timeout {
			t.Errorf("took %v", took)
		}
	})
}

// TestSilenceWhileSlow: Silence ends the announcement that is under way and those to come, without a report, and nothing
// else.
func TestSilenceWhileSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.block("announce eth0 10.0.0.1 10.0.0.2")
		b.holder.Announce(prefixes("10.0.0.1/24", "10.0.0.2/24"), 3)
		b.run(1)
		synctest.Wait()
		b.want("announce eth0 10.0.0.1 10.0.0.2")
		b.holder.Remove(prefixes("10.0.0.3/24"))
		b.holder.Announce(prefixes("10.0.0.4/24"), 1)
		b.holder.Silence()
		b.holder.Announce(prefixes("10.0.0.5/24"), 1)
		synctest.Wait()
		b.log = slices.DeleteFunc(b.log, func(line string) bool { return line == "idle" }) // once, or before the last Announce too
		b.want("remove 10.0.0.3/24", "removed: <nil>", "announce eth0 10.0.0.5", "announced: <nil>")
	})
}

// TestSilenceWhileAdding: what is added after Silence isn't announced any more.
func TestSilenceWhileAdding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(1)
		release := b.block("add 10.0.0.1/24")
		b.holder.Add(prefixes("10.0.0.1/24"))
		b.holder.Announce(prefixes("10.0.0.1/24"), 3)
		synctest.Wait()
		b.holder.Silence()
		release()
		synctest.Wait()
		b.want("add 10.0.0.1/24", "added: <nil>", "idle")
	})
}

// TestOneSlowHolder: a holder that hangs keeps one goroutine and no other holder.
func TestOneSlowHolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(2)
		release := b.block("add 10.0.0.1/24")
		b.holder.Add(prefixes("10.0.0.1/24"))
		other := holder.New(b.config())
		other.Add(prefixes("10.0.0.2/24"))
		synctest.Wait()
		if !other.Idle() || b.holder.Idle() {
			t.Errorf("idle: the slow one %v, the other %v", b.holder.Idle(), other.Idle())
		}
		release()
		synctest.Wait()
		if !b.holder.Idle() {
			t.Error("not idle after the release")
		}
	})
}

// TestPoolStops: stop waits for the work under way; what waits is left to Work, which leaves the goroutines theirs.
func TestPoolStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		stop := b.pool.Start(t.Context(), 1)
		release := b.block("add 10.0.0.1/24")
		b.holder.Add(prefixes("10.0.0.1/24"))
		synctest.Wait()
		other := holder.New(b.config())
		other.Add(prefixes("10.0.0.2/24"))
		b.work()
		b.want("add 10.0.0.1/24")

		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		synctest.Wait()
		select {
		case <-stopped:
			t.Error("stop did not wait for the work under way")
		default:
		}
		release()
		<-stopped
		b.want("added: <nil>", "idle")
		b.work()
		b.want("add 10.0.0.2/24", "added: <nil>", "idle")
	})
}

// TestPoolStartsAgain: a pool can be started after it was stopped.
func TestPoolStartsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.pool.Start(t.Context(), 2)()
		b.holder.Add(prefixes("10.0.0.1/24"))
		b.run(2)
		synctest.Wait()
		b.want("add 10.0.0.1/24", "added: <nil>", "idle")
	})
}

// TestManyWishes has many holders wish at random, while the pool works and is stopped, and compares what the backend
// has in the end with the last wish for each address.
func TestManyWishes(t *testing.T) {
	var backend viptest.Memory
	manyWishes(t, &backend, backend.Held, false)
}

func manyWishes(t *testing.T, backend holder.Backend, held func() []netip.Prefix, together bool) {
	t.Helper()
	b := newBench(t)
	cfg := b.config()
	cfg.Backend, cfg.Together = backend, together
	stop := b.pool.Start(t.Context(), 4)
	var wg sync.WaitGroup
	holders := make([]*holder.Holder, 20)
	wished := make([][]netip.Prefix, len(holders))
	for i := range holders {
		holders[i] = holder.New(cfg)
		wg.Go(func() { wished[i] = wish(holders[i], many(5 * len(holders))[5*i:5*i+5], uint64(i)) })
	}
	wg.Wait()
	stop()
	b.work()
	for i, h := range holders {
		if got := h.Held(); !slices.Equal(got, wished[i]) || !h.Idle() {
			t.Errorf("holder %d holds %v, want %v", i, got, wished[i])
		}
	}
	got := slices.SortedFunc(slices.Values(held()), netip.Prefix.Compare)
	if want := slices.Concat(wished...); !slices.Equal(got, want) {
		t.Errorf("the backend has %v, want %v", got, want)
	}
}

// wish wishes at random and returns what is wished for in the end.
func wish(h *holder.Holder, addrs []netip.Prefix, seed uint64) []netip.Prefix {
	random := rand.New(rand.NewPCG(seed, 0))
	var wished []netip.Prefix
	for range 200 {
		one := addrs[random.IntN(len(addrs))]
		wished = slices.DeleteFunc(wished, func(p netip.Prefix) bool { return p == one })
		switch random.IntN(4) {
		case 0, 1:
			wished = append(wished, one)
			h.Add([]netip.Prefix{one})
		case 2:
			h.Remove([]netip.Prefix{one})
		case 3:
			h.Remove([]netip.Prefix{one})
			h.Announce(addrs, 1)
			h.Silence()
		}
		for random.IntN(2) == 0 && !h.Idle() { // else all is merged
			runtime.Gosched()
		}
	}
	slices.SortFunc(wished, netip.Prefix.Compare)
	return wished
}
