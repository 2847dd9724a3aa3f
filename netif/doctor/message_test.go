// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"encoding/hex"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compareAddr has cmp compare addresses.
func compareAddr() cmp.Option { return cmp.Comparer(func(a, b netip.Addr) bool { return a == b }) }

// octets returns what hexadecimal digits stand for.
func octets(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Advertisements of keepalived 2.2.7 and ucarp 1.5.2.
const (
	vrrp2 = "2133640101015503c00002643131313100000000"
	vrrp3 = "3133640100649d35c0000264"
	vrrp6 = "3133c8010064a2e9fe800000000000000000000000000100"
	carp  = "212a00070001e8c3e4d54f962c25e1582286eabe762c6ad8bd55240e16bd4d5f18bd6798"
)

func TestParseMessage(t *testing.T) {
	service := []netip.Addr{netip.MustParseAddr("192.0.2.100")}
	for name, tt := range map[string]struct {
		digits string
		ipv6   bool
		want   message
		ok     bool
	}{
		"VRRP version 2":           {vrrp2, false, message{"VRRP version 2", false, 51, service}, true},
		"version 2, no password":   {vrrp2[:24], false, message{}, false},
		"version 2 in IPv6":        {vrrp2, true, message{}, false},
		"VRRP version 3":           {vrrp3, false, message{"VRRP version 3", false, 51, service}, true},
		"version 3 with a trailer": {vrrp3 + "0101000068000000", false, message{"VRRP version 3", false, 51, service}, true},
		"version 3, cut short":     {vrrp3[:22], false, message{}, false},
		"version 3 in IPv6":        {vrrp6, true, message{"VRRP version 3", false, 51, []netip.Addr{netip.MustParseAddr("fe80::100")}}, true},
		"IPv6 length in IPv4":      {vrrp3, true, message{}, false},
		"CARP":                     {carp, false, message{name: "CARP", carp: true, id: 42}, true},
		"CARP in IPv6":             {carp, true, message{name: "CARP", carp: true, id: 42}, true},
		"CARP, cut short":          {carp[:70], false, message{}, false},
		"version 4":                {"41" + vrrp3[2:], false, message{}, false},
		"type 2":                   {"32" + vrrp3[2:], false, message{}, false},
		"nothing":                  {"", false, message{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseMessage(octets(t, tt.digits), tt.ipv6)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(message{}), compareAddr()); ok != tt.ok || diff != "" {
				t.Errorf("ok %v (-want +got):\n%s", ok, diff)
			}
		})
	}
}

// TestParseMessageFiveAddresses wants a VRRP advertisement of the length of CARP's to be one of VRRP.
func TestParseMessageFiveAddresses(t *testing.T) {
	b := make([]byte, carpLen)
	copy(b, []byte{0x21, 1, 100, 5, 0, 1})
	if m, ok := parseMessage(b, false); !ok || m.carp || len(m.addresses) != 5 {
		t.Errorf("ok %v, %+v", ok, m)
	}
}

// Headers of packets from 192.0.2.1 and from fe80::1, with 12 octets of payload.
const (
	header4 = "45c0002000004000ff700000c0000201e0000012"
	header6 = "6c000000000c70fffe800000000000000000000000000001ff020000000000000000000000000012"
)

func TestParsePacket(t *testing.T) {
	ipv4, ipv6 := octets(t, header4+vrrp3), octets(t, header6+vrrp3)
	payload := octets(t, vrrp3)
	src4, dst4 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("224.0.0.18")
	src6, dst6 := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("ff02::12")
	change := func(b []byte, offset int, value byte) []byte {
		c := append([]byte(nil), b...)
		c[offset] = value
		return c
	}
	for name, tt := range map[string]struct {
		b    []byte
		want packet
		ok   bool
	}{
		"IPv4":               {ipv4, packet{src4, dst4, payload}, true},
		"IPv4 with padding":  {append(ipv4[:32:32], 0, 0, 0), packet{src4, dst4, payload}, true},
		"IPv4, cut short":    {ipv4[:31], packet{}, false},
		"IPv4, no header":    {ipv4[:19], packet{}, false},
		"IPv4, UDP":          {change(ipv4, 9, 17), packet{}, false},
		"IPv4, a fragment":   {change(ipv4, 7, 1), packet{}, false},
		"IPv4, short header": {change(ipv4, 0, 0x44), packet{}, false},
		"IPv4, long header":  {change(ipv4, 0, 0x4f), packet{}, false},
		"IPv6":               {ipv6, packet{src6, dst6, payload}, true},
		"IPv6, cut short":    {ipv6[:51], packet{}, false},
		"IPv6, no header":    {ipv6[:39], packet{}, false},
		"IPv6, UDP":          {change(ipv6, 6, 17), packet{}, false},
		"nothing":            {nil, packet{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parsePacket(tt.b)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(packet{}), compareAddr()); ok != tt.ok || diff != "" {
				t.Errorf("ok %v (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, digits := range []string{vrrp2, vrrp3, vrrp6, carp, header4 + vrrp3, header6 + vrrp6} {
		b, err := hex.DecodeString(digits)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, ok := parsePacket(b); ok && len(p.payload) > len(b) {
			t.Errorf("payload of %d octets from %d", len(p.payload), len(b))
		}
		for _, ipv6 := range []bool{false, true} {
			if m, ok := parseMessage(b, ipv6); ok && len(m.addresses)*4 > len(b) {
				t.Errorf("%d addresses from %d octets", len(m.addresses), len(b))
			}
		}
	})
}
