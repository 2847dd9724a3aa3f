// SPDX-License-Identifier: Apache-2.0

package frame_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/checksum"
	"github.com/go-fhrp/fhrp/internal/frame"
)

var (
	otherMAC = [6]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x99}
	peer6    = netip.MustParseAddr("2001:db8::7")
)

// ndp builds a frame of neighbour discovery: type, flags, the target, options.
func ndp(typ, flags byte, src, dst, target netip.Addr, options ...byte) []byte {
	s, d, t := src.As16(), dst.As16(), target.As16()
	msg := join([]byte{typ, 0, 0, 0, flags, 0, 0, 0}, t[:], options)
	sum := ^checksum.Fold(checksum.Sum(msg, checksum.Pseudo(src, dst, len(msg), 58)))
	msg[2], msg[3] = byte(sum>>8), byte(sum)
	return join([]byte{0x33, 0x33, 0, 0, 0, 1}, testMAC[:], []byte{0x86, 0xdd},
		[]byte{0x60, 0, 0, 0, 0, byte(len(msg)), 58, 255}, s[:], d[:], msg)
}

// linkLayer is an option with otherMAC.
func linkLayer(typ byte) []byte { return join([]byte{typ, 1}, otherMAC[:]) }

func TestDecodeBinding(t *testing.T) {
	nonce := []byte{14, 1, 1, 2, 3, 4, 5, 6}
	group := netip.MustParseAddr("ff02::1")
	asks := with(arpRequest(), 38, 192, 0, 2, 7)
	tests := []struct {
		name string
		b    []byte
		want frame.Binding
	}{
		{"gratuitous request", arpRequest(), frame.Binding{Addr: ipv4, MAC: testMAC, Announced: true}},
		{"gratuitous reply", arpReply(), frame.Binding{Addr: ipv4, MAC: testMAC, Announced: true}},
		{"request for another host", asks, frame.Binding{Addr: ipv4, MAC: testMAC}},
		{"reply to another host", with(asks, 21, 2), frame.Binding{Addr: ipv4, MAC: testMAC}},
		{"proxy", with(asks, 22, otherMAC[:]...), frame.Binding{Addr: ipv4, MAC: otherMAC}},
		{"padded request", join(asks, make([]byte, 18)), frame.Binding{Addr: ipv4, MAC: testMAC}},

		{"unsolicited advertisement", ndp(136, 0x20, ipv6, group, ipv6, linkLayer(2)...),
			frame.Binding{Addr: ipv6, MAC: otherMAC, Announced: true}},
		{"advertisement without option", ndp(136, 0x20, ipv6, group, ipv6), frame.Binding{Addr: ipv6, MAC: testMAC, Announced: true}},
		{"advertisement with the source's option", ndp(136, 0x20, ipv6, group, ipv6, linkLayer(1)...),
			frame.Binding{Addr: ipv6, MAC: testMAC, Announced: true}},
		{"solicited advertisement", ndp(136, 0x60, peer6, peer6, ipv6, linkLayer(2)...), frame.Binding{Addr: ipv6, MAC: otherMAC}},
		{"solicitation", ndp(135, 0, ipv6, group, peer6, linkLayer(1)...), frame.Binding{Addr: ipv6, MAC: otherMAC}},
		{"solicitation without option", ndp(135, 0, ipv6, group, peer6), frame.Binding{Addr: ipv6, MAC: testMAC}},
		{"second option", ndp(135, 0, ipv6, group, peer6, join(nonce, linkLayer(1))...), frame.Binding{Addr: ipv6, MAC: otherMAC}},
		{"padded", join(ndp(135, 0, ipv6, group, peer6), make([]byte, 6)), frame.Binding{Addr: ipv6, MAC: testMAC}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := frame.DecodeBinding(tt.b)
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); !ok || diff != "" {
				t.Errorf("ok %v, binding (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestDecodeBindingRefuses(t *testing.T) {
	group, none := netip.MustParseAddr("ff02::1"), netip.IPv6Unspecified()
	good := ndp(135, 0, ipv6, group, peer6, linkLayer(1)...)
	for name, b := range map[string][]byte{
		"nothing":                        nil,
		"Ethernet header only":           arpRequest()[:14],
		"other EtherType":                with(arpRequest(), 12, 0x08, 0x00),
		"ARP cut short":                  arpRequest()[:41],
		"ARP for another hardware":       with(arpRequest(), 15, 6),
		"ARP with another opcode":        with(arpRequest(), 21, 3),
		"ARP probe":                      with(arpRequest(), 28, 0, 0, 0, 0),
		"ARP of a group":                 with(arpRequest(), 28, 224),
		"ARP of the broadcast address":   with(arpRequest(), 28, 255, 255, 255, 255),
		"DAD probe":                      ndp(135, 0, none, group, ipv6),
		"solicitation from a group":      ndp(135, 0, group, group, ipv6),
		"advertisement of a group":       ndp(136, 0x20, ipv6, group, group),
		"solicited, to everybody":        ndp(136, 0x60, ipv6, group, ipv6),
		"router solicitation":            ndp(133, 0, ipv6, group, ipv6),
		"option of length 0":             ndp(135, 0, ipv6, group, peer6, 1, 0, 0, 0, 0, 0, 0, 0),
		"option beyond the end":          ndp(135, 0, ipv6, group, peer6, 1, 2, 0, 0, 0, 0, 0, 0),
		"half an option":                 ndp(135, 0, ipv6, group, peer6, 1, 1, 0, 0),
		"from behind a router":           with(good, 21, 254),
		"other next header":              with(good, 20, 17),
		"other code":                     with(good, 55, 1),
		"wrong checksum":                 with(good, 57, good[57]+1),
		"IPv6 header cut short":          good[:53],
		"IPv6 cut short":                 good[:len(good)-1],
		"message shorter than its parts": with(good, 19, 23),
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := frame.DecodeBinding(b); ok {
				t.Errorf("read as %+v", got)
			}
		})
	}
}

func TestDecodeBindingDoesNotAllocate(t *testing.T) {
	b := ndp(135, 0, ipv6, netip.MustParseAddr("ff02::1"), peer6, linkLayer(1)...)
	request := arpRequest()
	if n := testing.AllocsPerRun(100, func() {
		frame.DecodeBinding(b)
		frame.DecodeBinding(request)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzDecodeBinding wants what is a claim to be a binding that was announced, and the other way round unless the
// options of the advertisement are malformed.
func FuzzDecodeBinding(f *testing.F) {
	f.Add(arpRequest())
	f.Add(unsolicitedNA(0x20, [2]byte{0x78, 0xed}))
	f.Add(ndp(135, 0, ipv6, netip.MustParseAddr("ff02::1"), peer6, linkLayer(1)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, ok := frame.DecodeBinding(b)
		addr, claims := frame.Claim(b)
		if ok && v.Announced != claims || ok && claims && v.Addr != addr || claims && addr.Is4() && !ok {
			t.Errorf("binding %+v, %v; claim of %v, %v", v, ok, addr, claims)
		}
	})
}
