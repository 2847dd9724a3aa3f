// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"runtime"
	"testing"
	"time"
)

// TestMemoryOfBook holds what an address that is wished for and there takes, of which there may be thousands.
func TestMemoryOfBook(t *testing.T) {
	const addresses, most = 8000, 230
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	b := newBook("eth0", KeeperConfig{})
	before := live()
	for i := range addresses {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), 32)
		b.ask(p, 3, time.Now())
		b.enter(&resident{heldAddr: heldAddr{prefix: p, passing: true}, mark: 112})
	}
	if of := (live() - before) / addresses; of > most {
		t.Errorf("an address takes %d octets of the heap, more than %d", of, most)
	} else {
		t.Logf("an address takes %d octets of the heap", of)
	}
	runtime.KeepAlive(b)
}
