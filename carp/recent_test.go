// SPDX-License-Identifier: Apache-2.0

package carp

import "testing"

// digestOf returns a digest that is as good as any.
func digestOf(n int) [20]byte {
	var d [20]byte
	d[0], d[19] = byte(n>>8), byte(n)
	return d
}

func TestRecent(t *testing.T) {
	var r recent
	if r.has([20]byte{}) {
		t.Error("knows the zero digest before anything was sent")
	}
	for n := 1; n <= 1000; n++ {
		r.add(digestOf(n))
		for ago := range recentSent + 1 {
			if got, want := r.has(digestOf(n-ago)), ago < recentSent && n > ago; got != want {
				t.Fatalf("after %d: knows that of %d before: %v", n, ago, got)
			}
		}
		if r.has(digestOf(n + 1)) {
			t.Fatalf("after %d: knows the next one", n)
		}
	}
}

func TestRecentDoesNotAllocate(t *testing.T) {
	var r recent
	if n := testing.AllocsPerRun(100, func() { r.add(digestOf(1)); r.has(digestOf(2)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
