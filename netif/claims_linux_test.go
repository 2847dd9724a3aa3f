// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"testing"

	"golang.org/x/net/bpf"

	"github.com/go-fhrp/fhrp/internal/frame"
)

// TestFilters runs the programs that the kernel runs.
func TestFilters(t *testing.T) {
	mac := [6]byte{2, 0, 0, 0, 0, 1}
	ip := netip.MustParseAddr("192.0.2.1")
	request, reply := frame.AppendGratuitousARP(nil, frame.Request, mac, ip), frame.AppendGratuitousARP(nil, frame.Reply, mac, ip)
	na := frame.AppendUnsolicitedNA(nil, mac, netip.MustParseAddr("fe80::1"), true)
	tests := []struct {
		name    string
		program []bpf.Instruction
		b       []byte
		want    bool
	}{
		{"gratuitous request", arpFilter(), request, true},
		{"gratuitous reply", arpFilter(), reply, true},
		{"request for another host", arpFilter(), changed(request, 41, 2), false},
		{"ARP cut short", arpFilter(), request[:41], false},
		{"unsolicited advertisement", naFilter(), na, true},
		{"solicited advertisement", naFilter(), changed(na, 58, 0x60), false},
		{"solicitation", naFilter(), changed(na, 54, 135), false},
		{"UDP", naFilter(), changed(na, 20, 17), false},
		{"IPv6 cut short", naFilter(), na[:58], false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			vm, err := bpf.NewVM(tt.program)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := vm.Run(tt.b); err != nil || n > 0 != tt.want || tt.want && n < len(tt.b) {
				t.Errorf("keeps %d octets, error %v", n, err)
			}
		})
	}
}

// changed returns a copy of b with one octet replaced.
func changed(b []byte, offset int, octet byte) []byte {
	c := append([]byte(nil), b...)
	c[offset] = octet
	return c
}
