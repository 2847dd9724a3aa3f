// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// An advertisement of three IPv4 addresses.
var payload = make([]byte, 20)

// A sender is a port and what it sends.
type sender struct {
	n          *netif.Network
	port       int
	src, group netip.Addr
	mac        [6]byte
}

// newSender attaches to a link that is up.
func newSender(link string, group netip.Addr) (*sender, error) {
	n, err := netif.Open(nil)
	if err != nil {
		return nil, err
	}
	s := &sender{n: n, group: group}
	if s.port, err = n.Attach(link, group); err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); !s.src.IsValid() && time.Now().Before(end); {
		n.Links(func(_ int, up bool, addrs []netip.Addr, _ error) {
			if up && len(addrs) > 0 {
				s.src = addrs[0]
			}
		})
		if !s.src.IsValid() {
			n.Wait(end)
		}
	}
	return s, nil
}

// send sends a batch.
func (s *sender) send(count int, failed func(port int, err error)) {
	for range count {
		s.n.Queue(s.port, s.mac, s.src, s.group, payload)
	}
	s.n.Flush(failed)
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) { steadyState(t, group, [6]byte{}) })
}

func TestSteadyStateOfVirtualMACDoesNotAllocate(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) { steadyState(t, group, vmac(group)) })
}

// steadyState has a host send to another from a MAC address, which both use.
func steadyState(t *testing.T, group netip.Addr, mac [6]byte) {
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	open := func(name string) (s *sender) {
		within(t, lab.Host(name), func() (err error) {
			s, err = newSender("eth0", group)
			return err
		})
		t.Cleanup(func() { s.n.Close() })
		return s
	}
	n1, n2 := open("n1"), open("n2")
	n1.mac, n2.mac = mac, mac
	failed := func(_ int, err error) { t.Error(err) }
	got := 0
	received := func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) { got++ }
	claimed := func(int, netip.Addr, [6]byte) {}
	report := func(int, bool, []netip.Addr, error) {}
	for name, s := range map[string]*sender{"n1": n1, "n2": n2} {
		within(t, lab.Host(name), func() error { // the tap, if there is one, is opened and listens from now on
			s.send(1, failed)
			s.n.Receive(received)
			return nil
		})
	}
	if allocs := testing.AllocsPerRun(100, func() {
		n1.send(100, failed)
		n1.n.Wake()
		n1.n.Wait(time.Time{})
		n2.n.Wait(time.Now())
		n2.n.Links(report)
		n2.n.Receive(received)
		n2.n.Claims(claimed)
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
	if got == 0 {
		t.Error("nothing was received")
	}
}

// benchmark has f called on a thread in a namespace of its own, with veth pair a and b.
func benchmark(b *testing.B, f func(b *testing.B, group netip.Addr, batch int)) {
	for name, group := range map[string]netip.Addr{"IPv4": group4, "IPv6": group6} {
		for _, batch := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/batch=%d", name, batch), func(b *testing.B) {
				runtime.LockOSThread() // for good: the thread is thrown away with its namespace
				if err := enterPair(); errors.Is(err, os.ErrPermission) {
					b.Skip(err)
				} else if err != nil {
					b.Fatal(err)
				}
				f(b, group, batch)
			})
		}
	}
}

// enterPair takes the thread into a new namespace. What leaves a comes in at b, though its source is an address
// of the host.
func enterPair() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	conf := "/proc/sys/net/"
	err := errors.Join(
		netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "a"}, PeerName: "b"}),
		os.WriteFile(conf+"ipv6/conf/a/accept_dad", []byte("0"), 0), os.WriteFile(conf+"ipv6/conf/b/accept_dad", []byte("0"), 0),
		os.WriteFile(conf+"ipv4/conf/b/accept_local", []byte("1"), 0),
		os.WriteFile(conf+"ipv4/conf/b/rp_filter", []byte("0"), 0), os.WriteFile(conf+"ipv4/conf/all/rp_filter", []byte("0"), 0))
	if err != nil {
		return err
	}
	return errors.Join(netlink.AddrAdd(eth("a"), address("10.0.0.1/24")), netlink.AddrAdd(eth("b"), address("10.0.1.1/24")),
		netlink.LinkSetUp(eth("a")), netlink.LinkSetUp(eth("b")))
}

// perPacket reports the time that was taken, and the calls' share of memory.
func perPacket(b *testing.B, d time.Duration, batch int) {
	b.ReportMetric(float64(d.Nanoseconds())/float64(b.N*batch), "ns/packet")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkFlush(b *testing.B)           { benchmarkFlush(b, false) }
func BenchmarkFlushVirtualMAC(b *testing.B) { benchmarkFlush(b, true) }

// benchmarkFlush sends from the MAC address of the link or from a virtual one.
func benchmarkFlush(b *testing.B, virtual bool) {
	benchmark(b, func(b *testing.B, group netip.Addr, batch int) {
		s, err := newSender("a", group)
		if err != nil {
			b.Fatal(err)
		}
		defer s.n.Close()
		if virtual {
			s.mac = vmac(group)
		}
		b.ReportAllocs()
		start := time.Now()
		for b.Loop() {
			s.send(batch, func(_ int, err error) { b.Error(err) })
		}
		perPacket(b, time.Since(start), batch)
	})
}

func BenchmarkReceive(b *testing.B)           { benchmarkReceive(b, false) }
func BenchmarkReceiveVirtualMAC(b *testing.B) { benchmarkReceive(b, true) }

// benchmarkReceive receives by the raw socket, or beside a virtual MAC address that is in use.
func benchmarkReceive(b *testing.B, virtual bool) {
	benchmark(b, func(b *testing.B, group netip.Addr, batch int) {
		s, err := newSender("a", group)
		if err != nil {
			b.Fatal(err)
		}
		defer s.n.Close()
		r, err := newSender("b", group)
		if err != nil {
			b.Fatal(err)
		}
		defer r.n.Close()
		got := 0
		receive := func() {
			got = 0
			r.n.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) { got++ })
		}
		if virtual {
			s.mac, r.mac = vmac(group), vmac(group)
			r.send(1, func(_ int, err error) { b.Error(err) })
			receive()
		}
		b.ReportAllocs()
		var d time.Duration
		for b.Loop() {
			s.send(batch, func(_ int, err error) { b.Error(err) })
			start := time.Now()
			receive()
			d += time.Since(start)
			if got != batch {
				b.Fatalf("%d packets received", got)
			}
		}
		perPacket(b, d, batch)
	})
}

func BenchmarkAnnounce(b *testing.B) {
	for name, first := range map[string]netip.Addr{"IPv4": vip4, "IPv6": vip6} {
		b.Run(name, func(b *testing.B) {
			runtime.LockOSThread()
			if err := enterPair(); err != nil {
				b.Skip(err)
			}
			s, err := newSender("a", group4)
			if err != nil {
				b.Fatal(err)
			}
			defer s.n.Close()
			vips := make([]netip.Addr, 1000)
			for i := range vips {
				vips[i], first = first, first.Next()
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := s.n.Announce(b.Context(), "a", [6]byte{}, vips); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
