// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestFieldReport30HearsAfterGroupsAreForgotten: the kernel takes IPv6 off a link whose MTU is too small for it, and
// forgets what groups there were, without the link going down. When IPv6 is back, a Backup hears the Active Router.
func TestFieldReport30HearsAfterGroupsAreForgotten(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	hearsAfter(newBench(t, "n1", "n2"), func(b *bench) {
		b.mtu("n2", 1200)
		b.mtu("n2", 1500)
	}, netip.MustParsePrefix("fe80::100/64"))
}
