// SPDX-License-Identifier: Apache-2.0

package main

import "fmt"

// identifiers are the VRIDs and VHIDs of a link: 1 to 255.
type identifiers [256]bool

// free writes the ones that are not in use, as "1-50, 52-255". One that a backup
// waits with and nobody advertises can't be seen to be in use.
func (used *identifiers) free() string {
	s := ""
	for first := 1; first <= 255; first++ {
		if used[first] {
			continue
		}
		last := first
		for last < 255 && !used[last+1] {
			last++
		}
		if s != "" {
			s += ", "
		}
		if s += fmt.Sprint(first); last > first {
			s += fmt.Sprintf("-%d", last)
		}
		first = last
	}
	if s == "" {
		return "none"
	}
	return s
}
