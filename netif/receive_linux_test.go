// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// openOn returns the network of a host, attached to a group on eth0 as port 0, and its address. The test is the
// loop.
func openOn(t *testing.T, h *netlab.Host, group netip.Addr) (n *netif.Network, src netip.Addr) {
	t.Helper()
	within(t, h, func() (err error) {
		if n, err = netif.Open(nil); err != nil {
			return err
		}
		_, err = n.Attach("eth0", group)
		n.Links(func(_ int, _ bool, addrs []netip.Addr, _ error) { src = addrs[0] })
		return err
	})
	t.Cleanup(func() { n.Close() })
	return n, src
}

// TestArrivalIsWhenTheKernelHadIt reads a packet some time after it is known to be there.
func TestArrivalIsWhenTheKernelHadIt(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
		n1, src := openOn(t, lab.Host("n1"), group)
		n2, _ := openOn(t, lab.Host("n2"), group)
		witness := newPeer(t, lab.Host("n2"), nil)
		witness.attach(t, "eth0", group)
		early := func(payload string) (early bool) {
			before := time.Now()
			n1.Queue(0, [6]byte{}, src, group, []byte(payload))
			n1.Flush(func(_ int, err error) { t.Error(err) })
			witness.awaitPacket(t, payload)
			there := time.Now()
			waitUntil(t, n2, payload, func() (got bool) {
				n2.Links(func(int, bool, []netip.Addr, error) {})
				n2.Receive(func(_ int, _, _ netip.Addr, _ uint8, at time.Time, b []byte) {
					got = got || string(b) == payload
					early = !at.After(there) && !at.Before(before.Add(-time.Millisecond))
				})
				return got
			})
			return early
		}
		// The kernel begins to note arrivals a moment after it was asked to. Until then they are those of reading.
		for i := range 100 {
			if early(fmt.Sprint("packet ", i)) {
				return
			}
		}
		t.Error("each of 100 packets arrived when it was read")
	})
}

// TestReceiveSeesWhatCameAfterWait does not wait, but knows from another socket that the packet has come.
func TestReceiveSeesWhatCameAfterWait(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, src := openOn(t, lab.Host("n1"), group4)
	n2, _ := openOn(t, lab.Host("n2"), group4)
	witness := newPeer(t, lab.Host("n2"), nil)
	witness.attach(t, "eth0", group4)
	n2.Wait(time.Now())
	n1.Queue(0, [6]byte{}, src, group4, []byte("late"))
	n1.Flush(func(_ int, err error) { t.Error(err) })
	witness.awaitPacket(t, "late")
	got := 0
	n2.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) { got++ })
	if got != 1 {
		t.Errorf("%d packets", got)
	}
}

// TestSelect has packets of two virtual routers come, of which one is wanted, then the other.
func TestSelect(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
		n1, src := openOn(t, lab.Host("n1"), group)
		n2, _ := openOn(t, lab.Host("n2"), group)
		for id := byte(1); id <= 2; id++ {
			var wanted [256]bool
			wanted[id] = true
			n2.Select(0, &wanted)
			var got []byte
			for _, sent := range []byte{3 - id, id} {
				n1.Queue(0, [6]byte{}, src, group, []byte{0x31, sent, 100, 0})
				n1.Flush(func(_ int, err error) { t.Error(err) })
			}
			waitUntil(t, n2, "the packet that is wanted", func() bool {
				n2.Receive(func(_ int, _, _ netip.Addr, _ uint8, _ time.Time, b []byte) { got = append(got, b[1]) })
				return len(got) > 0
			})
			if len(got) != 1 || got[0] != id {
				t.Errorf("packets of %d, wanted are those of %d", got, id)
			}
		}
	})
}

// TestSwarm has packets come one by one, each as soon as the one before it was received: more often than packets end a
// wait at once. Each ends one all the same; a call of Wake does, and what has come is received without waiting.
func TestSwarm(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, src := openOn(t, lab.Host("n1"), group4)
	n2, _ := openOn(t, lab.Host("n2"), group4)
	got := 0
	receive := func() { n2.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) { got++ }) }
	for sent := range 100 {
		n1.Queue(0, [6]byte{}, src, group4, []byte("one of a swarm"))
		n1.Flush(func(_ int, err error) { t.Error(err) })
		if sent%10 == 9 {
			n2.Wake()
			n2.Wait(time.Time{})
		}
		for got <= sent {
			n2.Wait(time.Time{})
			receive()
		}
		if got != sent+1 {
			t.Fatalf("%d packets of %d", got, sent+1)
		}
	}
	receive()
	if got != 100 {
		t.Errorf("%d packets", got)
	}
}

// TestFloodIsBounded sends another packet for each that is received, so that there is no end to them.
func TestFloodIsBounded(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const first, count = 200, 4000
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, src := openOn(t, lab.Host("n1"), group4)
	n2, _ := openOn(t, lab.Host("n2"), group4)
	sent := 0
	send := func() {
		n1.Queue(0, [6]byte{}, src, group4, []byte("flood"))
		n1.Flush(func(_ int, err error) { t.Error(err) })
		sent++
	}
	for range first {
		send()
	}
	total := 0
	waitUntil(t, n2, "end of the flood", func() bool {
		got := 0
		n2.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) {
			if got++; sent < count {
				send()
			}
		})
		if got > 1024 {
			t.Fatalf("%d packets in one call", got)
		}
		total += got
		return total >= count
	})
}

// TestPadding is about Ethernet frames of less than 60 octets, which network cards fill up.
func TestPadding(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, n1, n2 := twoHosts(t, nil)
	frames := wire(t, lab)
	from := n1.attach(t, "eth0", group4)
	n2.attach(t, "eth0", group4)
	n1.send(from, group4, "short")
	f, err := hex.DecodeString(awaitFrame(t, frames, hex.EncodeToString([]byte("short"))))
	if err != nil {
		t.Fatal(err)
	}
	n2.awaitPacket(t, "short")
	sendFrame(t, "br0", append(f, make([]byte, 60-len(f))...))
	n2.await(t, "padded packet", func() bool { return len(n2.packets) == 2 })
	if got := n2.seen()[1].payload; got != "short" {
		t.Errorf("payload %q", got)
	}
}

func TestLongPacketIsCutShort(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	from := n1.attach(t, "eth0", group6)
	n2.attach(t, "eth0", group6)
	n1.send(from, group6, strings.Repeat("x", 3000)) // IPv6 fragments
	n2.awaitPacket(t, strings.Repeat("x", 2048))
	n1.send(from, group6, "next")
	n2.awaitPacket(t, "next")
}

// TestSourcesOfBothFamilies has packets of IPv4 and IPv6 come in turns to one network: each is from whom it is from.
func TestSourcesOfBothFamilies(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n2, _ := openOn(t, lab.Host("n2"), group6)
	within(t, lab.Host("n2"), func() error {
		_, err := n2.Attach("eth0", group4)
		n2.Links(func(int, bool, []netip.Addr, error) {})
		return err
	})
	for i, group := range []netip.Addr{group4, group6, group4, group6, group6, group4} {
		n1, src := openOn(t, lab.Host("n1"), group)
		payload, from := fmt.Sprint("packet ", i), netip.Addr{}
		n1.Queue(0, [6]byte{}, src, group, []byte(payload))
		n1.Flush(func(_ int, err error) { t.Error(err) })
		waitUntil(t, n2, payload, func() bool {
			n2.Receive(func(_ int, src, _ netip.Addr, _ uint8, _ time.Time, b []byte) {
				if string(b) == payload {
					from = src
				}
			})
			return from.IsValid()
		})
		if from != src {
			t.Errorf("%s is from %v, came from %v", payload, src, from)
		}
	}
}
