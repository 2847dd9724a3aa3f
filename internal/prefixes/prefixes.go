// SPDX-License-Identifier: Apache-2.0

// Package prefixes compares lists of service addresses. What it returns may be a part of
// what it was given: lists of addresses are not written to once they are made. Appending
// to it is safe.
package prefixes

import (
	"net/netip"
	"slices"
)

// Without returns what of a is not in b, in the order of a.
func Without(a, b []netip.Prefix) []netip.Prefix {
	switch {
	case len(a) == 0 || leads(a, b):
		return nil
	case len(b) == 0:
		return slices.Clip(a)
	}
	return pick(a, b, false)
}

// Among returns what of a is in b, in the order of a.
func Among(a, b []netip.Prefix) []netip.Prefix {
	switch {
	case len(a) == 0 || len(b) == 0:
		return nil
	case leads(a, b):
		return slices.Clip(a)
	}
	return pick(a, b, true)
}

// Append returns what of a is not in b, and after it b.
func Append(a, b []netip.Prefix) []netip.Prefix {
	rest := Without(a, b)
	if len(rest) == 0 {
		return slices.Clip(b)
	}
	return append(rest, b...)
}

// leads reports whether b begins with a, as it does where all of one virtual router's
// addresses are meant by both. Many lists are long.
func leads(a, b []netip.Prefix) bool {
	return len(a) <= len(b) && (&a[0] == &b[0] || slices.Equal(a, b[:len(a)]))
}

// few is how many addresses are faster looked for one by one.
const few = 8

func pick(a, b []netip.Prefix, in bool) []netip.Prefix {
	has := func(p netip.Prefix) bool { return slices.Contains(b, p) }
	if len(b) > few {
		set := make(map[netip.Prefix]struct{}, len(b))
		for _, p := range b {
			set[p] = struct{}{}
		}
		has = func(p netip.Prefix) bool { _, ok := set[p]; return ok }
	}
	var picked []netip.Prefix
	for i, p := range a {
		if has(p) != in {
			continue
		}
		if picked == nil {
			picked = make([]netip.Prefix, 0, len(a)-i)
		}
		picked = append(picked, p)
	}
	return picked
}
