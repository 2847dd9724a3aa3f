// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/heaptest"
)

// TestMemoryOfBook holds what an address that is wished for and there takes, of which there may be thousands.
func TestMemoryOfBook(t *testing.T) {
	const addresses, most = 8000, 230
	b := newBook("eth0", KeeperConfig{})
	heaptest.Hold(t, "an address", addresses, most, func() {
		for i := range addresses {
			p := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), 32)
			b.ask(p, 3, time.Now())
			b.enter(&resident{heldAddr: heldAddr{prefix: p, passing: true}, mark: 112})
		}
	})
	runtime.KeepAlive(b)
}
