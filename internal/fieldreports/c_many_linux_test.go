// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport44ManyVirtualRouters has all the virtual routers of a link fail over at once. Each does so once and for
// good, with its address, and a client finds all of them at their new place.
func TestFieldReport44ManyVirtualRouters(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	b.within("client", func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		return netlink.RouteAdd(&netlink.Route{LinkIndex: eth0.Attrs().Index, Dst: &net.IPNet{IP: net.IP{10, 1, 0, 0}, Mask: net.CIDRMask(16, 32)}})
	})
	var all []netip.Prefix
	var better, worse []vrrp.VirtualRouterConfig
	for vrid := 1; vrid <= 255; vrid++ {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, 0, byte(vrid)}), 32)
		one, two := steady(virtual(200, p)), steady(virtual(100, p))
		one.VRID, two.VRID = uint8(vrid), uint8(vrid)
		all, better, worse = append(all, p), append(better, one), append(worse, two)
	}
	n1 := b.startWith("n1", setup{Virtual: better})
	n1.awaitAll("is Active", isActive)
	n2 := b.startWith("n2", setup{Virtual: worse})
	n2.awaitFollower()
	b.believe("client", "eth0", b.mac("n1"), all...)
	b.must(b.host("n1").Unplug())
	n2.awaitAll("is Active", isActive)
	await(t, "all addresses", func() bool { return b.holds("n2", all...) })
	b.awaitNeighbour("client", "eth0", b.mac("n2"), all...)
	b.ping("client", all[254].Addr())
	for _, v := range n2.virtual {
		if s := v.Status(); s.Stats.BecameActive != 1 || s.State != vrrp.Active || s.LastError != nil {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	if s := n2.router.Stats(); s.SendErrors != 0 || s.Rejected != 0 {
		t.Errorf("%+v", s)
	}
}
