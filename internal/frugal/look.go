// SPDX-License-Identifier: Apache-2.0

package frugal

import "runtime/metrics"

// heap says what memory is used for, in octets.
type heap struct {
	objects uint64 // allocated, and not yet found to be garbage
	recent  uint64 // of those, allocated since the last collection
	free    uint64 // not given back to the system
}

// look returns the heap as it is. It stops nothing, as [runtime.ReadMemStats] would.
func look() heap {
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(s)
	objects, live := s[0].Value.Uint64(), s[1].Value.Uint64()
	return heap{objects: objects, recent: objects - min(objects, live), free: s[2].Value.Uint64()}
}
