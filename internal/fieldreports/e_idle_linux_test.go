// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vrrp"
)

// waiting is a network that tells when the router first waits.
type waiting struct {
	*netif.Network
	begun chan struct{}
	once  sync.Once
}

func (w *waiting) Wait(until time.Time) {
	w.once.Do(func() { close(w.begun) })
	w.Network.Wait(until)
}

// TestVirtualRouterAddedToAnIdleRouterBegins adds the first virtual router to a router that runs, and has nobody on the
// link say anything: it becomes Active all the same.
func TestVirtualRouterAddedToAnIdleRouterBegins(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1")
	w := &waiting{begun: make(chan struct{})}
	n1 := b.startWith("n1", setup{Before: func(n *netif.Network) vrrp.Network {
		w.Network = n
		return w
	}})
	<-w.begun
	_, err := n1.router.Add(virtual(200))
	b.must(err)
	b.awaitSent("n1", 0, 3, advert) // without a call to the router, which would wake it
}
