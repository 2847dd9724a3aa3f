// SPDX-License-Identifier: Apache-2.0

package track

import (
	"strconv"
	"testing"
)

func BenchmarkCombine(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			list := make([]Condition, n)
			for i := range list {
				list[i] = Condition{Name: "x", Action: Action{Weight: -i}, Now: down()}
			}
			b.ReportAllocs()
			for b.Loop() {
				Combine(list)
			}
		})
	}
}

// BenchmarkRun is what a run of a check costs beside the check.
func BenchmarkRun(b *testing.B) {
	t, err := New(Config{Check: fine, Pool: NewPool(1)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		t.turn(b.Context())
	}
}
