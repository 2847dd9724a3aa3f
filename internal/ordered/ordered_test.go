// SPDX-License-Identifier: Apache-2.0

package ordered

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// number is a value whose key is what it points to.
type number struct{ n int }

func (v *number) Compare(key int) int { return v.n - key }

// TestTable: a table has what a map has, in order.
func TestTable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var of Table[int, *number]
	model := map[int]*number{}
	for range 2000 {
		key := random.IntN(40)
		if random.IntN(3) == 0 {
			of.Drop(key)
			delete(model, key)
		} else {
			v := &number{key}
			of.Set(key, v)
			model[key] = v
		}
		if of.Get(key) != model[key] || len(of) != len(model) {
			t.Fatalf("%d: %v, want %v; %d of %d", key, of.Get(key), model[key], len(of), len(model))
		}
	}
	if !slices.IsSortedFunc(of, func(x, y *number) int { return x.n - y.n }) {
		t.Error("not in order")
	}
	for key, v := range model {
		if of.Get(key) != v {
			t.Errorf("%d: %v, want %v", key, of.Get(key), v)
		}
	}
}
