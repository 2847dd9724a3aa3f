// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/heaptest"
)

// TestMemoryOfLinkTable holds what an address of a link takes, of which there may be thousands.
func TestMemoryOfLinkTable(t *testing.T) {
	const addresses, most = 7200, 200
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	heaptest.Hold(t, "an address", addresses, most, func() {
		for i := range addresses {
			a := netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)})
			r.setAddress(2, addressKey{local: a, peer: a, bits: 32}, address{flags: permanent, mark: 112})
		}
	})
	runtime.KeepAlive(r)
}

// TestMemoryOfAnnouncedAddresses holds what a service address takes that the kernel does not tell of.
func TestMemoryOfAnnouncedAddresses(t *testing.T) {
	const addresses, most = 100_000, 24
	r := newRecorder()
	heaptest.Hold(t, "an announced address", addresses, most, func() {
		for i := range addresses {
			r.announced.add(1, []netip.Addr{netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})})
		}
	})
	runtime.KeepAlive(r)
}
