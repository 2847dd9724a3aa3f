// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport37RefreshGoesOn has a neighbour that is misled again and again after the take-over. The refresh puts it
// right each time.
func TestFieldReport37RefreshGoesOn(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "client")
	four, six := virtual(200), virtual(200, ipv6VIPs()...)
	four.Announcements = vrrp.Announcements{Burst: 1, Delay: 100 * time.Millisecond, Refresh: 100 * time.Millisecond}
	six.Announcements = vrrp.Announcements{Burst: 1, Delay: -1, Refresh: 100 * time.Millisecond}
	b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{four, six}}).awaitAll("is Active", isActive)
	all := append(ipv6VIPs(), vip4())
	for range 5 {
		b.believe("client", "eth0", [6]byte{2, 0, 0, 0, 0, 1}, all...)
		b.awaitNeighbour("client", "eth0", b.mac("n1"), all...)
	}
}

// TestFieldReport38EveryWayToTheRoleAnnounces has two virtual routers that a program keeps together on the same node: it
// has one resign, and the other's peer take the role by force. The clients of both links find the addresses at once.
func TestFieldReport38EveryWayToTheRoleAnnounces(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBenchWith(t, netlab.Config{Hosts: []string{"n1", "n2", "client"}, Links: 2})
	inside := prefixes("10.0.1.100/32")[0]
	group := func(host string, priority uint8) *node {
		inner := virtual(priority, inside)
		inner.Link = "eth1"
		return b.startWith(host, setup{Virtual: []vrrp.VirtualRouterConfig{virtual(priority), inner}})
	}
	n1 := group("n1", 200)
	n1.awaitAll("is Active", isActive)
	n2 := group("n2", 100)
	n2.awaitFollower()
	b.ping("client", vip4().Addr())
	b.ping("client", inside.Addr())
	clientsAt := func(host string) {
		t.Helper()
		b.awaitNeighbour("client", "eth0", b.linkMAC(host, "eth0"), vip4())
		b.awaitNeighbour("client", "eth1", b.linkMAC(host, "eth1"), inside)
	}
	clientsAt("n1")
	b.must(n1.virtual[0].Resign(time.Hour)) // n2 hears a goodbye
	b.must(n2.virtual[1].Force(0))
	clientsAt("n2")
	n2.awaitAll("is Active", isActive)
	b.must(n1.virtual[0].Force(0))
	b.must(n2.virtual[1].Resign(0)) // n1 hears a goodbye, and is the better anyway
	clientsAt("n1")
}

// TestFieldReport39SecondBurstInBothForms has a client that hears nothing while the address moves, and says nothing
// afterwards: the second burst tells it, by request and by reply.
func TestFieldReport39SecondBurstInBothForms(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	cfg := steady(virtual(100))
	cfg.Announcements = vrrp.Announcements{Burst: 2, Delay: 3 * time.Second}
	n1 := b.start("n1", steady(virtual(200)))
	n1.awaitState(vrrp.Active)
	n2 := b.startWith("n2", setup{Virtual: []vrrp.VirtualRouterConfig{cfg}, Network: netif.Config{Announce: netif.AnnounceBoth}})
	n2.awaitFollower()
	b.learn("client", "eth0", b.mac("n1"), vip4())
	b.must(b.host("client").Unplug())
	mark := b.wire.mark()
	n1.stop()
	b.awaitSent("n2", mark, 4, claim)
	if got := b.neighbour("client", "eth0", vip4().Addr()); got != b.mac("n1") {
		t.Fatalf("the client has heard of %x", got)
	}
	b.must(b.host("client").Plug())
	b.awaitNeighbour("client", "eth0", b.mac("n2"), vip4())
	forms := map[byte]int{} // by opcode: 1 is a request, 2 a reply
	for _, s := range b.awaitSent("n2", mark, 8, claim) {
		forms[s.raw[21]]++
	}
	if forms[1] != 4 || forms[2] != 4 {
		t.Errorf("%d requests, %d replies", forms[1], forms[2])
	}
}

// TestFieldReport45EachOfABurstIsEnough has a client that gets but one announcement of five, in either family.
func TestFieldReport45EachOfABurstIsEnough(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	var cfgs [2][]vrrp.VirtualRouterConfig
	for i, priority := range []uint8{200, 100} {
		four, six := steady(virtual(priority)), steady(virtual(priority, ipv6VIPs()...))
		four.Announcements.Burst, six.Announcements.Burst = 0, 0 // the default
		cfgs[i] = []vrrp.VirtualRouterConfig{four, six}
	}
	n1 := b.startWith("n1", setup{Virtual: cfgs[0]})
	n1.awaitAll("is Active", isActive)
	n2 := b.startWith("n2", setup{Virtual: cfgs[1]})
	n2.awaitFollower()
	all := append(ipv6VIPs(), vip4())
	b.learn("client", "eth0", b.mac("n1"), vip4(), ipv6VIPs()[1])
	b.believe("client", "eth0", b.mac("n1"), ipv6VIPs()[0]) // pinging needs a zone
	b.must(b.host("client").Unplug())
	mark := b.wire.mark()
	n1.stop()
	sent := b.awaitSent("n2", mark, 5*len(all), claim)
	b.must(b.host("client").Plug())
	for _, p := range all {
		if got := b.neighbour("client", "eth0", p.Addr()); got != b.mac("n1") {
			t.Errorf("the client has heard that %v is at %x", p, got)
		}
		burst := slices.DeleteFunc(slices.Clone(sent), func(s seen) bool { return s.addr != p.Addr() })
		if len(burst) != 5 {
			t.Fatalf("%d announcements of %v", len(burst), p)
		}
		b.must(b.host("client").Deliver(0, burst[len(burst)-1].raw))
		b.awaitNeighbour("client", "eth0", b.mac("n2"), p)
	}
}
