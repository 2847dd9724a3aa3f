// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
)

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			b, want := unhex(t, v.message), v.signed(t)
			for _, h := range []carp.IPHeader{header("10.9.0.1", "224.0.0.18"), header("fe80::1", "ff02::12")} {
				var got carp.Advertisement
				if err := got.Parse(b, h); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("parsed (-want +got):\n%s", diff)
				}
			}
			out, err := want.Append([]byte("before"))
			if err != nil {
				t.Fatal(err)
			}
			if want := append([]byte("before"), b...); !bytes.Equal(out, want) {
				t.Errorf("built\n%x, want\n%x", out, want)
			}
		})
	}
}

// What is appended is parsed to the same values, whatever they are.
func TestAppendParse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		want := carp.Advertisement{VHID: uint8(1 + rng.IntN(255)), AdvBase: uint8(rng.Uint32()), AdvSkew: uint8(rng.Uint32()),
			Demote: uint8(rng.Uint32()), Counter: rng.Uint64()}
		for i := range want.Digest {
			want.Digest[i] = byte(rng.Uint32())
		}
		b, err := want.Append(nil)
		if err != nil || len(b) != 36 {
			t.Fatalf("Append(%+v) = %x, %v", want, b, err)
		}
		var got carp.Advertisement
		if err := got.Parse(b, header("10.9.0.1", "224.0.0.18")); err != nil || got != want {
			t.Fatalf("Parse(%x) = %+v, %v, want %+v", b, got, err, want)
		}
	}
}

func TestAppendRejectsVHID0(t *testing.T) {
	adv := carp.Advertisement{AdvBase: 1}
	b, err := adv.Append([]byte("x"))
	var value *carp.ValueError
	if !errors.As(err, &value) || value.Name != "virtual host identifier" || string(b) != "x" {
		t.Errorf("Append = %q, %v", b, err)
	}
	if want := "carp: virtual host identifier 0: allowed: 1 to 255"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestParseRejects(t *testing.T) {
	group := header("10.9.0.1", "224.0.0.18")
	good := "212a00070001e8c3e4d54f962c25e1582286eabe762c6ad8bd55240e16bd4d5f18bd6798"
	for _, c := range []struct {
		name, hex string
		want      carp.PacketError
	}{
		{"empty", "", carp.PacketError{Fault: carp.FaultShort, Got: 0, Want: 36}},
		{"one octet", good[:2], carp.PacketError{Fault: carp.FaultShort, Got: 1, Want: 36}},
		{"without digest", good[:32], carp.PacketError{Fault: carp.FaultShort, Got: 16, Want: 36}},
		{"last octet cut", good[:70], carp.PacketError{Fault: carp.FaultShort, Got: 35, Want: 36}},
		{"octet behind it", good + "00", carp.PacketError{Fault: carp.FaultLength, Got: 37, Want: 36}},
		{"padded to 1500 octets", good + strings.Repeat("00", 1464), carp.PacketError{Fault: carp.FaultLength, Got: 1500, Want: 36}},
		{"version 0", "01" + good[2:], carp.PacketError{Fault: carp.FaultVersion, Got: 0, Want: 2}},
		{"version 1", "11" + good[2:], carp.PacketError{Fault: carp.FaultVersion, Got: 1, Want: 2}},
		{"version 4", "41" + good[2:], carp.PacketError{Fault: carp.FaultVersion, Got: 4, Want: 2}},
		{"type 0", "20" + good[2:], carp.PacketError{Fault: carp.FaultType, Got: 0, Want: 1}},
		{"type 2", "22" + good[2:], carp.PacketError{Fault: carp.FaultType, Got: 2, Want: 1}},
		{"version 3, type 2", "32" + good[2:], carp.PacketError{Fault: carp.FaultVersion, Got: 3, Want: 2}},
		{"checksum", "212a00070001e8c4" + good[16:], carp.PacketError{Fault: carp.FaultChecksum, Got: 1, Want: 0xffff}},
		{"checksum not filled in", "212a000700010000" + good[16:], carp.PacketError{Fault: carp.FaultChecksum, Got: 0x173c, Want: 0xffff}},
		{"VHID 0", "210000070001e8ed" + good[16:], carp.PacketError{Fault: carp.FaultVHID}},
		{"VRRP version 2", "213364010001b865c00002640000000000000000", carp.PacketError{Fault: carp.FaultVRRP, Got: 2}},
		{"VRRP version 2 with password", "2133640101015503c00002643131313100000000", carp.PacketError{Fault: carp.FaultVRRP, Got: 2}},
		{"VRRP version 2, six addresses", "213364060001" + strings.Repeat("00", 34), carp.PacketError{Fault: carp.FaultVRRP, Got: 2}},
		{"VRRP version 3, IPv4", "3133640100649d35c0000264", carp.PacketError{Fault: carp.FaultVRRP, Got: 3}},
		{"VRRP version 3, IPv6", "3133640200643deefe80000000000000000000000000010020010db8000000000000000000000100", carp.PacketError{Fault: carp.FaultVRRP, Got: 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRejected(t, unhex(t, c.hex), group, c.want)
		})
	}
}

// wantRejected checks the error, and that the advertisement is as it was.
func wantRejected(t *testing.T, b []byte, h carp.IPHeader, want carp.PacketError) {
	t.Helper()
	before := carp.Advertisement{VHID: 9, AdvBase: 8, AdvSkew: 7, Demote: 6, Counter: 5, Digest: [20]byte{4}}
	got := before
	err := got.Parse(b, h)
	var packet *carp.PacketError
	if !errors.As(err, &packet) || *packet != want || !errors.Is(err, want.Fault) {
		t.Errorf("Parse = %v, want %v", err, &want)
	}
	if got != before {
		t.Errorf("a rejected packet changed the advertisement: %+v", got)
	}
}

// A packet to a group comes from the link. How far a unicast peer may be is not
// for the codec to say.
func TestParseHopLimit(t *testing.T) {
	b := unhex(t, vectors(t)[0].message)
	for dst, unicast := range map[string]bool{
		"224.0.0.18": false, "239.1.2.3": false, "ff02::12": false, "ff05::12": false, "255.255.255.255": false,
		"10.9.0.2": true, "fe80::2": true, "2001:db8::2": true,
	} {
		h := header("10.9.0.1", dst)
		for _, hopLimit := range []uint8{0, 1, 64, 254} {
			h.HopLimit = hopLimit
			if !unicast {
				wantRejected(t, b, h, carp.PacketError{Fault: carp.FaultHopLimit, Got: int(hopLimit), Want: 255})
				continue
			}
			var adv carp.Advertisement
			if err := adv.Parse(b, h); err != nil {
				t.Errorf("to %s with hop limit %d: %v", dst, hopLimit, err)
			}
		}
	}
	wantRejected(t, b, carp.IPHeader{HopLimit: 64}, carp.PacketError{Fault: carp.FaultHopLimit, Got: 64, Want: 255})
}

// Both zeros of ones' complement arithmetic are the same sum.
func TestParseChecksumZero(t *testing.T) {
	b := unhex(t, vectors(t)[0].message)
	b[8], b[9] = 0xcd, 0x99 // the checksum 0xe8c3 added to what was there
	var adv carp.Advertisement
	for _, zero := range []byte{0, 0xff} {
		b[6], b[7] = zero, zero
		if err := adv.Parse(b, header("10.9.0.1", "224.0.0.18")); err != nil {
			t.Errorf("checksum %x: %v", b[6:8], err)
		}
	}
}

// Each octet is covered by the length, the version, the type or the checksum:
// whichever bit flips, the packet is rejected.
func TestParseRejectsEveryFlippedBit(t *testing.T) {
	for _, v := range vectors(t) {
		b := unhex(t, v.message)
		for bit := range 8 * len(b) {
			b[bit/8] ^= 1 << (bit % 8)
			var adv carp.Advertisement
			if err := adv.Parse(b, header("10.9.0.1", "224.0.0.18")); err == nil {
				t.Errorf("%s: bit %d flipped: accepted", v.name, bit)
			}
			b[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// Each octet that is changed with its checksum mended is rejected or is another
// advertisement, but for the length of counter and digest: no implementation
// looks at that.
func TestEveryOctetCounts(t *testing.T) {
	v := vectors(t)[0]
	for at := range 36 {
		if at == 6 || at == 7 {
			continue // the checksum itself
		}
		for change := range 255 {
			b := unhex(t, v.message)
			b[at] ^= byte(change + 1)
			mend(b)
			var adv carp.Advertisement
			err := adv.Parse(b, header("10.9.0.1", "224.0.0.18"))
			same := err == nil && adv == v.signed(t)
			if same != (at == 3) {
				t.Errorf("octet %d is %#x: %v, the same advertisement: %v", at, b[at], err, same)
			}
		}
	}
}

// mend makes the checksum right, if there is room for one.
func mend(b []byte) {
	if len(b) >= 8 {
		b[6], b[7] = 0, 0
		sum := ^slowSum(b)
		b[6], b[7] = byte(sum>>8), byte(sum)
	}
}
