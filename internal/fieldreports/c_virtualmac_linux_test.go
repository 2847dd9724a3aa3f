// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// virtualMACs are those of both, each with the address that is found there.
func virtualMACs() map[[6]byte]netip.Prefix {
	return map[[6]byte]netip.Prefix{vmac4(): vip4(), vmac6(): ipv6VIPs()[1]}
}

// awaitPorts waits until the switch has the virtual MAC addresses behind a port.
func (b *bench) awaitPorts(port string) {
	b.Helper()
	for mac := range virtualMACs() {
		await(b.T, "virtual MAC address at "+port, func() bool { return b.learnedPort(mac) == port })
	}
}

// TestFieldReport40SwitchLearnsByTheFirstAdvertisement has a router hang, for a switch that goes on sending it what is
// for the virtual MAC address. The first that comes from there after the take-over is the advertisement of the new Active
// Router, and clients, who have nothing to learn, are answered.
func TestFieldReport40SwitchLearnsByTheFirstAdvertisement(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	n1 := b.startVirtualMAC("n1", both(200)...)
	n1.awaitAll("is Active", isActive)
	n2 := b.startVirtualMAC("n2", both(100)...)
	n2.awaitFollower()
	for mac, service := range virtualMACs() {
		b.learn("client", "eth0", mac, service)
	}
	b.awaitPorts("port0.0")
	port := b.tapPort("port1.0")
	mark := b.wire.mark()
	n1.mute.silent.Store(true)
	n2.awaitAll("is Active", isActive)
	b.awaitPorts("port1.0")
	var sent []seen
	for mac, service := range virtualMACs() {
		announces := func(s seen) bool { return s.kind == claim && s.addr == service.Addr() && s.mac == mac }
		from := func() (all []seen) {
			sent = append(sent, port.frames()...)
			return slices.DeleteFunc(slices.Clone(sent), func(s seen) bool { return s.src != mac })
		}
		await(t, service.String()+" is announced by its MAC address", func() bool { return slices.ContainsFunc(from(), announces) })
		if first := from()[0]; first.kind != advert {
			t.Errorf("the first from %x is %v", mac, first)
		}
		b.learn("client", "eth0", mac, service)
	}
	for _, s := range b.wire.since(mark, ndp, arp) {
		if s.host == "client" && s.dst[0]&1 == 1 {
			t.Errorf("the client has to ask: %v", s)
		}
	}
}

// TestFieldReport41BackupSendsNothingFromTheVirtualMAC has backup routers on hosts that forward, which are restarted, whose
// link fails and which take and lose the role. While they are Backup nothing comes from the virtual MAC address at their
// port of the switch, membership reports least of all.
func TestFieldReport41BackupSendsNothingFromTheVirtualMAC(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	for _, host := range []string{"n1", "n2"} {
		b.setSysctl(host, "ipv4/ip_forward", 1)
		b.setSysctl(host, "ipv6/conf/all/forwarding", 1)
	}
	n1 := b.startVirtualMAC("n1", both(200)...)
	n1.awaitAll("is Active", isActive)
	port := b.tapPort("port1.0")
	quiet := func(when string) {
		t.Helper()
		b.awaitSent("n1", b.wire.mark(), 6, advert)
		for _, s := range port.frames() {
			if s.src == vmac4() || s.src == vmac6() {
				t.Errorf("%s: %v from %x", when, s, s.src)
			}
		}
		b.awaitPorts("port0.0")
	}
	n2 := b.startVirtualMAC("n2", both(100)...)
	n2.awaitFollower()
	quiet("after the start")
	b.must(b.host("n2").SetLink(0, false))
	n2.awaitState(vrrp.Initialize)
	b.must(b.host("n2").SetLink(0, true))
	n2.awaitFollower()
	quiet("after a failure of the link")
	for _, v := range n2.virtual {
		b.must(v.Force(0))
	}
	n2.awaitAll("is Active", isActive)
	b.awaitPorts("port1.0")
	for _, v := range n2.virtual {
		b.must(v.Resign(time.Hour))
	}
	n1.awaitAll("is Active", isActive)
	await(t, "n2 has let go", func() bool { return !n2.holdsAny() && !n2.isUp() })
	port.frames() // the last of its tenure
	quiet("after the role was given up")
}

// TestFieldReport46RivalsHearEachOther has two routers that are both Active, each with an interface that has the virtual
// MAC address and is up: the kernel keeps packets that come from there from the sockets of the link. They hear each
// other all the same, and the better one wins.
func TestFieldReport46RivalsHearEachOther(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1 := b.startVirtualMAC("n1", both(200)...)
	n1.awaitAll("is Active", isActive)
	n2 := b.startVirtualMAC("n2", both(100)...)
	n2.awaitFollower()
	b.must(b.host("n2").Unplug())
	n2.awaitAll("is Active", isActive)
	await(t, "both have the addresses", func() bool { return n1.holdsAll() && n2.holdsAll() })
	b.must(b.host("n2").Plug())
	n2.awaitFollower()
	await(t, "n2 has let go", func() bool { return !n2.holdsAny() && !n2.isUp() })
	for _, v := range n1.virtual {
		if s := v.Status(); s.State != vrrp.Active || s.Stats.BecameActive != 1 {
			t.Errorf("%+v", s)
		}
	}
	b.awaitPorts("port0.0")
}

// TestFieldReport44ManyVirtualMACs has twenty virtual routers with MAC addresses of their own fail over at once, and back.
func TestFieldReport44ManyVirtualMACs(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	many := func(priority uint8) (cfgs []vrrp.VirtualRouterConfig) {
		for i := range byte(20) {
			cfg := virtual(priority, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, 101 + i}), 32))
			cfg.VRID = 101 + i
			cfgs = append(cfgs, cfg)
		}
		return cfgs
	}
	n1 := b.startVirtualMAC("n1", many(200)...)
	n1.awaitAll("is Active", isActive)
	n2 := b.startVirtualMAC("n2", many(100)...)
	n2.awaitFollower()
	b.must(b.host("n1").SetLink(0, false))
	n2.awaitAll("is Active", isActive)
	await(t, "all addresses on n2", func() bool { return n2.holdsAll() && !n1.holdsAny() })
	b.must(b.host("n1").SetLink(0, true))
	n1.awaitAll("is Active", isActive)
	await(t, "all addresses on n1", func() bool { return n1.holdsAll() && !n2.holdsAny() })
	for _, n := range []*vmacNode{n1, n2} {
		for _, v := range n.virtual {
			if s := v.Status(); s.LastError != nil {
				t.Errorf("%s: %+v", n.host, s)
			}
		}
	}
}
