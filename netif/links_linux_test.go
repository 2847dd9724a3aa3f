// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// awaitDown waits until a port is not up, for that reason.
func (p *peer) awaitDown(t *testing.T, port int, why error) {
	t.Helper()
	p.await(t, "port that is down", func() bool {
		s, ok := p.states[port]
		return ok && !s.up && errors.Is(s.err, why)
	})
}

// awaitExchange has packets go both ways. They are sent until one arrived: a switch port starts to forward some
// time after its carrier came.
func awaitExchange(t *testing.T, n1 *peer, port1 int, n2 *peer, port2 int, group netip.Addr, payload string) {
	t.Helper()
	n1.sendUntil(t, port1, group, payload, n2)
	n2.sendUntil(t, port2, group, payload+" back", n1)
}

// sendUntil sends packets until the other host has one.
func (p *peer) sendUntil(t *testing.T, port int, dst netip.Addr, payload string, other *peer) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	p.send(port, dst, payload)
	other.awaitTrying(t, fmt.Sprintf("packet %q", payload), again.C, func() { p.send(port, dst, payload) }, func() bool {
		return slices.ContainsFunc(other.packets, func(a arrived) bool { return a.payload == payload })
	})
}

func TestLinkDownAndUp(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab, n1, n2 := twoHosts(t, nil)
		port1, port2 := n1.attach(t, "eth0", group), n2.attach(t, "eth0", group)
		awaitExchange(t, n1, port1, n2, port2, group, "before")

		if err := lab.Host("n2").SetLink(0, false); err != nil {
			t.Fatal(err)
		}
		n2.awaitDown(t, port2, netif.ErrLinkDown)
		src, dst := n1.addr(port1), group
		n2.do(func() { n2.net.Queue(port2, [6]byte{}, src, dst, []byte("lost")) })
		if errs := n2.failures(); len(errs) != 1 || !errors.Is(errs[0], netif.ErrLinkDown) {
			t.Errorf("errors %v", errs)
		}

		if err := lab.Host("n2").SetLink(0, true); err != nil {
			t.Fatal(err)
		}
		n2.awaitUp(t, port2)
		awaitExchange(t, n1, port1, n2, port2, group, "after")
	})
}

func TestCarrierLostAndFound(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	port1, port2 := n1.attach(t, "eth0", group4), n2.attach(t, "eth0", group4)
	var other netlink.Link
	within(t, n2.host, func() error {
		other = eth("eth0")
		return nil
	})
	switchPort, err := netlink.LinkByIndex(other.Attrs().ParentIndex)
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetDown(switchPort); err != nil {
		t.Fatal(err)
	}
	n2.awaitDown(t, port2, netif.ErrLinkDown)
	if err := netlink.LinkSetUp(switchPort); err != nil {
		t.Fatal(err)
	}
	n2.awaitUp(t, port2)
	awaitExchange(t, n1, port1, n2, port2, group4, "after")
}

// TestFlapBetweenTwoLooks has the link go down and come up while the loop does not look: its sockets must be
// made anew all the same. The carrier of lo never goes away, that of eth0 does.
func TestFlapBetweenTwoLooks(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	for _, link := range []string{"lo", "eth0"} {
		within(t, lab.Host("n1"), func() error {
			n := openHere(t)
			if _, err := n.Attach(link, group4); err != nil {
				return err
			}
			n.Links(func(int, bool, []netip.Addr, error) {})
			before := socketInodes(t)
			if err := errors.Join(netlink.LinkSetDown(eth(link)), netlink.LinkSetUp(eth(link))); err != nil {
				return err
			}
			waitUntil(t, n, "link that is up", func() (up bool) {
				n.Links(func(_ int, is bool, _ []netip.Addr, _ error) { up = is })
				return up
			})
			if after := socketInodes(t); len(after) != 1 || after[0] == before[0] {
				t.Errorf("%s: sockets %v before, %v after", link, before, after)
			}
			return n.Close()
		})
	}
}

// socketInodes returns the raw sockets of the namespace of the calling thread.
func socketInodes(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("/proc/thread-self/net/raw")
	if err != nil {
		t.Fatal(err)
	}
	var inodes []string
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 9 && f[0] != "sl" {
			inodes = append(inodes, f[9])
		}
	}
	if len(inodes) == 0 {
		t.Error("no raw sockets")
	}
	return inodes
}

func TestLinkThatIsNotThereYet(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n1 := newPeer(t, lab.Host("n1"), nil)
	var port int
	n1.do(func() { port, _ = n1.net.Attach("veth1", group4) })
	n1.awaitDown(t, port, netif.ErrNoLink)
	within(t, n1.host, func() error {
		return netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "veth1"}, PeerName: "veth2"})
	})
	n1.awaitDown(t, port, netif.ErrLinkDown)
	within(t, n1.host, func() error {
		return errors.Join(netlink.LinkSetUp(eth("veth1")), netlink.LinkSetUp(eth("veth2")),
			netlink.AddrAdd(eth("veth1"), address("10.9.0.1/24")))
	})
	n1.awaitUp(t, port)
	n1.awaitAddrs(t, port, netip.MustParseAddr("10.9.0.1"))
}

func TestLinkIsRenamed(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}, Links: 2})
	n1, n2 := newPeer(t, lab.Host("n1"), nil), newPeer(t, lab.Host("n2"), nil)
	port1, port2 := n1.attach(t, "eth0", group4), n2.attach(t, "eth1", group4)
	within(t, n1.host, func() error { // Linux renames links that are up since 6.0 only
		eth0 := eth("eth0")
		return errors.Join(netlink.LinkSetDown(eth0), netlink.LinkSetName(eth0, "old"))
	})
	n1.awaitDown(t, port1, netif.ErrNoLink)
	within(t, n1.host, func() error {
		eth1 := eth("eth1")
		return errors.Join(netlink.LinkSetDown(eth1), netlink.LinkSetName(eth1, "eth0"), netlink.LinkSetUp(eth1))
	})
	n1.awaitUp(t, port1)
	n1.awaitAddrs(t, port1, lab.Host("n1").Addr(1))
	awaitExchange(t, n1, port1, n2, port2, group4, "other link")
}

func TestLinkIsMadeAnew(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab, n1, n2 := twoHosts(t, nil)
		port1, port2 := n1.attach(t, "eth0", group), n2.attach(t, "eth0", group)
		within(t, n1.host, func() error { return netlink.LinkDel(eth("eth0")) })
		n1.awaitDown(t, port1, netif.ErrNoLink)

		// A new pair, the other end of which is plugged into the switch: the namespace of this process.
		ns, err := os.Open("/proc/self/ns/net")
		if err != nil {
			t.Fatal(err)
		}
		defer ns.Close()
		within(t, n1.host, func() error {
			veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "eth0"}, PeerName: "anew"}
			return errors.Join(netlink.LinkAdd(veth), netlink.LinkSetNsFd(eth("anew"), int(ns.Fd())))
		})
		plug := eth("anew")
		if err := errors.Join(netlink.LinkSetMaster(plug, eth("br0")), netlink.LinkSetUp(plug)); err != nil {
			t.Fatal(err)
		}
		within(t, n1.host, func() error {
			own := netlink.Addr{IPNet: netlink.NewIPNet(lab.Host("n1").Addr(0).AsSlice())}
			return errors.Join(netlink.AddrAdd(eth("eth0"), &own), netlink.LinkSetUp(eth("eth0")))
		})
		n1.awaitUp(t, port1)
		awaitExchange(t, n1, port1, n2, port2, group, "after")
	})
}

// TestRefusedSocketIsTriedAgain has the kernel refuse the membership, and change its mind without anything
// happening on the link.
func TestRefusedSocketIsTriedAgain(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	limit := func(n string) {
		within(t, lab.Host("n1"), func() error { return os.WriteFile("/proc/sys/net/ipv4/igmp_max_memberships", []byte(n), 0) })
	}
	limit("0")
	n1 := newPeer(t, lab.Host("n1"), nil)
	var port int
	n1.do(func() { port, _ = n1.net.Attach("eth0", group4) })
	n1.awaitDown(t, port, unix.ENOBUFS)
	limit("20")
	n1.awaitUp(t, port)
}
