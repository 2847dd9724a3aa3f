// SPDX-License-Identifier: Apache-2.0

// Package frugal keeps daemons small, whose work is to wait.
package frugal

import (
	"math"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// The library allocates nothing in the steady state: what the heap needs beyond what is live is for the change of roles
// alone. A quarter is plenty, unless GOGC says otherwise; but it has to be enough to take over a thousand addresses
// without a collection, which would take processors from that. So where little is live there is a ballast, that counts as
// live and is never touched: it takes no memory but a quarter of its size, and that only while there is garbage.
const (
	heapGrowth = 25 // per cent
	ballast    = 16 << 20
	plenty     = 8 << 20 // of what is live, to do without

	// little isn't worth a collection. That takes milliseconds, and where every processor is busy with other programs
	// one that wants to advertise waits many times as long for having had them.
	little = 1 << 20

	// started is when the configuration has been carried out. What that left is collected then, and not while a role
	// is taken for the first time.
	started = time.Second

	// settled is when the first roles have been taken: what starting took goes back to the system then.
	settled = 15 * time.Second
)

// Start keeps the program small from now on; gogc is the environment's GOGC. The
// returned function ends that.
func Start(gogc string) (stop func()) {
	var untouched atomic.Pointer[[ballast]byte]
	end := time.AfterFunc(settled, func() { settle(look(), &untouched) })
	if gogc != "" {
		return func() { end.Stop() }
	}
	beginning := time.AfterFunc(started, func() { tidy(look()) })
	before := debug.SetGCPercent(heapGrowth)
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // GOMEMLIMIT would take it for memory in use
		untouched.Store(new([ballast]byte))
	}
	return func() {
		beginning.Stop()
		end.Stop()
		debug.SetGCPercent(before)
		untouched.Store(nil)
	}
}

// tidy collects what is garbage of what was allocated recently.
func tidy(h heap) {
	if h.recent > little {
		runtime.GC()
	}
}

// settle gives back what is free, and the ballast if the rest of the heap is large enough without.
func settle(h heap, untouched *atomic.Pointer[[ballast]byte]) {
	if h.recent+h.free > little {
		debug.FreeOSMemory()
	}
	if untouched.Load() != nil && look().objects > ballast+plenty {
		untouched.Store(nil)
		runtime.GC() // the next one begins by what is live after this one
	}
}
