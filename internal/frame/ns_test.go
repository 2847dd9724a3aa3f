// SPDX-License-Identifier: Apache-2.0

package frame_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/internal/frame"
)

var (
	asker    = [6]byte{2, 0, 0, 0, 0, 7}
	askerIP  = netip.MustParseAddr("fd00::7")
	targetIP = netip.MustParseAddr("fd00::100")
)

// solicitation is a frame in which fd00::7 asks for fd00::100, with the option for its MAC address; the checksum was
// computed apart from this module.
func solicitation() []byte {
	return bytes.Join([][]byte{
		{0x33, 0x33, 0xff, 0, 1, 0}, asker[:], {0x86, 0xdd}, {0x60, 0, 0, 0, 0, 32, 58, 255},
		askerIP.AsSlice(), netip.MustParseAddr("ff02::1:ff00:100").AsSlice(),
		{135, 0, 0x7b, 0x8e, 0, 0, 0, 0}, targetIP.AsSlice(), {1, 1}, {2, 0, 0, 0, 0, 8},
	}, nil)
}

// probe is the one of a host that has no address yet.
func probe() []byte {
	b := solicitation()[:14+40+24]
	copy(b[22:], make([]byte, 16))
	b[19], b[56], b[57] = 24, 0x7b, 0xa7
	return b
}

// change returns a frame with octets changed.
func change(b []byte, at int, octets ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[at:], octets)
	return b
}

// TestRFC4861Section7_1_1 wants solicitations read that are valid, and no others.
func TestRFC4861Section7_1_1(t *testing.T) {
	for _, c := range []struct {
		name  string
		frame []byte
		want  frame.Solicitation
	}{
		{"with its MAC address", solicitation(), frame.Solicitation{Target: targetIP, Source: askerIP, MAC: [6]byte{2, 0, 0, 0, 0, 8}}},
		{"without an address", probe(), frame.Solicitation{Target: targetIP, Source: netip.IPv6Unspecified(), MAC: asker}},
		{"padded", append(probe(), 1, 2, 3), frame.Solicitation{Target: targetIP, Source: netip.IPv6Unspecified(), MAC: asker}},
		{"hop limit", change(solicitation(), 21, 254), frame.Solicitation{}},
		{"checksum", change(solicitation(), 56, 1), frame.Solicitation{}},
		{"code", change(solicitation(), 55, 1, 0x7b, 0x8d), frame.Solicitation{}},
		{"an advertisement", change(solicitation(), 54, 136, 0, 0x7a, 0x8e), frame.Solicitation{}},
		{"no address, to a host", change(change(probe(), 38, 0xfd, 0), 56, 0x7d, 0xa9), frame.Solicitation{}},
		{"an option without a length", change(change(solicitation(), 79, 0, 2, 0, 0, 0, 0, 9), 56, 0x7b, 0x8e), frame.Solicitation{}},
		{"short", solicitation()[:14+40+23], frame.Solicitation{}},
		{"empty", nil, frame.Solicitation{}},
		{"another protocol", change(solicitation(), 12, 8, 0), frame.Solicitation{}},
	} {
		got, ok := frame.DecodeSolicitation(c.frame)
		if ok != c.want.Target.IsValid() || ok && got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, ok, c.want)
		}
	}
}

// TestRFC4861Section7_2_4 wants an answer that goes to who asks, and to all nodes if that one has no address.
func TestRFC4861Section7_2_4(t *testing.T) {
	s, _ := frame.DecodeSolicitation(solicitation())
	got := frame.AppendAnswer(nil, testMAC, s, true)
	b, ok := frame.DecodeBinding(got)
	if want := (frame.Binding{Addr: targetIP, MAC: testMAC}); !ok || b != want {
		t.Errorf("%+v, %v, want %+v", b, ok, want)
	}
	if to := frame.Destination(got); to != s.MAC || got[58] != 0xe0 || !bytes.Equal(got[38:54], askerIP.AsSlice()) || !bytes.Equal(got[22:38], targetIP.AsSlice()) {
		t.Errorf("to %v, flags %#x: % x", to, got[58], got)
	}
	s, _ = frame.DecodeSolicitation(probe())
	if got, want := frame.AppendAnswer(nil, testMAC, s, false), frame.AppendUnsolicitedNA(nil, testMAC, targetIP, false); !bytes.Equal(got, want) {
		t.Errorf("% x, want % x", got, want)
	}
}

// TestRFC4291Section2_7_1 wants the group of the last three octets.
func TestRFC4291Section2_7_1(t *testing.T) {
	if got := frame.SolicitedNode(netip.MustParseAddr("4037::01:800:200e:8c6c")); got != netip.MustParseAddr("ff02::1:ff0e:8c6c") {
		t.Error(got)
	}
}

// FuzzSolicitation wants no octets to do harm, and answers that can be read.
func FuzzSolicitation(f *testing.F) {
	f.Add(solicitation())
	f.Add(probe())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := frame.DecodeSolicitation(b)
		if !ok {
			return
		}
		got, ok := frame.DecodeBinding(frame.AppendAnswer(nil, testMAC, s, false))
		if !ok || got.Addr != s.Target || got.MAC != testMAC {
			t.Errorf("%+v: %+v, %v", s, got, ok)
		}
	})
}
