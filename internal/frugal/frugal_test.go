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
		litter(2 * little)
		for time.Sleep(started); collections() == before; {
			runtime.Gosched() // a collection is no wait that a bubble knows
		}
	})
}

// TestLittle: nothing is collected where there is little.
func TestLittle(t *testing.T) {
	var untouched atomic.Pointer[[ballast]byte]
	settled := func() { settle(&untouched) }
	for left, want := range map[int]uint32{little / 4: 0, 2 * little: 1} {
		for name, f := range map[string]func(){"tidy": tidy, "settle": settled} {
			debug.FreeOSMemory()
			before := collections()
			litter(left)
			f()
			if n := collections() - before; n != want {
				t.Errorf("%s after %d octets: %d collections, want %d", name, left, n, want)
			}
		}
	}
}

// litter allocates n octets, and forgets them.
func litter(n int) {
	for range n >> 10 {
		rubbish = new([1 << 10]byte)
	}
}

// rubbish is what is litter next.
var rubbish *[1 << 10]byte

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
		settle(&untouched)
		if is := untouched.Load() != nil; is != want {
			t.Errorf("with %d octets live: a ballast is %t, want %t", live, is, want)
		}
		runtime.KeepAlive(rest)
	}
}
