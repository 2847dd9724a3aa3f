// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/checksum"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

var stranger = [6]byte{2, 0, 0, 0, 0, 9}

// arp returns a frame of ARP from one address about another.
func arp(op frame.Opcode, mac [6]byte, sender, target netip.Addr) []byte {
	b := frame.AppendGratuitousARP(nil, op, mac, sender)
	copy(b[38:], target.AsSlice())
	return b
}

// ndp returns a frame of neighbour discovery, with a link-layer address option if its type is not 0.
func ndp(typ, flags byte, from [6]byte, src, dst, target netip.Addr, option byte, mac [6]byte) []byte {
	msg := slices.Concat([]byte{typ, 0, 0, 0, flags, 0, 0, 0}, target.AsSlice())
	if option != 0 {
		msg = slices.Concat(msg, []byte{option, 1}, mac[:])
	}
	binary.BigEndian.PutUint16(msg[2:], ^checksum.Fold(checksum.Sum(msg, checksum.Pseudo(src, dst, len(msg), 58))))
	b := frame.AppendIP(nil, [6]byte{0x33, 0x33, 0, 0, 0, 1}, from, 0, src, dst, msg)
	b[20] = 58
	return b
}

// A conflict is a frame, and whether it claims the address that it is about, by the MAC address of a stranger or another.
type conflict struct {
	name  string
	b     []byte
	claim bool
	mac   [6]byte
}

// conflicts returns frames from other hosts about an address that is ours, and one that isn't, and some of our own. Of
// these the ones from a virtual MAC may be another host's.
func conflicts(addr, other netip.Addr, own map[string][6]byte) []conflict {
	list := foreign(addr, other)
	for name, mac := range own {
		c := conflict{name: name, b: ndp(135, 0, mac, addr, netip.MustParseAddr("ff02::1"), other, 1, mac), mac: mac}
		if addr.Is4() {
			c.b = arp(frame.Request, mac, addr, other)
		}
		c.claim = strings.HasPrefix(name, "virtual")
		list = append(list, c)
	}
	return list
}

// foreign returns those of other hosts.
func foreign(addr, other netip.Addr) []conflict {
	none, all := netip.IPv6Unspecified(), netip.MustParseAddr("ff02::1")
	if addr.Is4() {
		none = netip.IPv4Unspecified()
		return []conflict{
			{"request from it", arp(frame.Request, stranger, addr, other), true, stranger},
			{"reply from it", arp(frame.Reply, stranger, addr, other), true, stranger},
			{"gratuitous request", arp(frame.Request, stranger, addr, addr), true, stranger},
			{"gratuitous reply", arp(frame.Reply, stranger, addr, addr), true, stranger},
			{"probe", arp(frame.Request, stranger, none, addr), false, stranger},
			{"request for it", arp(frame.Request, stranger, other, addr), false, stranger},
			{"request from another", arp(frame.Request, stranger, other, other.Next()), false, stranger},
		}
	}
	b := addr.As16() // with another address that has the same exclusive or of its words
	b[7], b[11] = b[7]^1, b[11]^1
	similar := netip.AddrFrom16(b)
	return []conflict{
		{"solicitation from it", ndp(135, 0, stranger, addr, all, other, 1, stranger), true, stranger},
		{"solicitation from one that the filter takes for it", ndp(135, 0, stranger, similar, all, other, 1, stranger), false, stranger},
		{"solicitation without option", ndp(135, 0, stranger, addr, all, other, 0, stranger), true, stranger},
		{"unsolicited advertisement", ndp(136, 0x20, stranger, addr, all, addr, 2, stranger), true, stranger},
		{"solicited advertisement", ndp(136, 0x60, stranger, addr, addr, addr, 2, stranger), true, stranger},
		{"advertisement by a proxy", ndp(136, 0x60, [6]byte{2, 0, 0, 0, 0, 8}, other, addr, addr, 2, stranger), true, stranger},
		{"probe", ndp(135, 0, stranger, none, all, addr, 0, stranger), false, stranger},
		{"solicitation for it", ndp(135, 0, stranger, other, all, addr, 1, stranger), false, stranger},
		{"solicited advertisement of another", ndp(136, 0x60, stranger, other, addr, other, 2, stranger), false, stranger},
	}
}

// TestRFC5227Section2_4_Conflicts sends frames of ARP and neighbour discovery that claim an address of the host, and
// such that don't.
func TestRFC5227Section2_4_Conflicts(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}, Links: 2})
		n1 := newPeer(t, lab.Host("n1"), nil)
		port := n1.attach(t, "eth0", group)
		// An address that is used to be tested for: on another device, and added after the socket was opened.
		addr, other := netip.MustParseAddr("10.9.0.1"), netip.MustParseAddr("10.9.0.2")
		bits := "/32"
		if group.Is6() {
			addr, other, bits = netip.MustParseAddr("fd00:9::1"), netip.MustParseAddr("fd00:9::2"), "/128"
		}
		own := map[string][6]byte{"own MAC": macOf(t, n1.host), "virtual MAC": vmac(group)}
		within(t, n1.host, func() error {
			own["MAC of another link"] = [6]byte(eth("eth1").Attrs().HardwareAddr)
			return addAddress("eth1", netip.MustParsePrefix(addr.String()+bits), unix.IFA_F_NODAD)
		})
		n1.sendAs(port, vmac(group), group, "in use")
		n1.awaitKnown(t, port, conflicts(addr, other, nil)[0].b, addr)

		for _, c := range conflicts(addr, other, own) {
			n1.do(func() { n1.claims = nil })
			sendFrame(t, "br0", c.b)
			n1.awaitClaim(t, port, other)
			n1.mu.Lock()
			got := slices.DeleteFunc(slices.Clone(n1.claims), func(c claimed) bool { return c.addr == other })
			n1.mu.Unlock()
			var want []claimed
			if c.claim {
				want = []claimed{{port, addr, c.mac}}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: claims %v, want %v", c.name, got, want)
			}
		}

		// An address that went is not watched any more.
		within(t, n1.host, func() error { return netlink.AddrDel(eth("eth1"), address(addr.String()+bits)) })
		n1.do(func() { n1.claims = nil })
		again := time.NewTicker(10 * time.Millisecond)
		defer again.Stop()
		n1.awaitTrying(t, "quiet", again.C, func() {
			n1.do(func() { n1.claims = nil })
			sendFrame(t, "br0", conflicts(addr, other, nil)[0].b)
			n1.awaitClaim(t, port, other)
		}, func() bool {
			return len(n1.claims) > 0 && !slices.ContainsFunc(n1.claims, func(c claimed) bool { return c.addr == addr })
		})
	})
}

// TestSuccessorIsHeard has a host announce an address by a virtual MAC while another has that up, with the address on it:
// the kernel gives such frames to the macvlan alone.
func TestSuccessorIsHeard(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		_, n1, n2, _, port := withMacvlan(t, group)
		addr := vip4
		if group.Is6() {
			addr = vip6
		}
		n2.send(port, group, "tapped by now")
		n1.awaitPacket(t, "tapped by now")
		for range 2 {
			n2.do(func() { n2.claims = nil })
			if err := n1.net.Announce(t.Context(), "eth0", vmac(group), []netip.Addr{addr}); err != nil {
				t.Fatal(err)
			}
			n2.await(t, "claim", func() bool { return slices.Contains(n2.claims, claimed{port, addr, vmac(group)}) })
		}
		n1.do(func() {})
		n1.mu.Lock()
		defer n1.mu.Unlock()
		if len(n1.claims) > 0 {
			t.Errorf("hears its own claims: %v", n1.claims)
		}
	})
}

// awaitClaim has another host announce an address and waits until that is heard, until when all before it is.
func (p *peer) awaitClaim(t *testing.T, port int, addr netip.Addr) {
	t.Helper()
	announcement := frame.AppendUnsolicitedNA(nil, stranger, addr, false)
	if addr.Is4() {
		announcement = frame.AppendGratuitousARP(nil, frame.Reply, stranger, addr)
	}
	sendFrame(t, "br0", announcement)
	p.await(t, "claim", func() bool { return slices.Contains(p.claims, claimed{port, addr, stranger}) })
}

// awaitKnown sends a frame that claims an address until that is a claim, as the filter knows of the address.
func (p *peer) awaitKnown(t *testing.T, port int, b []byte, addr netip.Addr) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	p.awaitTrying(t, "claim", again.C, func() { sendFrame(t, "br0", b) }, func() bool {
		return slices.Contains(p.claims, claimed{port, addr, stranger})
	})
}

// turnsMade returns how many turns the loop has made.
func (p *peer) turnsMade() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turns
}

// TestARPOfOthersWakesNobody sends what a busy link has, ARP requests and neighbour solicitations of other hosts, to
// a host with an address of its own.
func TestARPOfOthersWakesNobody(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const count = 5000
	lab, n1, _ := twoHosts(t, nil)
	port4, port6 := n1.attach(t, "eth0", group4), n1.attach(t, "eth0", group6)
	all := netip.MustParseAddr("ff02::1")
	n1.awaitClaim(t, port4, vip4)
	n1.awaitClaim(t, port6, vip6)
	n1.do(func() { n1.claims = nil })
	before := n1.turnsMade()
	target4, target6 := lab.Host("n1").Addr(0), lab.Host("n1").Addr6(0)
	frames := [][]byte{
		arp(frame.Request, stranger, netip.MustParseAddr("10.0.0.9"), target4),
		arp(frame.Request, stranger, netip.MustParseAddr("10.0.0.9"), vip4),
		ndp(135, 0, stranger, netip.MustParseAddr("fd00::9"), all, target6, 1, stranger),
		ndp(135, 0, stranger, netip.MustParseAddr("fd00::9"), all, vip6, 1, stranger),
	}
	sendFrames(t, "br0", count/len(frames), frames...)
	n1.awaitClaim(t, port4, vip4)
	n1.awaitClaim(t, port6, vip6)
	if turns := n1.turnsMade() - before; turns > 100 {
		t.Errorf("%d turns for %d frames", turns, count)
	}
}

// TestStormOfClaimsLeavesTheLoopAlone has gratuitous ARP without end, as with a loop between switches: packets and
// commands get through, and the loop is not woken by each.
func TestStormOfClaimsLeavesTheLoopAlone(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const count = 50000
	_, n1, n2 := twoHosts(t, nil)
	port1, port2 := n1.attach(t, "eth0", group4), n2.attach(t, "eth0", group4)
	before := n1.turnsMade()
	done := make(chan struct{})
	go func() {
		defer close(done)
		sendFrames(t, "br0", count, arp(frame.Request, stranger, vip4, vip4))
	}()
	packets := 0
	for storm := true; storm; packets++ {
		select {
		case <-done:
			storm = false
		default:
		}
		n1.do(func() { n1.packets = nil })
		n2.send(port2, group4, "in the storm")
		n1.awaitPacket(t, "in the storm")
	}
	n1.await(t, "claim", func() bool { return slices.Contains(n1.claims, claimed{port1, vip4, stranger}) })
	turns := n1.turnsMade() - before
	n1.mu.Lock()
	heard := len(n1.claims)
	n1.mu.Unlock()
	t.Logf("%d frames: %d claims, %d turns, %d packets", count, heard, turns, packets)
	if turns > count/10+10*packets {
		t.Errorf("%d turns for %d frames and %d packets", turns, count, packets)
	}
}
