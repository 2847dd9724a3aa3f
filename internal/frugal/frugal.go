// SPDX-License-Identifier: Apache-2.0

// Package frugal keeps daemons small, whose work is to wait.
package frugal

import (
	"runtime/debug"
	"time"
)

// The library allocates nothing in the steady state: what the heap needs beyond what is live is for the change of roles
// alone. A quarter is plenty, unless GOGC says otherwise.
const (
	heapGrowth = 25 // per cent

	// settled is when the first roles have been taken: what starting took goes back to the system then.
	settled = 15 * time.Second
)

// Start keeps the program small from now on; gogc is the environment's GOGC. The
// returned function ends that.
func Start(gogc string) (stop func()) {
	timer := time.AfterFunc(settled, debug.FreeOSMemory)
	if gogc != "" {
		return func() { timer.Stop() }
	}
	before := debug.SetGCPercent(heapGrowth)
	return func() {
		timer.Stop()
		debug.SetGCPercent(before)
	}
}
