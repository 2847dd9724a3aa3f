// SPDX-License-Identifier: Apache-2.0

package prefixes_test

import (
	"net/netip"
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
