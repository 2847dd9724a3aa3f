// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport27StartupHold: a host has booted, and the switch doesn't forward for it yet. With a startup hold it does
// not claim, hears the Active Router when it can, and from then on is a Backup like any other.
func TestFieldReport27StartupHold(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1 := b.start("n1", virtual(200))
	n1.awaitState(vrrp.Active)
	b.must(b.host("n2").Unplug())
	held, eager := virtual(250), virtual(250, prefixes("10.0.0.101/32")...)
	held.StartupHold, held.NoPreempt, eager.VRID = time.Hour, true, 52
	n2 := b.startWith("n2", setup{Virtual: []vrrp.VirtualRouterConfig{held, eager}})
	await(t, "the one without a hold claims", func() bool { return n2.virtual[1].Status().State == vrrp.Active })
	if n2.state() != vrrp.Backup {
		t.Errorf("n2: %v", n2.transitions())
	}
	b.must(b.host("n2").Plug())
	n2.awaitPeer("n1")
	b.awaitSent("n1", b.wire.mark(), 5, advert)
	if want := []vrrp.State{vrrp.Backup}; !slices.Equal(n2.path(), want) || !b.holdsAlone("n1", []string{"n2"}, vip4()) {
		t.Errorf("n2: %v", n2.transitions())
	}
	n1.stop()
	b.awaitHolder("n2", []string{"n1"}, vip4()) // the hold has ended
}

// TestFieldReport27StartupHoldEnds: where nobody is to be heard, a router claims when its hold has ended, also after its
// link was down.
func TestFieldReport27StartupHoldEnds(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1")
	cfg := virtual(200)
	cfg.StartupHold = 600 * time.Millisecond
	n1 := b.start("n1", cfg)
	for _, up := range []bool{true, false, true} {
		b.must(b.host("n1").SetLink(0, up))
		n1.awaitState(map[bool]vrrp.State{true: vrrp.Active, false: vrrp.Initialize}[up])
	}
	all := n1.transitions()
	for i, c := range all {
		if c.To == vrrp.Active && c.At.Sub(all[i-1].At) < cfg.StartupHold {
			t.Errorf("%v %v after %v", c, c.At.Sub(all[i-1].At), all[i-1])
		}
	}
}

// TestFieldReport28InterfaceMadeAnew: the interface of an Active Router, and that of a Backup, is deleted and made anew
// with the same name. Each takes part on the new one as on the old.
func TestFieldReport28InterfaceMadeAnew(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1, n2 := b.pair()
	b.unwire("n1")
	n1.awaitState(vrrp.Initialize)
	b.awaitHolder("n2", nil, vip4())
	b.rewire("n1")
	n1.awaitState(vrrp.Active)
	b.awaitHolder("n1", []string{"n2"}, vip4())
	b.unwire("n2")
	n2.awaitState(vrrp.Initialize)
	b.rewire("n2")
	n2.awaitState(vrrp.Backup)
	n2.awaitPeer("n1")
	heard := n2.status().Stats.Received
	n2.awaitStatus("n2 hears n1", func(s vrrp.Status) bool { return s.Stats.Received > heard+5 })
	if n1.state() != vrrp.Active || n2.state() != vrrp.Backup || !b.holdsAlone("n1", []string{"n2"}, vip4()) {
		t.Errorf("n1 went %v, n2 %v", n1.transitions(), n2.transitions())
	}
}

// TestFieldReport29HearsAfterLinkFlap: the link of a Backup goes down and up, again and again, its address goes and comes
// back. It hears the Active Router each time, and doesn't claim.
func TestFieldReport29HearsAfterLinkFlap(t *testing.T) {
	own := func(b *bench) netip.Prefix { return netip.PrefixFrom(b.host("n2").Addr(0), 24) }
	for name, flap := range map[string]func(*bench){
		"Link": func(b *bench) {
			b.must(b.host("n2").SetLink(0, false))
			b.must(b.host("n2").SetLink(0, true))
		},
		"Address": func(b *bench) {
			b.somebody("n2", "eth0", netlink.AddrDel, own(b))
			b.somebody("n2", "eth0", netlink.AddrAdd, own(b))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				hearsAfter(newBench(t, "n1", "n2"), flap, vip4())
			}
		})
	}
}

// TestFieldReport30HearsAfterIPv6WasOff: IPv6 is off on the link of a Backup for a moment, as when its configuration is
// applied anew. It hears the Active Router then, and doesn't claim.
func TestFieldReport30HearsAfterIPv6WasOff(t *testing.T) {
	own := func(b *bench) netip.Prefix { return netip.PrefixFrom(b.linkLocal("n2"), 64) }
	for name, flap := range map[string]func(*bench){
		"Disabled": func(b *bench) {
			b.setSysctl("n2", "ipv6/conf/eth0/disable_ipv6", 1)
			b.setSysctl("n2", "ipv6/conf/eth0/disable_ipv6", 0)
		},
		"Flushed": func(b *bench) {
			b.somebody("n2", "eth0", netlink.AddrDel, own(b))
			b.somebody("n2", "eth0", netlink.AddrAdd, own(b))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				hearsAfter(newBench(t, "n1", "n2"), flap, netip.MustParsePrefix("fe80::100/64"))
			}
		})
	}
}

// hearsAfter does something to a Backup, n2, several times.
func hearsAfter(b *bench, flap func(*bench), addr netip.Prefix) {
	b.Helper()
	n1, n2 := b.pair(addr)
	for range 2 {
		flap(b)
		mark := b.wire.mark()
		n2.awaitStatus("n2 takes part", func(s vrrp.Status) bool { return s.State != vrrp.Initialize && s.Source.IsValid() })
		heard := n2.status().Stats.Received
		b.awaitSent("n1", mark, 6, advert) // by then it would have claimed
		n2.awaitStatus("n2 hears n1", func(s vrrp.Status) bool { return s.Stats.Received > heard })
	}
	if n1.state() != vrrp.Active || slices.Contains(n2.path(), vrrp.Active) || !b.holdsAlone("n1", []string{"n2"}, addr) {
		b.Errorf("n1 went %v, n2 %v", n1.transitions(), n2.transitions())
	}
}
