// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport42UnsolicitedAdvertisementsAreNotRelayed has a client that gets none of them, as where a provider's
// switch drops them. It asks for the address in the end, as soon as its own unreachability detection is over, and is
// answered by the new holder at once.
func TestFieldReport42UnsolicitedAdvertisementsAreNotRelayed(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	for name, value := range map[string]int{"delay_first_probe_time": 0, "retrans_time_ms": 20} {
		b.setSysctl("client", "ipv6/neigh/eth0/"+name, value) // instead of 5 s and 1 s
	}
	n1 := b.start("n1", virtual(200, ipv6VIPs()...))
	n1.awaitState(vrrp.Active)
	n2 := b.start("n2", virtual(100, ipv6VIPs()...))
	n2.awaitFollower()
	service := ipv6VIPs()[1]
	b.learn("client", "eth0", b.mac("n1"), service)
	b.must(b.host("client").Unplug())
	mark := b.wire.mark()
	n1.stop()
	b.awaitSent("n2", mark, 2*2, claim)
	b.believe("client", "eth0", b.mac("n1"), service) // still, after the time that it takes a reachable one for good
	b.must(b.host("client").Plug())
	mark = b.wire.mark()
	b.learn("client", "eth0", b.mac("n2"), service)
	if claims := b.wire.since(mark, claim); len(claims) > 0 {
		t.Errorf("this shows nothing: %v", claims)
	}
	// The switch hands a frame over before it forwards it, so that the solicitation is there.
	if !slices.ContainsFunc(b.wire.sent("client", mark, ndp), asksFor(service.Addr())) {
		t.Error("the client has not asked for the address")
	}
}

// asksFor returns the condition that a frame is a neighbour solicitation for an address to its group.
func asksFor(addr netip.Addr) func(seen) bool {
	return func(s seen) bool {
		return s.dst[0] == 0x33 && s.raw[54] == 135 && bytes.Equal(s.raw[62:78], addr.AsSlice())
	}
}

// TestFieldReport43NoVirtualMACUnlessAskedFor has a service address move to and fro: no frame comes from a virtual MAC
// address, none names one, and no MAC address is seen at two ports of the switch.
func TestFieldReport43NoVirtualMACUnlessAskedFor(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	all := append(ipv6VIPs()[1:], vip4())
	start := func(host string, priority uint8) *node {
		return b.startWith(host, setup{Virtual: []vrrp.VirtualRouterConfig{virtual(priority), virtual(priority, ipv6VIPs()...)}})
	}
	n1 := start("n1", 200)
	n1.awaitAll("is Active", isActive)
	start("n2", 100).awaitFollower()
	b.learn("client", "eth0", b.mac("n1"), all...)
	n1.stop()
	b.learn("client", "eth0", b.mac("n2"), all...)
	start("n1", 200).awaitAll("is Active", isActive)
	b.learn("client", "eth0", b.mac("n1"), all...)
	if len(b.wire.since(0, claim)) == 0 || len(b.wire.since(0, advert)) == 0 {
		t.Fatal("nothing was seen")
	}
	for _, s := range b.wire.since(0) {
		if bytes.Contains(s.raw, []byte{0x00, 0x00, 0x5e, 0x00}) {
			t.Errorf("virtual MAC address in %v", s)
		}
		if s.kind == advert && s.src != b.mac(s.host) {
			t.Errorf("%v came from %x", s, s.src)
		}
		if s.kind == claim && (s.src != s.mac || s.host == "") {
			t.Errorf("%v came from %x", s, s.src)
		}
	}
	for i, host := range []string{"n1", "n2", "client"} {
		if got, want := b.learnedPort(b.mac(host)), []string{"port0.0", "port1.0", "port2.0"}[i]; got != want {
			t.Errorf("the switch has %s behind %q", host, got)
		}
	}
}
