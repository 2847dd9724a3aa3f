// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/checksum"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// vmac returns the virtual MAC of VRID 51 in the family of a group.
func vmac(group netip.Addr) [6]byte { return netif.VirtualMAC(51, group.Is6()) }

// TestSection7_3_SourceMAC wants the whole frame on the wire as RFC 9568 has it.
func TestSection7_3_SourceMAC(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab, n1, n2 := twoHosts(t, &netif.Config{DSCP: 46})
		frames := wire(t, lab)
		from := n1.attach(t, "eth0", group)
		to := n2.attach(t, "eth0", group)
		n1.sendAs(from, vmac(group), group, "virtual")
		src, dst := n1.addr(from), group
		want := frame.AppendIP(nil, frame.MulticastMAC(group), vmac(group), 46<<2, src, dst, []byte("virtual"))
		got := awaitFrame(t, frames, hex.EncodeToString([]byte("virtual")))
		if diff := cmp.Diff(hex.EncodeToString(want), got); diff != "" {
			t.Errorf("frame (-want +got):\n%s", diff)
		}
		if group.Is4() {
			header := want[14:34]
			if header[6] != 0x40 || header[8] != 255 || checksum.Fold(checksum.Sum(header, 0)) != checksum.Valid {
				t.Errorf("header %x", header)
			}
		}
		if a := n2.awaitPacket(t, "virtual"); a.port != to || a.src != src || a.dst != dst || a.hopLimit != 255 {
			t.Errorf("arrived %+v", a)
		}

		// Others still leave from the MAC of the link, and so do those from that very address, and to one host.
		own := macOf(t, n1.host)
		n1.send(from, group, "own")
		n1.sendAs(from, own, group, "same")
		n1.sendAs(from, vmac(group), n2.addr(to), "to one host")
		for _, payload := range []string{"own", "same", "to one host"} {
			f := awaitFrame(t, frames, hex.EncodeToString([]byte(payload)))
			if source := f[12:24]; source != hex.EncodeToString(own[:]) {
				t.Errorf("%q comes from %s", payload, source)
			}
		}
	})
}

func TestVirtualMACInOrder(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const count = 300 // some batches
	families(t, func(t *testing.T, group netip.Addr) {
		_, n1, n2 := twoHosts(t, nil)
		from := n1.attach(t, "eth0", group)
		n2.attach(t, "eth0", group)
		src := n1.addr(from)
		n1.do(func() {
			for i := range count {
				n1.net.Queue(from, vmac(group), src, group, fmt.Appendf(nil, "packet %d", i))
			}
		})
		n2.await(t, "last packet", func() bool { return len(n2.packets) == count })
		for i, a := range n2.seen() {
			if want := fmt.Sprintf("packet %d", i); a.payload != want {
				t.Fatalf("packet %d is %q", i, a.payload)
			}
		}
	})
}

func TestVirtualMACErrors(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, n1, n2 := twoHosts(t, nil)
	port := n1.attach(t, "eth0", group4)
	n2.attach(t, "eth0", group4)
	var lo int
	n1.do(func() { lo, _ = n1.net.Attach("lo", group4) })
	n1.await(t, "port that is up", func() bool { return n1.states[lo].up })
	src, mac := n1.addr(port), vmac(group4)
	n1.do(func() {
		n1.net.Queue(lo, mac, src, group4, []byte("no Ethernet"))
		n1.net.Queue(port, mac, src, group4, make([]byte, 1481)) // above the MTU
		n1.net.Queue(port, mac, src, group4, []byte("after one that fails"))
		n1.net.Queue(port, mac, src, group6, []byte("two families"))
	})
	n2.awaitPacket(t, "after one that fails")
	n1.do(func() {})
	want := []error{errors.ErrUnsupported, unix.EAFNOSUPPORT, unix.EMSGSIZE}
	errs := n1.failures()
	if len(errs) != len(want) {
		t.Fatalf("errors %v", errs)
	}
	for i, err := range errs {
		if !errors.Is(err, want[i]) {
			t.Errorf("error %v, want %v", err, want[i])
		}
	}
	if got := n1.net.Stats().Unsent; got != uint64(len(want)) {
		t.Errorf("%d packets counted that were not sent", got)
	}
	if err := lab.Host("n1").SetLink(0, false); err != nil {
		t.Fatal(err)
	}
	n1.awaitDown(t, port, netif.ErrLinkDown)
	n1.do(func() { n1.net.Queue(port, mac, src, group4, []byte("lost")) })
	n1.await(t, "error", func() bool { return len(n1.errs) == len(want)+1 && errors.Is(n1.errs[len(want)], netif.ErrLinkDown) })
}

// withMacvlan returns two hosts that have a virtual MAC which is up, and the ports on its parent.
func withMacvlan(t *testing.T, group netip.Addr) (lab *netlab.Lab, n1, n2 *peer, port1, port2 int) {
	t.Helper()
	lab, _ = hostWithDriver(t, &netlink.Macvlan{})
	n1, n2 = newPeer(t, lab.Host("n1"), nil), newPeer(t, lab.Host("n2"), nil)
	for _, h := range []*netlab.Host{lab.Host("n1"), lab.Host("n2")} {
		m := newMacvlan(t, h, netif.MacvlanConfig{Parent: "eth0", VRID: 51, IPv6: group.Is6()})
		if err := m.SetUp(true); err != nil {
			t.Fatal(err)
		}
	}
	return lab, n1, n2, n1.attach(t, "eth0", group), n2.attach(t, "eth0", group)
}

// TestFieldReport46RivalsAreHeard has both hosts advertise from the same virtual MAC, which is up on both: the kernel
// gives such packets to the macvlan alone. None hears itself.
func TestFieldReport46RivalsAreHeard(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab, n1, n2, port1, port2 := withMacvlan(t, group)
		mac := vmac(group)
		n1.sendAs(port1, mac, group, "one")
		a := n2.awaitPacket(t, "one")
		if want := (arrived{port: port2, src: n1.addr(port1), dst: group, hopLimit: 255, at: a.at, read: a.read, payload: "one"}); a != want {
			t.Errorf("arrived %+v, want %+v", a, want)
		}
		n2.sendAs(port2, mac, group, "two")
		n1.awaitPacket(t, "two")
		n2.send(port2, group, "own MAC")
		n1.awaitPacket(t, "own MAC")
		n2.send(port2, lab.Host("n1").Addr(0), "to one host") // IPv6 has it refused
		if group.Is4() {
			n1.awaitPacket(t, "to one host")
		}

		// The sockets are made anew after a flap.
		if err := errors.Join(lab.Host("n2").SetLink(0, false), lab.Host("n2").SetLink(0, true)); err != nil {
			t.Fatal(err)
		}
		n2.awaitUp(t, port2)
		again := time.NewTicker(20 * time.Millisecond)
		defer again.Stop()
		n2.awaitTrying(t, "packet after a flap", again.C, func() { n1.sendAs(port1, mac, group, "flap") }, func() bool {
			return len(n2.packets) > 1
		})
		for _, p := range []*peer{n1, n2} {
			for _, a := range p.seen() {
				if a.src == p.addr(0) {
					t.Errorf("%s hears itself: %+v", p.host.Name(), a)
				}
			}
		}
	})
}

// TestMacvlanGoesUpLater has a port that never sent from a virtual MAC hear a rival when a macvlan goes up beside it, as
// one that an earlier run left does.
func TestMacvlanGoesUpLater(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, _ := hostWithDriver(t, &netlink.Macvlan{})
	n1, n2 := newPeer(t, lab.Host("n1"), nil), newPeer(t, lab.Host("n2"), nil)
	port1, _ := n1.attach(t, "eth0", group4), n2.attach(t, "eth0", group4)
	n1.sendAs(port1, vmac(group4), group4, "down")
	n2.awaitPacket(t, "down")
	m := newMacvlan(t, lab.Host("n2"), netif.MacvlanConfig{Parent: "eth0", VRID: 51})
	if err := m.SetUp(true); err != nil {
		t.Fatal(err)
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	n2.awaitTrying(t, "packet", again.C, func() { n1.sendAs(port1, vmac(group4), group4, "up") }, func() bool {
		return len(n2.packets) > 0 && n2.packets[len(n2.packets)-1].payload == "up"
	})
}

// TestChangeOverLosesNothing sends a stream of packets to a port while it comes to use a virtual MAC: each arrives once,
// in order, up to and beyond the time when the raw socket has none of them any more.
func TestChangeOverLosesNothing(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		_, n1, n2 := twoHosts(t, nil)
		from, to := n1.attach(t, "eth0", group), n2.attach(t, "eth0", group)
		n1.send(from, group, "0")
		n2.awaitPacket(t, "0")
		src, sent := n1.addr(from), 1
		burst := func() { // not more than the smallest buffer has room for
			n1.do(func() {
				for range 50 {
					n1.net.Queue(from, [6]byte{}, src, group, fmt.Append(nil, sent))
					sent++
				}
			})
			n2.await(t, "packets", func() bool { return len(n2.packets) >= sent-50 })
		}
		for range 20 {
			burst()
		}
		n2.sendAs(to, vmac(group), group, "from now on")
		for end := time.Now().Add(1200 * time.Millisecond); time.Now().Before(end); {
			burst()
		}
		n2.await(t, "last packet", func() bool { return len(n2.packets) >= sent })
		for i, a := range n2.seen() {
			if a.payload != fmt.Sprint(i) {
				t.Fatalf("packet %d of %d is %q", i, sent, a.payload)
			}
		}
		t.Logf("%d packets", sent)
	})
}

// TestVirtualMACIsAnnounced wants the virtual MAC in the Ethernet header and in the body.
func TestVirtualMACIsAnnounced(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, n1, _ := twoHosts(t, &netif.Config{Announce: netif.AnnounceBoth})
	n1.attach(t, "eth0", group4)
	frames := wire(t, lab)
	for vip, mac := range map[netip.Addr][6]byte{vip4: vmac(group4), vip6: vmac(group6)} {
		if err := n1.net.Announce(t.Context(), "eth0", mac, []netip.Addr{vip}); err != nil {
			t.Fatal(err)
		}
		want := [][]byte{frame.AppendUnsolicitedNA(nil, mac, vip, false)}
		if vip.Is4() {
			want = [][]byte{frame.AppendGratuitousARP(nil, frame.Request, mac, vip), frame.AppendGratuitousARP(nil, frame.Reply, mac, vip)}
		}
		for _, w := range want {
			if v, ok := frame.DecodeBinding(w); !ok || v.MAC != mac || frame.Source(w) != mac {
				t.Errorf("the frame %x names %+v", w, v)
			}
			f := awaitFrame(t, frames, hex.EncodeToString(w)[24:])
			if !strings.HasPrefix(f, hex.EncodeToString(w[:12])) {
				t.Errorf("frame %s, want %x", f, w)
			}
		}
	}
}
