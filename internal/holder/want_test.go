// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"fmt"
	"testing"
)

// TestRenewalWantedAgain: while a leaser hangs the loop wants the same holders again and
// again. They are sorted once in many times then, whatever their number, and the list
// stays in proportion to it.
func TestRenewalWantedAgain(t *testing.T) {
	for _, n := range []int{1, 2, 63, 511, 1000, 1022, 4094} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			pool := NewPool()
			r := &Renewal{Pool: pool}
			holders := make([]*Holder, n)
			for i := range holders {
				holders[i] = New(Config{Common: &Common{Pool: pool}, Place: &Place{}})
			}
			sorted := 0
			const rounds = 10
			for range rounds {
				for _, h := range holders {
					before := len(r.due)
					if r.Want(h); len(r.due) <= before {
						sorted++
					}
				}
			}
			if sorted > 2*rounds || cap(r.due) > 4*n+4 {
				t.Errorf("sorted %d times, room for %d", sorted, cap(r.due))
			}
			if got := r.take(); len(got) != n {
				t.Errorf("%d holders", len(got))
			}
		})
	}
}
