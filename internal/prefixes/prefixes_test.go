// SPDX-License-Identifier: Apache-2.0

package prefixes_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/internal/prefixes"
)

func list(text string) (all []netip.Prefix) {
	for _, f := range strings.Fields(text) {
		all = append(all, netip.MustParsePrefix(f))
	}
	return all
}

func TestWithoutAndAmong(t *testing.T) {
	for _, c := range []struct{ a, b, without, among string }{
		{"", "", "", ""},
		{"", "192.0.2.1/32", "", ""},
		{"192.0.2.1/32", "", "192.0.2.1/32", ""},
		{"192.0.2.3/32 192.0.2.1/32 192.0.2.2/32", "192.0.2.2/32 192.0.2.3/32", "192.0.2.1/32", "192.0.2.3/32 192.0.2.2/32"},
		{"192.0.2.1/32", "192.0.2.1/24", "192.0.2.1/32", ""}, // another prefix
		{"192.0.2.1/32 192.0.2.2/32", "192.0.2.1/32 192.0.2.2/32", "", "192.0.2.1/32 192.0.2.2/32"},
		{"192.0.2.1/32 192.0.2.2/32", "192.0.2.1/32 192.0.2.2/32 192.0.2.3/32", "", "192.0.2.1/32 192.0.2.2/32"},
		{"192.0.2.1/32 192.0.2.2/32 192.0.2.1/32", "192.0.2.1/32", "192.0.2.2/32", "192.0.2.1/32 192.0.2.1/32"},
	} {
		a := list(c.a)
		for name, got := range map[string][2][]netip.Prefix{
			"without": {prefixes.Without(a, list(c.b)), list(c.without)},
			"among":   {prefixes.Among(a, list(c.b)), list(c.among)},
			"a after": {a, list(c.a)},
		} {
			if diff := cmp.Diff(got[1], got[0], cmp.Comparer(func(x, y netip.Prefix) bool { return x == y }), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%q and %q: %s (-want +got):\n%s", c.a, c.b, name, diff)
			}
		}
	}
}

// TestManyAndFew: the number of addresses makes no difference.
func TestManyAndFew(t *testing.T) {
	var all, even, odd []netip.Prefix
	for i := range byte(40) {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, i}), 32)
		all = append(all, p)
		if i%2 == 0 {
			even = append(even, p)
		} else {
			odd = append(odd, p)
		}
	}
	for n := range len(even) + 1 {
		if got, want := prefixes.Without(all, even[:n]), len(all)-n; len(got) != want || n > 0 && !slices.Equal(got[n:], all[2*n:]) {
			t.Errorf("without %d: %v", n, got)
		}
		if got := prefixes.Among(all, even[:n]); !slices.Equal(got, even[:n]) {
			t.Errorf("among %d: %v", n, got)
		}
	}
	if got := prefixes.Append(all, odd); !slices.Equal(got, slices.Concat(even, odd)) {
		t.Errorf("appended: %v", got)
	}
}

// TestAppendIsSafe: appending to what is returned, or with it, changes no list that was given.
func TestAppendIsSafe(t *testing.T) {
	all := list("192.0.2.1/32 192.0.2.2/32 192.0.2.3/32")
	a, other := all[:2], list("192.0.2.9/32")
	for name, got := range map[string][]netip.Prefix{
		"without":         prefixes.Without(a, nil),
		"without other":   prefixes.Without(a, other),
		"among":           prefixes.Among(a, all),
		"append to none":  prefixes.Append(nil, a),
		"append to same":  prefixes.Append(a, a),
		"append to other": prefixes.Append(a, other),
	} {
		_ = append(got, other...)
		if !slices.Equal(all, list("192.0.2.1/32 192.0.2.2/32 192.0.2.3/32")) {
			t.Fatalf("%s: the list is now %v", name, all)
		}
	}
}

// TestWithoutGarbage: lists that agree from the beginning on are told from each other without a copy.
func TestWithoutGarbage(t *testing.T) {
	a, b := list("192.0.2.1/32 192.0.2.2/32"), list("192.0.2.1/32 192.0.2.2/32 192.0.2.3/32")
	if n := testing.AllocsPerRun(10, func() {
		prefixes.Without(a, b)
		prefixes.Without(a, nil)
		prefixes.Among(a, b)
		prefixes.Among(a, a)
		prefixes.Append(nil, a)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
