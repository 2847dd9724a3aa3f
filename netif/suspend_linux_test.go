// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif"
)

// A host that isn't suspended meanwhile has been so for as long as before, but for the moments in which the clocks are read.
func TestSuspended(t *testing.T) {
	n, err := netif.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	before := n.Suspended()
	if after := n.Suspended(); before < 0 || (after-before).Abs() > time.Minute {
		t.Errorf("suspended for %v, then for %v", before, after)
	}
}
