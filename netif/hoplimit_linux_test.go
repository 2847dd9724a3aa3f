// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestQueueTo sends to a host with the hop limit that is asked for, and what comes next with the usual one.
func TestQueueTo(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		_, n1, n2 := twoHosts(t, nil)
		from, to := n1.attach(t, "eth0", group), n2.attach(t, "eth0", group)
		src, dst := n1.addr(from), n2.addr(to)
		n1.do(func() {
			for _, limit := range []uint8{1, 64, 255} {
				n1.net.QueueTo(from, limit, src, dst, fmt.Appendf(nil, "limit %d", limit))
				n1.net.Queue(from, [6]byte{}, src, dst, fmt.Appendf(nil, "after %d", limit))
			}
		})
		for payload, want := range map[string]uint8{"limit 1": 1, "limit 64": 64, "limit 255": 255, "after 1": 255, "after 64": 255, "after 255": 255} {
			if a := n2.awaitPacket(t, payload); a.hopLimit != want || a.src != src || a.dst != dst {
				t.Errorf("arrived %+v, want a hop limit of %d", a, want)
			}
		}
		if errs := n1.failures(); len(errs) > 0 {
			t.Error(errs)
		}
	})
}
