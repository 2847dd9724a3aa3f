// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

var (
	vip4 = netip.MustParseAddr("10.0.0.100")
	vip6 = netip.MustParseAddr("fd00::100")
)

// macOf returns the MAC address of eth0 of a host.
func macOf(t *testing.T, h *netlab.Host) (mac [6]byte) {
	t.Helper()
	within(t, h, func() error {
		mac = [6]byte(eth("eth0").Attrs().HardwareAddr)
		return nil
	})
	return mac
}

func TestAnnounceOnTheWire(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	for _, mode := range []netif.AnnounceMode{netif.AnnounceRequest, netif.AnnounceReply, netif.AnnounceBoth} {
		t.Run(fmt.Sprint("mode ", mode), func(t *testing.T) {
			lab, n1, _ := twoHosts(t, &netif.Config{Announce: mode})
			n1.attach(t, "eth0", group4)
			frames, mac := wire(t, lab), macOf(t, n1.host)
			if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{vip4, vip6}); err != nil {
				t.Fatal(err)
			}
			var want [][]byte
			if mode != netif.AnnounceReply {
				want = append(want, frame.AppendGratuitousARP(nil, frame.Request, mac, vip4))
			}
			if mode != netif.AnnounceRequest {
				want = append(want, frame.AppendGratuitousARP(nil, frame.Reply, mac, vip4))
			}
			want = append(want, frame.AppendUnsolicitedNA(nil, mac, vip6, false))
			for _, w := range want {
				awaitFrame(t, frames, hex.EncodeToString(w)) // in this order
			}
		})
	}
}

func TestAnnounceTellsRouters(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, n1, _ := twoHosts(t, nil)
	n1.attach(t, "eth0", group6)
	frames, mac := wire(t, lab), macOf(t, n1.host)
	within(t, n1.host, func() error { // after the link was attached
		return os.WriteFile("/proc/sys/net/ipv6/conf/eth0/forwarding", []byte("1"), 0)
	})
	if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{vip6}); err != nil {
		t.Fatal(err)
	}
	awaitFrame(t, frames, hex.EncodeToString(frame.AppendUnsolicitedNA(nil, mac, vip6, true)))
}

func TestAnnouncementsAreClaims(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	for _, mode := range []netif.AnnounceMode{netif.AnnounceRequest, netif.AnnounceReply} {
		families(t, func(t *testing.T, group netip.Addr) {
			_, n1, n2 := twoHosts(t, &netif.Config{Announce: mode})
			n1.attach(t, "eth0", group)
			port, mac := n2.attach(t, "eth0", group), macOf(t, n1.host)
			vips, first := []netip.Addr{vip4, vip6}, vip4
			if group.Is6() {
				first = vip6
			}
			if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, vips); err != nil {
				t.Fatal(err)
			}
			n2.await(t, "claim", func() bool { return slices.Equal(n2.claims, []claimed{{port, first, mac}}) })

			// What n2 claims after that comes later than anything of its own would.
			if err := n2.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{first.Next()}); err != nil {
				t.Fatal(err)
			}
			n1.await(t, "claim", func() bool { return len(n1.claims) > 0 })
			n1.mu.Lock()
			defer n1.mu.Unlock()
			if n1.claims[0].addr != first.Next() {
				t.Errorf("claims %v", n1.claims)
			}
		})
	}
}

// TestNeighboursTakeNotice checks that the other host's own system changes what it knows about the addresses.
func TestNeighboursTakeNotice(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	for _, mode := range []netif.AnnounceMode{netif.AnnounceRequest, netif.AnnounceReply} {
		families(t, func(t *testing.T, group netip.Addr) {
			_, n1, n2 := twoHosts(t, &netif.Config{Announce: mode})
			n1.attach(t, "eth0", group)
			vip := vip4
			if group.Is6() {
				vip = vip6
			}
			var h *netlink.Handle
			var index int
			within(t, n2.host, func() (err error) {
				index = eth("eth0").Attrs().Index
				if h, err = netlink.NewHandle(); err != nil {
					return err
				}
				old := net.HardwareAddr{2, 0, 0, 0, 0, 9}
				return h.NeighSet(&netlink.Neigh{LinkIndex: index, IP: vip.AsSlice(), HardwareAddr: old, State: netlink.NUD_REACHABLE})
			})
			defer h.Close()
			if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{vip}); err != nil {
				t.Fatal(err)
			}
			want := macOf(t, n1.host)
			again := time.NewTicker(10 * time.Millisecond)
			defer again.Stop()
			n2.awaitTrying(t, "new MAC address", again.C, func() {}, func() bool {
				neighbours, err := netlab.Whole(func() ([]netlink.Neigh, error) { return h.NeighList(index, 0) })
				return err == nil && slices.ContainsFunc(neighbours, func(n netlink.Neigh) bool {
					return n.IP.Equal(vip.AsSlice()) && slices.Equal(n.HardwareAddr, want[:])
				})
			})
		})
	}
}

// TestClaimsOfTheKernel has the other host's own system announce addresses, and sends frames that are no
// announcements.
func TestClaimsOfTheKernel(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	port := n2.attach(t, "eth0", group6)
	mac := macOf(t, n2.host)
	// Solicitations and solicited advertisements pass when the hosts look for each other.
	from := n1.attach(t, "eth0", group6)
	n1.send(from, n2.addr(port), "unicast")
	n2.awaitPacket(t, "unicast")

	sendFrame(t, "br0", frame.AppendUnsolicitedNA(nil, mac, vip6, false)) // our own, sent back
	bad := frame.AppendUnsolicitedNA(nil, [6]byte{2, 0, 0, 0, 0, 1}, vip6, false)
	bad[len(bad)-1]++ // the checksum does not fit
	sendFrame(t, "br0", bad)
	within(t, n1.host, func() error {
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/eth0/ndisc_notify", []byte("1"), 0); err != nil {
			return err
		}
		return errors.Join(netlink.LinkSetDown(eth("eth0")), netlink.LinkSetUp(eth("eth0")))
	})
	n2.await(t, "claim", func() bool { return len(n2.claims) > 0 })
	n2.mu.Lock()
	defer n2.mu.Unlock()
	if c := n2.claims[0]; c.port != port || c.addr == vip6 {
		t.Errorf("claims %v", n2.claims)
	}
}

func TestAnnounceInOrder(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const count = 150 // some batches
	_, n1, n2 := twoHosts(t, &netif.Config{Announce: netif.AnnounceBoth})
	n1.attach(t, "eth0", group4)
	port, mac := n2.attach(t, "eth0", group4), macOf(t, n1.host)
	var vips []netip.Addr
	var want []claimed
	for a := netip.MustParseAddr("10.20.0.1"); len(vips) < count; a = a.Next() {
		vips = append(vips, a)
		want = append(want, claimed{port, a, mac}, claimed{port, a, mac})
	}
	if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, vips); err != nil {
		t.Fatal(err)
	}
	n2.await(t, "last claim", func() bool { return len(n2.claims) == len(want) })
	n2.mu.Lock()
	defer n2.mu.Unlock()
	if !slices.Equal(n2.claims, want) {
		t.Error("claims are not in order")
	}
}

func TestAnnounceErrors(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n1 := newPeer(t, lab.Host("n1"), nil)
	check := func(ctx context.Context, link string, want error) {
		t.Helper()
		err := n1.net.Announce(ctx, link, [6]byte{}, []netip.Addr{vip4, vip6})
		if !errors.Is(err, want) || err == nil || !strings.Contains(err.Error(), link) {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	check(t.Context(), "eth0", netif.ErrNotAttached)

	port := n1.attach(t, "eth0", group4)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	check(ended, "eth0", context.Canceled)
	if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{{}}); err == nil {
		t.Error("no address: no error")
	}

	if err := lab.Host("n1").SetLink(0, false); err != nil {
		t.Fatal(err)
	}
	n1.awaitDown(t, port, netif.ErrLinkDown)
	check(t.Context(), "eth0", netif.ErrLinkDown)
	if err := lab.Host("n1").SetLink(0, true); err != nil {
		t.Fatal(err)
	}
	n1.awaitUp(t, port)
	if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{vip4, vip6}); err != nil {
		t.Error(err)
	}
	n1.do(func() { n1.net.Detach(port) })
	check(t.Context(), "eth0", netif.ErrNotAttached)

	// The one address of lo is no source, but the port comes up.
	n1.do(func() { port, _ = n1.net.Attach("lo", group4) })
	n1.await(t, "port that is up", func() bool { return n1.states[port].up })
	check(t.Context(), "lo", errors.ErrUnsupported)
}

// TestAnnounceFollowsTheMAC changes the address of the link under the announcer.
func TestAnnounceFollowsTheMAC(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, n1, _ := twoHosts(t, nil)
	port := n1.attach(t, "eth0", group4)
	frames := wire(t, lab)
	mac := [6]byte{2, 0, 0, 0, 0, 0x99}
	reports := func() (n int) { n1.do(func() { n = n1.reports }); return n }
	before := reports()
	within(t, n1.host, func() error { return netlink.LinkSetHardwareAddr(eth("eth0"), mac[:]) })
	n1.await(t, "report", func() bool { return n1.reports > before })
	n1.awaitUp(t, port)
	if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{vip4}); err != nil {
		t.Fatal(err)
	}
	awaitFrame(t, frames, hex.EncodeToString(frame.AppendGratuitousARP(nil, frame.Request, mac, vip4)))
}

// TestAnnounceWhileLinkFlaps is for the race detector, and for a deadlock.
func TestAnnounceWhileLinkFlaps(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n1 := newPeer(t, lab.Host("n1"), nil)
	port := n1.attach(t, "eth0", group4)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	for range 2 {
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				_ = n1.net.Announce(ctx, "eth0", [6]byte{}, []netip.Addr{vip4, vip6}) // may fail
			}
		}()
	}
	for range 20 {
		if err := errors.Join(lab.Host("n1").SetLink(0, false), lab.Host("n1").SetLink(0, true)); err != nil {
			t.Error(err)
		}
	}
	cancel()
	<-done
	<-done
	n1.awaitUp(t, port)
	if err := n1.net.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{vip4}); err != nil {
		t.Error(err)
	}
}
