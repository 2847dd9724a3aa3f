// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/vrrp"
)

// ipv4Frame returns a frame from a MAC address that ends in a number, with an IPv4
// header of the length given, and padding.
func ipv4Frame(mac byte, src, dst netip.Addr, protocol uint8, headerLen int, payload []byte) []byte {
	f := []byte{1, 0, 0x5e, 0, 0, 18, 2, 0, 0, 0, 0, mac, 0x08, 0x00}
	h := make([]byte, headerLen)
	h[0], h[8], h[9] = 4<<4|byte(headerLen/4), vrrp.HopLimit, protocol
	binary.BigEndian.PutUint16(h[2:], uint16(headerLen+len(payload)))
	copy(h[12:], src.AsSlice())
	copy(h[16:], dst.AsSlice())
	return slices.Concat(f, h, payload, make([]byte, 6))
}

// advertFrame returns an advertisement of a node.
func advertFrame(t *testing.T, node int, priority uint8) []byte {
	t.Helper()
	a := vrrp.Advertisement{Version: vrrp.V3, VRID: 1, Priority: priority, Interval: 100 * time.Millisecond, Addresses: []netip.Addr{service().Addr()}}
	m, err := a.Append(nil, source(node), vrrp.GroupIPv4(), vrrp.ChecksumAuto)
	if err != nil {
		t.Fatal(err)
	}
	return ipv4Frame(byte(node), source(node), vrrp.GroupIPv4(), vrrp.Protocol, 24, m)
}

// answerFrame returns a node's answer to a ping.
func answerFrame(mac byte, src netip.Addr, seq uint16) []byte {
	m := binary.BigEndian.AppendUint16([]byte{icmpEchoReply, 0, 0, 0, 0, 0}, seq)
	return ipv4Frame(mac, src, netip.AddrFrom4([4]byte{10, 0, 0, 73}), protocolICMP, 20, m)
}

func TestParseIPv4(t *testing.T) {
	p, ok := parseIPv4(ipv4Frame(7, source(node1), vrrp.GroupIPv4(), vrrp.Protocol, 24, []byte("payload")))
	want := packet{
		mac:      [6]byte{2, 0, 0, 0, 0, 7},
		header:   vrrp.IPHeader{Src: source(node1), Dst: vrrp.GroupIPv4(), HopLimit: vrrp.HopLimit},
		protocol: vrrp.Protocol,
		payload:  []byte("payload"),
	}
	if diff := cmp.Diff(want, p, cmp.AllowUnexported(packet{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" || !ok {
		t.Errorf("%v (-want +got):\n%s", ok, diff)
	}
}

func TestParseIPv4Refuses(t *testing.T) {
	good := answerFrame(1, service().Addr(), 1)
	for n := range len(good) - 6 {
		if _, ok := parseIPv4(good[:n]); ok {
			t.Errorf("frame of %d octets taken", n)
		}
	}
	for name, change := range map[string]func(f []byte){
		"IPv6":            func(f []byte) { f[12], f[13] = 0x86, 0xdd },
		"header length":   func(f []byte) { f[14] = 0x44 },
		"header too long": func(f []byte) { f[14] = 0x4f },
		"total length":    func(f []byte) { f[17] = 0xff },
	} {
		f := slices.Clone(good)
		if change(f); func() bool { _, ok := parseIPv4(f); return ok }() {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestEchoReply(t *testing.T) {
	for name, p := range map[string]packet{
		"UDP":     {protocol: 17, payload: make([]byte, 8)},
		"short":   {protocol: protocolICMP, payload: make([]byte, 7)},
		"request": {protocol: protocolICMP, payload: []byte{8, 0, 0, 0, 0, 0, 0, 0}},
	} {
		if _, ok := p.echoReply(); ok {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestObserver(t *testing.T) {
	r := &record{}
	epoch := time.Now()
	o := &observer{record: r, epoch: epoch}
	at := func(d time.Duration) time.Time { return epoch.Add(d * time.Millisecond) }

	o.frame(at(1), advertFrame(t, node1, 200))
	o.frame(at(2), advertFrame(t, node2, 0))
	damaged := advertFrame(t, node1, 200)
	damaged[len(damaged)-7]++
	o.frame(at(3), damaged)
	o.frame(at(3), ipv4Frame(9, netip.AddrFrom4([4]byte{10, 0, 0, 9}), vrrp.GroupIPv4(), vrrp.Protocol, 20, nil))
	o.frame(at(3), []byte("short"))
	wantAdverts := []advert{{time.Millisecond, node1, 200}, {2 * time.Millisecond, node2, 0}}
	if diff := cmp.Diff(wantAdverts, r.Adverts); diff != "" {
		t.Errorf("advertisements (-want +got):\n%s", diff)
	}

	o.frame(at(10), answerFrame(node1, service().Addr(), 0))
	o.frame(at(11), answerFrame(node2, service().Addr(), 0)) // the second answer doesn't count
	o.frame(at(12), answerFrame(node2, service().Addr(), 1))
	o.frame(at(13), answerFrame(node1, source(node1), 3)) // from another address
	o.frame(at(13), answerFrame(7, service().Addr(), 3))  // from somebody unknown
	for seq, answers := range []int{2, 1, 0, 1, 1} {
		if seq == 4 {
			seq += 1 << 16 // the sequence number on the wire begins anew
			o.frame(at(20), answerFrame(node1, service().Addr(), 4))
		}
		o.pinged(netlab.PingResult{Seq: seq, Sent: at(time.Duration(100 + seq&0xff)), Answers: answers})
	}
	var by []int
	for _, p := range r.Pings {
		by = append(by, p.By)
	}
	if want := []int{node1, node2, nobody, node2, node1}; !slices.Equal(by, want) {
		t.Errorf("answered by %v, want %v", by, want)
	}
}
