// SPDX-License-Identifier: Apache-2.0

// Package ordered keeps what there may be thousands of in order, in an eighth of the memory
// that maps take for their keys and for what they keep free.
package ordered

import "slices"

// Keyed is a value, a pointer as a rule, that can be compared with a key: whether its own is
// less (negative), equal (0) or greater (positive). It is never the zero value.
type Keyed[K any] interface {
	comparable
	Compare(K) int
}

// Table is values in the order of their keys, each key once; the key of a value that it has
// must not change. To add or drop a value moves those after it, which is quick as long as
// there are some ten thousands at most. The zero Table is empty. It is not safe for
// concurrent use.
type Table[K any, V Keyed[K]] []V

// Find returns the index that a key has, or is to have by [slices.Insert], and whether there is a value.
func (t Table[K, V]) Find(key K) (int, bool) {
	return slices.BinarySearchFunc(t, key, func(v V, key K) int { return v.Compare(key) })
}

// Get returns the value of a key, the zero value if there is none.
func (t Table[K, V]) Get(key K) (v V) {
	if i, ok := t.Find(key); ok {
		v = t[i]
	}
	return v
}

// Set has a value, whose key that is, in the place of the one that there may be.
func (t *Table[K, V]) Set(key K, v V) {
	i, ok := t.Find(key)
	if ok {
		(*t)[i] = v
		return
	}
	*t = slices.Insert(*t, i, v)
}

// Drop takes the value of a key away, if there is one.
func (t *Table[K, V]) Drop(key K) {
	if i, ok := t.Find(key); ok {
		*t = slices.Delete(*t, i, i+1)
	}
}
