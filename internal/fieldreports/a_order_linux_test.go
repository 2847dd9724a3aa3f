// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vrrp"
)

// lateNetwork is a network that gets round to sending when something has happened, or hasn't for a while.
type lateNetwork struct {
	*netif.Network
	happened func() bool
}

func (n lateNetwork) Flush(f func(port int, err error)) {
	for end := time.Now().Add(100 * time.Millisecond); !n.happened() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	n.Network.Flush(f)
}

// TestFieldReport14AdvertisesFirst: a router that takes the role advertises before it has the addresses and announces
// them, also on a host that is slow to send: so that one who still has them lets go first.
func TestFieldReport14AdvertisesFirst(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1")
	cfg := virtual(200)
	cfg.Interval, cfg.EagerStart = time.Second, true
	b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{cfg}, Before: func(n *netif.Network) vrrp.Network {
		return lateNetwork{n, func() bool { return b.holds("n1", vip4()) }}
	}})
	b.awaitSent("n1", 0, 3, advert, claim)
	if all := b.wire.sent("n1", 0, advert, claim); all[0].kind != advert {
		t.Errorf("sent was %v", all)
	}
}
