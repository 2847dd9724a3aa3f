// SPDX-License-Identifier: Apache-2.0

package bpf_test

import (
	"bytes"
	"net/netip"
	"testing"

	xbpf "golang.org/x/net/bpf"

	"github.com/go-fhrp/fhrp/internal/bpf"
	"github.com/go-fhrp/fhrp/internal/frame"
)

// passes runs a filter on a frame, in the form in which the kernel gets it.
func passes(t testing.TB, filter []xbpf.Instruction, b []byte) bool {
	t.Helper()
	raw, err := xbpf.Assemble(filter)
	if err != nil {
		t.Fatal(err)
	}
	program, complete := xbpf.Disassemble(raw)
	if !complete {
		t.Fatal("the filter has instructions that the kernel does not know")
	}
	vm, err := xbpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := vm.Run(b)
	if err != nil {
		t.Fatal(err)
	}
	if kept != 0 && kept < len(b) {
		t.Errorf("the filter keeps %d octets of %d", kept, len(b))
	}
	return kept != 0
}

// with returns a copy of b with the octets at offset replaced.
func with(b []byte, offset int, octets ...byte) []byte {
	c := bytes.Clone(b)
	copy(c[offset:], octets)
	return c
}

func TestFilters(t *testing.T) {
	mac := [6]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	packet4 := frame.AppendIP(nil, mac, mac, 0xc0, v4, v4, make([]byte, 36))
	packet6 := frame.AppendIP(nil, mac, mac, 0xc0, v6, v6, make([]byte, 36))
	arp := frame.AppendGratuitousARP(nil, frame.Request, mac, v4)
	na := frame.AppendUnsolicitedNA(nil, mac, v6, false)

	type kept struct{ packets4, packets6, claims4, claims6 bool }
	tests := []struct {
		name string
		b    []byte
		want kept
	}{
		{"IPv4", packet4, kept{packets4: true}},
		{"IPv4 with options", with(packet4, 14, 0x46), kept{packets4: true}},
		{"IPv4, may be fragmented", with(packet4, 20, 0), kept{packets4: true}},
		{"IPv4 of another protocol", with(packet4, 23, 17), kept{}},
		{"first fragment", with(packet4, 20, 0x20), kept{}},
		{"last fragment", with(packet4, 20, 0, 1), kept{}},
		{"IPv6", packet6, kept{packets6: true}},
		{"IPv6 of another protocol", with(packet6, 20, 17), kept{}},
		{"ARP", arp, kept{claims4: true}},
		{"neighbour advertisement", na, kept{claims6: true}},
		{"neighbour solicitation", with(na, 54, 135), kept{}},
		{"VLAN tag", with(packet4, 12, 0x81, 0x00), kept{}},
		{"cut short", packet4[:13], kept{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := kept{
				passes(t, bpf.Packets(true), tt.b), passes(t, bpf.Packets(false), tt.b),
				passes(t, bpf.Claims(true), tt.b), passes(t, bpf.Claims(false), tt.b),
			}
			if got != tt.want {
				t.Errorf("kept %+v, want %+v", got, tt.want)
			}
			if passes(t, bpf.Nothing(), tt.b) {
				t.Error("the filter for nothing keeps it")
			}
		})
	}
}

// FuzzFilters checks that a filter never hides a frame that would be decoded.
func FuzzFilters(f *testing.F) {
	mac := [6]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}
	for _, s := range []string{"192.0.2.1", "2001:db8::1"} {
		addr := netip.MustParseAddr(s)
		f.Add(frame.AppendIP(nil, mac, mac, 0xc0, addr, addr, make([]byte, 36)))
	}
	f.Add(frame.AppendGratuitousARP(nil, frame.Reply, mac, netip.MustParseAddr("192.0.2.1")))
	f.Add(frame.AppendUnsolicitedNA(nil, mac, netip.MustParseAddr("2001:db8::1"), true))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, ok := frame.DecodeIP(b); ok && !passes(t, bpf.Packets(p.Src.Is4()), b) {
			t.Errorf("packet %v does not pass", p)
		}
		if addr, ok := frame.Claim(b); ok && !passes(t, bpf.Claims(addr.Is4()), b) {
			t.Errorf("claim of %v does not pass", addr)
		}
	})
}
