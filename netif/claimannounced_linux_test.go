// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/rtseq"
	"github.com/go-fhrp/fhrp/netif"
)

// service4 is the address that netif.Replace adds.
var service4 = netip.MustParseAddr("10.9.9.9")

// addService adds the service address to another link than it is announced on, as package vip does.
func addService(t *testing.T, p *peer) {
	t.Helper()
	within(t, p.host, func() error {
		return netif.Replace(eth("eth1").Attrs().Index, rtseq.Number(rtseq.Addition, 1), rtseq.FirstMark)
	})
}

// removeService removes it, and waits until the filter knows.
func removeService(t *testing.T, p *peer, port int, claim []byte) {
	t.Helper()
	within(t, p.host, func() error { return netlink.AddrDel(eth("eth1"), address("10.9.9.9/32")) })
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	other := service4.Next()
	p.do(func() { p.claims = nil })
	p.awaitTrying(t, "quiet", again.C, func() {
		p.do(func() { p.claims = nil })
		sendFrame(t, "br0", claim)
		p.awaitClaim(t, port, other)
	}, func() bool {
		return len(p.claims) > 0 && !slices.ContainsFunc(p.claims, func(c claimed) bool { return c.addr == service4 })
	})
}

// TestRFC5227Section2_4_AnnouncedAddress: claims to a service address that the loop, which has nothing to do, is not told of
// are heard as soon as it is announced, until it is removed; and so they are the next time.
func TestRFC5227Section2_4_AnnouncedAddress(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}, Links: 2})
	n1 := newPeer(t, lab.Host("n1"), nil)
	port := n1.attach(t, "eth0", group4)
	for _, op := range []frame.Opcode{frame.Request, frame.Reply} {
		claim := arp(op, stranger, service4, service4.Next())
		addService(t, n1)
		for range 3 {
			if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{service4}); err != nil {
				t.Fatal(err)
			}
			n1.awaitKnown(t, port, claim, service4)
			n1.do(func() { n1.claims = nil })
		}
		removeService(t, n1, port, claim)
	}
}

// TestRFC5227Section2_4_AddressFromBefore: claims to a service address that was there when the loop began, as after a
// restart, are heard though it is not announced, until it is removed.
func TestRFC5227Section2_4_AddressFromBefore(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}, Links: 2})
	addService(t, &peer{host: lab.Host("n1")})
	n1 := newPeer(t, lab.Host("n1"), nil)
	port := n1.attach(t, "eth0", group4)
	claim := arp(frame.Request, stranger, service4, service4.Next())
	n1.awaitKnown(t, port, claim, service4)
	removeService(t, n1, port, claim)
}

// TestAnnouncementsWakeOnce: the loop is not woken by each of many announcements of new addresses.
func TestAnnouncementsWakeOnce(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const count = 1000
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n1 := newPeer(t, lab.Host("n1"), nil)
	port := n1.attach(t, "eth0", group4)
	n1.awaitClaim(t, port, vip4)
	before := n1.turnsMade()
	addr := netip.MustParseAddr("10.8.0.0")
	for range count {
		addr = addr.Next()
		if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{addr}); err != nil {
			t.Fatal(err)
		}
	}
	if turns := n1.turnsMade() - before; turns > count/4 {
		t.Errorf("%d turns for %d announcements", turns, count)
	}
	n1.awaitKnown(t, port, arp(frame.Request, stranger, addr, addr.Next()), addr)
}
