// SPDX-License-Identifier: Apache-2.0

// Package heaptest bounds in tests what things take of which there may be thousands.
package heaptest

import (
	"runtime"
	"testing"
)

// Hold fails the test if make, which makes n of what it says, has each of them take more
// than most octets of the heap. The caller keeps them alive.
func Hold(t testing.TB, what string, n, most uint64, make func()) {
	t.Helper()
	before := live()
	make()
	if of := (live() - before) / n; of > most {
		t.Errorf("%s takes %d octets of the heap, more than %d", what, of, most)
	} else {
		t.Logf("%s takes %d octets of the heap", what, of)
	}
}

// live returns how much of the heap is in use.
func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
