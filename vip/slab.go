// SPDX-License-Identifier: Apache-2.0

package vip

// slabLen is how many values a slab makes room for at once, and how many it keeps room for: as many as leases are renewed
// in one call.
const slabLen = 64

// A slab lends values until all are taken back at once: leases are renewed by the thousand every second, and what that
// takes is to be no garbage. The zero slab is ready for use.
type slab[T any] struct {
	parts [][]T
	used  int
}

// next returns a zero value.
func (s *slab[T]) next() *T {
	part, i := s.used/slabLen, s.used%slabLen
	if part == len(s.parts) {
		s.parts = append(s.parts, make([]T, slabLen))
	}
	s.used++
	return &s.parts[part][i]
}

// takeBack ends the use of all.
func (s *slab[T]) takeBack() {
	for i := range (s.used + slabLen - 1) / slabLen {
		clear(s.parts[i])
	}
	s.used = 0
	if len(s.parts) > 1 {
		s.parts = [][]T{s.parts[0]}
	}
}

// emptied returns a slice without elements that has the room of another one, if that is in proportion.
func emptied[T any](s []T) []T {
	if clear(s); cap(s) > 2*slabLen {
		return nil
	}
	return s[:0]
}
