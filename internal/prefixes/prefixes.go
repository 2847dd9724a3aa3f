// SPDX-License-Identifier: Apache-2.0

// Package prefixes compares lists of service addresses.
package prefixes

import (
	"net/netip"
	"slices"
)

// Without returns what of a is not in b, in the order of a.
func Without(a, b []netip.Prefix) []netip.Prefix { return pick(a, b, false) }

// Among returns what of a is in b, in the order of a.
func Among(a, b []netip.Prefix) []netip.Prefix { return pick(a, b, true) }

func pick(a, b []netip.Prefix, in bool) []netip.Prefix {
	switch {
	case len(a) == 0 || len(b) == 0 && in:
		return nil
	case len(b) == 0:
		return slices.Clone(a)
	}
	set := make(map[netip.Prefix]struct{}, len(b))
	for _, p := range b {
		set[p] = struct{}{}
	}
	return slices.DeleteFunc(slices.Clone(a), func(p netip.Prefix) bool { _, ok := set[p]; return ok != in })
}
