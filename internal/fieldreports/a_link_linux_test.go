// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// fault is something that keeps a router from its role.
type fault struct {
	name        string
	addr        netip.Prefix // that the virtual router has
	reason      vrrp.Reason
	speechless  bool // no goodbye can be sent
	make, amend func(b *bench)
}

// TestFieldReport10NotActiveWithoutTheLink: an Active Router whose link goes down, loses its carrier or has no address to
// send from is no Active Router: it has no address and sends nothing, and its peer takes over. It comes back when the
// link does.
func TestFieldReport10NotActiveWithoutTheLink(t *testing.T) {
	link := func(up bool) func(*bench) { return func(b *bench) { b.must(b.host("n1").SetLink(0, up)) } }
	source := func(addr func(*bench) netip.Prefix, f func(netlink.Link, *netlink.Addr) error) func(*bench) {
		return func(b *bench) { b.somebody("n1", "eth0", f, addr(b)) }
	}
	own4 := func(b *bench) netip.Prefix { return netip.PrefixFrom(b.host("n1").Addr(0), 24) }
	own6 := func(b *bench) netip.Prefix { return netip.PrefixFrom(b.linkLocal("n1"), 64) }
	service6 := netip.MustParsePrefix("fe80::100/64")
	for _, f := range []fault{
		{"Down", vip4(), vrrp.ReasonLinkDown, true, link(false), link(true)},
		{"Down6", service6, vrrp.ReasonLinkDown, true, link(false), link(true)},
		{"Carrier", vip4(), vrrp.ReasonLinkDown, true, cable(false), cable(true)},
		{"Source", vip4(), vrrp.ReasonNoAddress, false, source(own4, netlink.AddrDel), source(own4, netlink.AddrAdd)},
		{"Source6", service6, vrrp.ReasonNoAddress, false, source(own6, netlink.AddrDel), source(own6, netlink.AddrAdd)},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				f.test(newBench(t, "n1", "n2"))
			}
		})
	}
}

// cable returns a function that sets the other end of n1's cable down or up.
func cable(up bool) func(*bench) {
	return func(b *bench) {
		b.Helper()
		port, err := netlink.LinkByName("port0.0")
		if err == nil && up {
			err = netlink.LinkSetUp(port)
		} else if err == nil {
			err = netlink.LinkSetDown(port)
		}
		b.must(err)
	}
}

func (f *fault) test(b *bench) {
	n1, n2 := b.pair(f.addr)
	mark := b.wire.mark()
	f.make(b)
	n1.awaitState(vrrp.Initialize)
	b.awaitHolder("n2", []string{"n1"}, f.addr)
	if last := n1.status().Last; last.Reason != f.reason {
		b.Errorf("n1: %v", last)
	}
	heard := n2.status().Stats.Received
	b.awaitSent("n2", b.wire.mark(), 5, advert)
	if f.speechless && len(b.wire.sent("n1", mark, goodbye)) > 0 || n2.status().Stats.Received != heard || n1.state() != vrrp.Initialize {
		b.Errorf("n1 is %v, and has sent %v", n1.state(), b.wire.sent("n1", mark))
	}
	f.amend(b)
	n1.awaitState(vrrp.Active)
	b.awaitHolder("n1", []string{"n2"}, f.addr)
	if want := []vrrp.State{vrrp.Backup, vrrp.Active, vrrp.Initialize, vrrp.Backup, vrrp.Active}; !slices.Equal(n1.path(), want) {
		b.Errorf("n1 went %v, want %v", n1.transitions(), want)
	}
}
