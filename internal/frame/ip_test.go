// SPDX-License-Identifier: Apache-2.0

package frame_test

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/frame"
)

// The advertisements of CARP that FreeBSD 13 sent on the wire from 192.0.2.2 and fe80::ff:fe00:2, VHID 1.
const (
	carp4 = "01005e00001200005e0001010800" + "45e0003800004000ff70d860c0000202e0000012" +
		"210164070001e08657563d507348f50388d19a0385043d2b2a01e613a93af4ca4e7abbe2"
	carp6 = "33330000001200005e00010186dd" + "6e000000002470ff" +
		"fe80000000000000000000fffe000002" + "ff020000000000000000000000000012" +
		"2101640700014c260ed4ee9c5329ec09656d7293d13efd4503348435c1db381a844f45f7"

	// keepalived numbers its packets and does not set the don't fragment flag.
	keepalived4 = "01005e00001242aa3b4f9dab0800" + "45c0002400010000ff70d04f0a000047e0000012" +
		"3133c802003296f3c0000264c0000265"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// TestAppendIP builds what FreeBSD's own stack put on the wire.
func TestAppendIP(t *testing.T) {
	virtual := [6]byte{0x00, 0x00, 0x5e, 0x00, 0x01, 0x01}
	tests := []struct {
		name     string
		want     string
		src, dst netip.Addr
	}{
		{"IPv4", carp4, addr("192.0.2.2"), addr("224.0.0.18")},
		{"IPv6", carp6, addr("fe80::ff:fe00:2"), addr("ff02::12")},
		{"zone is not on the wire", carp6, addr("fe80::ff:fe00:2%em0"), addr("ff02::12%em0")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := unhex(t, tt.want)
			payload := want[len(want)-36:]
			got := frame.AppendIP([]byte("before"), frame.MulticastMAC(tt.dst), virtual, 0xe0, tt.src, tt.dst, payload)
			if diff := cmp.Diff(join([]byte("before"), want), got); diff != "" {
				t.Errorf("unexpected frame (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMulticastMAC(t *testing.T) {
	tests := []struct {
		group string
		want  [6]byte
	}{
		{"224.0.0.18", [6]byte{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12}},
		{"239.129.2.3", [6]byte{0x01, 0x00, 0x5e, 0x01, 0x02, 0x03}}, // RFC 1112: the low 23 bits
		{"ff02::12", [6]byte{0x33, 0x33, 0x00, 0x00, 0x00, 0x12}},
		{"ff02::1:ff12:3456", [6]byte{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}},
	}
	for _, tt := range tests {
		if got := frame.MulticastMAC(addr(tt.group)); got != tt.want {
			t.Errorf("%s is sent to %x, want %x", tt.group, got, tt.want)
		}
	}
}

func TestDecodeIP(t *testing.T) {
	four, six, keepalived := unhex(t, carp4), unhex(t, carp6), unhex(t, keepalived4)
	options := with(join(four[:34], []byte{0x94, 4, 0, 0}, four[34:]), 14, 0x46, 0xe0, 0, 60)
	v4 := frame.Packet{Src: addr("192.0.2.2"), Dst: addr("224.0.0.18"), HopLimit: 255, Payload: four[34:]}
	v6 := frame.Packet{Src: addr("fe80::ff:fe00:2"), Dst: addr("ff02::12"), HopLimit: 255, Payload: six[54:]}
	routed := v4
	routed.HopLimit = 254
	tests := []struct {
		name string
		b    []byte
		want frame.Packet
	}{
		{"IPv4", four, v4},
		{"IPv6", six, v6},
		{"keepalived", keepalived, frame.Packet{Src: addr("10.0.0.71"), Dst: addr("224.0.0.18"), HopLimit: 255, Payload: keepalived[34:]}},
		{"padded keepalived", join(keepalived, make([]byte, 10)), frame.Packet{
			Src: addr("10.0.0.71"), Dst: addr("224.0.0.18"), HopLimit: 255, Payload: keepalived[34:]}},
		{"padded IPv6", join(six, make([]byte, 4)), v6},
		{"router alert option", with(options, 24, 0x43, 0x58), v4},
		{"TTL 254", with(with(four, 22, 254), 24, 0xd9), routed},
		{"checksum left to the network card", with(four, 24, 0, 0), v4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := frame.DecodeIP(tt.b)
			if !ok {
				t.Fatal("not decoded")
			}
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("unexpected packet (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeIPRefuses(t *testing.T) {
	four, six := unhex(t, carp4), unhex(t, carp6)
	tests := []struct {
		name string
		b    []byte
	}{
		{"nothing", nil},
		{"Ethernet header cut short", four[:13]},
		{"Ethernet header only", four[:14]},
		{"VLAN tag", join(four[:12], []byte{0x81, 0, 0, 7}, four[12:])},
		{"ARP", with(four, 12, 0x08, 0x06)},
		{"IPv4 in a frame of IPv6", with(four, 12, 0x86, 0xdd)},
		{"IPv6 in a frame of IPv4", with(six, 12, 0x08, 0x00)},

		{"IPv4 header cut short", four[:33]},
		{"other protocol", with(with(four, 23, 17), 24, 0xd8, 0xbf)},
		{"header length below 20", with(four, 14, 0x44)},
		{"header length beyond the packet", with(four, 14, 0x4f, 0xe0, 0, 56)},
		{"total length below the header's", with(four, 16, 0, 19)},
		{"IPv4 cut short", four[:len(four)-1]},
		{"first fragment", with(with(four, 20, 0x20), 24, 0xf8)},
		{"last fragment", with(with(four, 20, 0x00, 0x01), 25, 0x5f)},
		{"wrong header checksum", with(four, 25, 0x61)},

		{"IPv6 header cut short", six[:53]},
		{"other next header", with(six, 20, 17)},
		{"IPv6 cut short", six[:len(six)-1]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if p, ok := frame.DecodeIP(tt.b); ok {
				t.Errorf("decoded as %v", p)
			}
		})
	}
}

func TestDestination(t *testing.T) {
	four := unhex(t, carp4)
	if got := frame.Destination(four); got != [6]byte{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12} {
		t.Errorf("destination is %x", got)
	}
	if got := frame.Destination(four[:13]); got != [6]byte{} {
		t.Errorf("destination of a frame cut short is %x", got)
	}
}

func TestAppendIPDoesNotAllocate(t *testing.T) {
	b, payload := make([]byte, 0, 128), make([]byte, 36)
	src, dst, mac := addr("fe80::1"), addr("ff02::12"), frame.MulticastMAC(addr("ff02::12"))
	if n := testing.AllocsPerRun(100, func() {
		frame.DecodeIP(frame.AppendIP(b, mac, testMAC, 0xc0, ipv4, ipv4, payload))
		frame.DecodeIP(frame.AppendIP(b, mac, testMAC, 0xc0, src, dst, payload))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzDecodeIP(f *testing.F) {
	for _, s := range []string{carp4, carp6, keepalived4} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, ok := frame.DecodeIP(b)
		if !ok {
			return
		}
		again := frame.AppendIP(nil, frame.Destination(b), frame.Source(b), 0, p.Src, p.Dst, p.Payload)
		got, ok := frame.DecodeIP(again)
		if !ok || got.Src != p.Src || got.Dst != p.Dst || !bytes.Equal(got.Payload, p.Payload) {
			t.Errorf("%v is read back as %v, %v", p, got, ok)
		}
		if frame.Destination(again) != frame.Destination(b) || frame.Source(again) != frame.Source(b) {
			t.Errorf("MAC addresses are not those of %x", b[:12])
		}
	})
}
