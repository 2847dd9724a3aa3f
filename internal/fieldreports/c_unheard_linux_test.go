// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport35LoserIsNeverHeard is the same with the winner the first to speak. The loser gives up without having
// been heard, and the neighbours must come back all the same.
func TestFieldReport35LoserIsNeverHeard(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	loser := virtual(100)
	loser.Interval = 500 * time.Millisecond
	_, n2, _, sent := b.split(virtual(200), loser)
	sent.next(b) // so that the winner is the next to speak
	b.must(b.host("n1").Plug())
	n2.awaitState(vrrp.Backup)
	b.awaitNeighbour("client", "eth0", b.mac("n1"), vip4())
}
