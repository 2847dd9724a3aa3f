// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport58SourceIsPinned has somebody add a lower link-local address while the router runs: the source, and with
// it the rank among routers of equal priority, stays as long as it is there.
func TestFieldReport58SourceIsPinned(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	first := b.linkLocal("n1")
	n1 := b.start("n1", virtual(200, ipv6VIPs()...))
	n1.awaitState(vrrp.Active)
	b.address("n1", "eth0", netip.MustParsePrefix("fe80::2/64"), unix.IFA_F_NODAD)
	mark := b.wire.mark()
	await(t, "advertisements", func() bool { return len(b.wire.since(mark, advert)) >= 5 })
	if got := b.wire.sources(0); !slices.Equal(got, []netip.Addr{first}) {
		t.Errorf("advertisements came from %v", got)
	}
	b.somebody("n1", "eth0", netlink.AddrDel, netip.PrefixFrom(first, 64))
	n1.awaitStatus("another source", func(s vrrp.Status) bool { return s.Source == netip.MustParseAddr("fe80::2") })
	if s := n1.status(); s.State != vrrp.Active || s.Stats.BecameActive != 1 {
		t.Errorf("%+v", s)
	}
}
