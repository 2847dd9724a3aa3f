// SPDX-License-Identifier: Apache-2.0

package deadline_test

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// An entry is moved either way, the first and the last too, and an empty queue has no deadline.
func TestMoves(t *testing.T) {
	var q deadline.Queue[string]
	if next, ok := q.Next(); ok || !next.IsZero() {
		t.Errorf("empty: %v, %v", next, ok)
	}
	a, b := deadline.Entry[string]{Value: "a"}, deadline.Entry[string]{Value: "b"}
	for _, c := range []struct {
		entry    *deadline.Entry[string]
		at, next int
	}{
		{&a, 5, 5},
		{&b, 7, 5},
		{&b, 3, 3},
		{&b, 6, 5},
		{&a, 6, 6},
		{&a, 9, 6},
	} {
		q.Set(c.entry, at(c.at))
		if next, ok := q.Next(); !ok || !next.Equal(at(c.next)) {
			t.Errorf("%s moved to %d: next %v, want %v", c.entry.Value, c.at, next, at(c.next))
		}
	}
	q.Remove(&b)
	q.Remove(&a)
	if next, ok := q.Next(); ok {
		t.Errorf("emptied: %v", next)
	}
}
