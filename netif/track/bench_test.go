// SPDX-License-Identifier: Apache-2.0

package track

import "testing"

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
