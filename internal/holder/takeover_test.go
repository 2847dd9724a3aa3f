// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"math"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// null is a backend and an announcer that do nothing.
type null struct{}

func (null) Add(context.Context, []netip.Prefix) error                     { return nil }
func (null) Remove(context.Context, []netip.Prefix) error                  { return nil }
func (null) Announce(context.Context, string, [6]byte, []netip.Addr) error { return nil }
func (null) Added(error)                                                   {}
func (null) Removed(error)                                                 {}
func (null) Announced(error)                                               {}
func (null) Hooked(error)                                                  {}

// nullConfig connects a holder with them.
func nullConfig(pool *holder.Pool) holder.Config {
	common := &holder.Common{Pool: pool, Announcer: null{}, Timeout: timeout, Idle: func() {}}
	return holder.Config{Common: common, Place: &holder.Place{Backend: null{}, Link: "eth0"}, Outcomes: null{}}
}

// thousand returns what takes over 1,000 addresses, announces them five times and gives them back.
func thousand() func(context.Context) {
	pool := holder.NewPool()
	h := holder.New(nullConfig(pool))
	addrs := many(1000)
	return func(ctx context.Context) {
		h.Add(addrs)
		h.Announce(addrs, 5)
		pool.Work(ctx)
		h.Remove(addrs)
		pool.Work(ctx)
	}
}

// BenchmarkTakeOver is what a holder itself takes for that.
func BenchmarkTakeOver(b *testing.B) {
	f := thousand()
	b.ReportAllocs()
	for b.Loop() {
		f(b.Context())
	}
}

// BenchmarkTakeOverFirstRound is the part of that for which clients wait: until each address is there and has been
// announced once.
func BenchmarkTakeOverFirstRound(b *testing.B) {
	f := firstRound()
	b.ReportAllocs()
	for b.Loop() {
		f(b.Context())
	}
}

// firstRound returns what has a new holder do that.
func firstRound() func(context.Context) {
	pool := holder.NewPool()
	cfg, addrs := nullConfig(pool), many(1000)
	return func(ctx context.Context) {
		h := holder.New(cfg)
		h.Add(addrs)
		h.Announce(addrs, 1)
		pool.Work(ctx)
	}
}

// TestTakeOverAllocations: what a take-over of many addresses allocates is in proportion to them, and nothing for a single
// one: 40 octets of what is there, 32 that the backend gets, 24 for each round of announcements, and little besides. Garbage
// would be collected while addresses are added.
func TestTakeOverAllocations(t *testing.T) {
	for _, c := range []struct {
		name           string
		f              func(context.Context)
		mallocs, bytes uint64 // at most
	}{
		{"first round", firstRound(), 200, 160_000},
		{"five rounds and removal", thousand(), 300, 280_000},
	} {
		c.f(t.Context())
		mallocs, bytes := uint64(math.MaxUint64), uint64(math.MaxUint64)
		for range 10 { // the least: parts are smaller where the host is slow, and others allocate, too
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			c.f(t.Context())
			runtime.ReadMemStats(&after)
			mallocs, bytes = min(mallocs, after.Mallocs-before.Mallocs), min(bytes, after.TotalAlloc-before.TotalAlloc)
		}
		if mallocs > c.mallocs {
			t.Errorf("%s: %d allocations for 1,000 addresses, want %d at most", c.name, mallocs, c.mallocs)
		}
		if bytes > c.bytes {
			t.Errorf("%s: %d octets allocated for 1,000 addresses, want %d at most", c.name, bytes, c.bytes)
		}
	}
}

// TestParts: what follows the first part is in larger ones where the backend is quick.
func TestParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.holder.Add(many(500))
		b.work()
		b.want("add 10.0.0.0/32 to 10.0.0.63/32: 64", "add 10.0.0.64/32 to 10.0.0.191/32: 128", "add 10.0.0.192/32 to 10.0.1.63/32: 128",
			"add 10.0.1.64/32 to 10.0.1.191/32: 128", "add 10.0.1.192/32 to 10.0.1.243/32: 52", "added: <nil>", "idle")
	})
}

// TestPartsOfSlowBackend: one that is slow is asked for few at once.
func TestPartsOfSlowBackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		common := &holder.Common{Pool: holder.NewPool(), Timeout: timeout, Idle: func() {}}
		h := holder.New(holder.Config{Common: common, Place: &holder.Place{Backend: slow{sizes: &sizes}}, Outcomes: null{}})
		h.Add(many(150))
		common.Pool.Work(t.Context())
		if want := []int{64, 64, 22}; !slices.Equal(sizes, want) {
			t.Errorf("parts of %v, want %v", sizes, want)
		}
	})
}

// slow is a backend that takes a millisecond for an address.
type slow struct {
	null
	sizes *[]int
}

func (s slow) Add(_ context.Context, addrs []netip.Prefix) error {
	*s.sizes = append(*s.sizes, len(addrs))
	time.Sleep(time.Duration(len(addrs)) * time.Millisecond)
	return nil
}
