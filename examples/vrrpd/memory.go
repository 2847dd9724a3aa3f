// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
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

// saveMemory keeps the program small. The returned function ends that.
func saveMemory() (stop func()) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	timer := time.AfterFunc(settled, debug.FreeOSMemory)
	return func() { timer.Stop() }
}
