// SPDX-License-Identifier: Apache-2.0

package vip

// keptRoom is how many elements a slice may have room for that is kept for the next call: leases are renewed by the
// thousand every second, in calls of no more than that, and what they take is to be no garbage.
const keptRoom = 128

// roomFor returns a slice without elements that has room for n of them: that of another one, if it has it.
func roomFor[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, 0, n)
	}
	return s[:0]
}

// emptied returns a slice without elements that has the room of another one, if that is in proportion.
func emptied[T any](s []T) []T {
	if clear(s); cap(s) > keptRoom {
		return nil
	}
	return s[:0]
}
