// SPDX-License-Identifier: Apache-2.0

package conditions

import (
	"strconv"
	"testing"

	"github.com/go-fhrp/fhrp/netif/track"
)

func BenchmarkCombine(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			list := make([]Condition, n)
			for i := range list {
				list[i] = Condition{Name: "x", Action: track.Action{Weight: -i}, Now: down()}
			}
			b.ReportAllocs()
			for b.Loop() {
				Combine(list)
			}
		})
	}
}
