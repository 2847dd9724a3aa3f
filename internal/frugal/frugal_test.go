// SPDX-License-Identifier: Apache-2.0

package frugal

import (
	"math"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// growth returns the percentage by which the heap may grow.
func growth() int {
	is := debug.SetGCPercent(100)
	debug.SetGCPercent(is)
	return is
}

// TestStart lets the heap grow by less while the program runs, unless the environment says by how much.
func TestStart(t *testing.T) {
	for gogc, want := range map[string]int{"": heapGrowth, "100": growth()} {
		t.Run("GOGC="+gogc, func(t *testing.T) {
			before := growth()
			stop := Start(gogc)
			if is := growth(); is != want {
				t.Errorf("the heap may grow by %d %%, want %d", is, want)
			}
			stop()
			if is := growth(); is != before {
				t.Errorf("it may grow by %d %% after the end, %d before", is, before)
			}
		})
	}
}

// TestMemoryLimit: a limit is not used up by a ballast, as it would be collecting all the time then.
func TestMemoryLimit(t *testing.T) {
	for limit, want := range map[int64]bool{math.MaxInt64: true, 64 << 20: false} {
		before := debug.SetMemoryLimit(limit)
		live := inUse()
		stop := Start("")
		if is := inUse() > live+ballast/2; is != want {
			t.Errorf("with a limit of %d: a ballast is %t, want %t", limit, is, want)
		}
		stop()
		debug.SetMemoryLimit(before)
	}
}

// TestStarted: what starting left is collected a moment later.
func TestStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := collections()
		defer Start("")()
		if n := collections() - before; n != 0 {
			t.Errorf("%d collections at once", n)
		}
		runtime.GC() // the ballast had one begin
		before = collections()
		left := make([]byte, 2*little)
		for time.Sleep(started); collections() == before; {
			runtime.Gosched() // a collection is no wait that a bubble knows
		}
		runtime.KeepAlive(left)
	})
}

// TestLittle: nothing is collected where there is little.
func TestLittle(t *testing.T) {
	var untouched atomic.Pointer[[ballast]byte]
	for _, test := range []struct {
		heap         heap
		tidy, settle uint32
	}{
		{heap{recent: little}, 0, 0},
		{heap{recent: little + 1}, 1, 1},
		{heap{recent: little / 2, free: little / 2}, 0, 0},
		{heap{recent: little / 2, free: little}, 0, 1},
	} {
		before := collections()
		tidy(test.heap)
		between := collections()
		settle(test.heap, &untouched)
		if a, b := between-before, collections()-between; a != test.tidy || b != test.settle {
			t.Errorf("%+v: %d and %d collections, want %d and %d", test.heap, a, b, test.tidy, test.settle)
		}
	}
}

// TestLook: what was allocated since the last collection is known, also while it is live.
func TestLook(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	before := look()
	kept := make([]byte, plenty)
	after := look()
	if after.recent < plenty/2 || after.objects < before.objects+plenty/2 { // they are counted in parts
		t.Errorf("after %d octets of %+v: %+v", plenty, before, after)
	}
	runtime.KeepAlive(kept)
	runtime.GC()
	if h := look(); h.recent >= plenty/2 {
		t.Errorf("after a collection: %+v", h)
	}
}

// collections returns how many were asked for.
func collections() uint32 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.NumForcedGC
}

// inUse returns how many octets are live.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestBallast: what is settled keeps its ballast only if little else is live.
func TestBallast(t *testing.T) {
	for live, want := range map[int]bool{1 << 10: true, plenty: false} {
		var untouched atomic.Pointer[[ballast]byte]
		untouched.Store(new([ballast]byte))
		rest := make([]byte, live)
		settle(heap{recent: plenty}, &untouched)
		if is := untouched.Load() != nil; is != want {
			t.Errorf("with %d octets live: a ballast is %t, want %t", live, is, want)
		}
		runtime.KeepAlive(rest)
	}
}
