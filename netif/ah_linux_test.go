// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// headed returns an IPv4 packet of protocol 51, without what the kernel fills in.
func headed(src, dst netip.Addr, payload string) []byte {
	const ttl, identification, class = 77, 7, 0xc0
	s, d := src.As4(), dst.As4()
	b := []byte{0x45, class, 0, 0, 0, identification, 0, 0, ttl, 51, 0, 0}
	return append(append(append(b, s[:]...), d[:]...), payload...)
}

// sendAH sends such a packet from a host.
func (p *peer) sendAH(port int, dst netip.Addr, payload string) {
	b := headed(p.host.Addr(0), dst, payload)
	p.do(func() { p.net.QueueAH(port, b) })
}

// attachAH does so and fails the test if it can't.
func (p *peer) attachAH(t *testing.T, port int) {
	t.Helper()
	var err error
	p.do(func() { err = p.net.AttachAH(port) })
	if err != nil {
		t.Fatal(err)
	}
}

// awaitAH waits for a packet that ends in this payload, and checks its header.
func (p *peer) awaitAH(t *testing.T, src, dst netip.Addr, payload string) {
	t.Helper()
	got := p.awaitPacket(t, "51: "+payload)
	want := headed(src, dst, payload)
	total := byte(len(want))
	want[3] = total
	b := []byte(got.header)
	sum := 0
	for i := 0; i < len(b); i += 2 {
		sum += int(b[i])<<8 | int(b[i+1])
	}
	if sum = sum&0xffff + sum>>16; sum != 0xffff {
		t.Errorf("%s: header checksum of %x", payload, b)
	}
	b[10], b[11] = 0, 0
	if string(b) != string(want[:20]) || got.at.After(got.read) {
		t.Errorf("%s: header %x, want %x; arrived %v, read %v", payload, b, want[:20], got.at, got.read)
	}
}

// TestAH has packets with an authentication header go to the group and to the host, as they are, before and after the
// link was down.
func TestAH(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	port1, port2 := n1.attach(t, "eth0", group4), n2.attach(t, "eth0", group4)
	n1.attachAH(t, port1)
	n2.attachAH(t, port2)
	n2.attachAH(t, port2)
	n1.send(port1, group4, "protocol 112")
	for _, dst := range []netip.Addr{group4, n2.host.Addr(0)} {
		n1.sendAH(port1, dst, "to "+dst.String())
		n2.awaitAH(t, n1.host.Addr(0), dst, "to "+dst.String())
	}
	n2.awaitPacket(t, "protocol 112")

	if err := n2.host.SetLink(0, false); err != nil {
		t.Fatal(err)
	}
	n2.await(t, "port that is down", func() bool { return !n2.states[port2].up })
	n2.sendAH(port2, group4, "to nobody")
	n2.await(t, "failure", func() bool { return len(n2.errs) > 0 })
	if err := n2.host.SetLink(0, true); err != nil {
		t.Fatal(err)
	}
	n2.awaitUp(t, port2)
	n2.do(func() { n2.net.DetachAH(port2) }) // one of two
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	n2.awaitTrying(t, "packet after the link was down", again.C, func() { n1.sendAH(port1, group4, "again") }, func() bool {
		return len(n2.packets) > 0 && n2.packets[len(n2.packets)-1].payload == "51: again"
	})
	if errs := n1.failures(); len(errs) > 0 {
		t.Error(errs)
	}
}

// TestAHIsRefused where there is no such header, or no right to it, and after it was given up.
func TestAHIsRefused(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n1 := newPeer(t, lab.Host("n1"), nil)
	port4, port6 := n1.attach(t, "eth0", group4), n1.attach(t, "eth0", group6)
	n1.do(func() {
		if err := n1.net.AttachAH(port6); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("IPv6: %v", err)
		}
		if err := n1.net.AttachAH(9); !errors.Is(err, netif.ErrNotAttached) {
			t.Errorf("port 9: %v", err)
		}
		n1.net.DetachAH(9)
		n1.net.QueueAH(9, headed(group4, group4, ""))
	})
	src := n1.addr(port4)
	for _, c := range []struct {
		packet []byte
		want   error
	}{{headed(src, group4, ""), netif.ErrNotAttached}, {[]byte("short"), nil}} {
		n1.do(func() {
			if c.want == nil {
				if err := n1.net.AttachAH(port4); err != nil {
					t.Error(err)
				}
			}
			n1.net.QueueAH(port4, c.packet)
		})
		n1.await(t, "failure", func() bool { return len(n1.errs) == 1 && (c.want == nil || errors.Is(n1.errs[0], c.want)) })
		n1.do(func() { n1.errs = nil })
	}
	within(t, lab.Host("n1"), func() error {
		n, err := netif.Open(nil)
		if err != nil {
			return err
		}
		defer n.Close()
		port, err := n.Attach("eth0", group4)
		if err != nil {
			return err
		}
		if err := dropCapabilities(); err != nil { // of this thread, which is thrown away
			return err
		}
		if err := n.AttachAH(port); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "eth0") {
			t.Errorf("without capabilities: %v", err)
		}
		return nil
	})
}
