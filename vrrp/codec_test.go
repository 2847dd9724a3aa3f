// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vrrp"
)

func addrs(s ...string) []netip.Addr {
	var out []netip.Addr
	for _, a := range s {
		out = append(out, netip.MustParseAddr(a))
	}
	return out
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func header(src, dst string) vrrp.IPHeader {
	return vrrp.IPHeader{Src: netip.MustParseAddr(src), Dst: netip.MustParseAddr(dst), HopLimit: 255}
}

func password(t testing.TB, s string) vrrp.AuthData {
	t.Helper()
	d, err := vrrp.Password(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// equalAddr lets cmp look into a netip.Addr, which hides its fields.
func equalAddr() cmp.Option {
	return cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
}

type vector struct {
	name string
	hex  string
	h    vrrp.IPHeader
	form vrrp.ChecksumForm
	want vrrp.Advertisement
}

// vectors are messages of known good implementations; each is parsed to the
// value and built from it again, octet by octet.
func vectors(t testing.TB) []vector {
	v4, v6 := header("198.51.100.10", "224.0.0.18"), header("fe80::10", "ff02::12")
	unicast := header("198.51.100.10", "198.51.100.20")
	v2 := func(prio uint8, data vrrp.AuthData) vrrp.Advertisement {
		a := vrrp.Advertisement{Version: vrrp.V2, VRID: 51, Priority: prio, Interval: time.Second, Addresses: addrs("192.0.2.100")}
		if data != (vrrp.AuthData{}) {
			a.AuthType, a.AuthData = vrrp.AuthPassword, data
		}
		return a
	}
	v3 := vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 100, Interval: time.Second, Addresses: addrs("192.0.2.100")}
	return []vector{
		{"v2", "213364010001b865c00002640000000000000000", v4, vrrp.ChecksumMessage, v2(100, vrrp.AuthData{})},
		{"v2 password", "2133640101015503c00002643131313100000000", v4, vrrp.ChecksumMessage, v2(100, password(t, "1111"))},
		{"v2 goodbye", "2133000100011c66c00002640000000000000000", v4, vrrp.ChecksumMessage, v2(0, vrrp.AuthData{})},
		{"v3 IPv4 pseudo-header", "3133640100649d35c0000264", v4, vrrp.ChecksumPseudoHeader, v3},
		{"v3 IPv4 pseudo-header unicast", "3133640100645300c0000264", unicast, vrrp.ChecksumPseudoHeader, v3},
		{"v3 IPv4 message only", "313364010064a802c0000264", v4, vrrp.ChecksumMessage, v3},
		{"v3 IPv6", "3133640200643deefe80000000000000000000000000010020010db8000000000000000000000100", v6, vrrp.ChecksumPseudoHeader,
			vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 100, Interval: time.Second, Addresses: addrs("fe80::100", "2001:db8::100")}},
		{"v3 IPv4 limits", "31fffe020fff3063c0000264c0000265", v4, vrrp.ChecksumPseudoHeader,
			vrrp.Advertisement{Version: vrrp.V3, VRID: 255, Priority: 254, Interval: 40950 * time.Millisecond, Addresses: addrs("192.0.2.100", "192.0.2.101")}},
		{"keepalived issue 2422", "210c640100013eb51e1e1e1e0000000000000000", v4, vrrp.ChecksumMessage,
			vrrp.Advertisement{Version: vrrp.V2, VRID: 12, Priority: 100, Interval: time.Second, Addresses: addrs("30.30.30.30")}},
		{"osixia/container-keepalived issue 20", "213333010101bb25c0a801ee6430636b65720000", v4, vrrp.ChecksumMessage,
			vrrp.Advertisement{Version: vrrp.V2, VRID: 51, Priority: 51, Interval: time.Second, AuthType: vrrp.AuthPassword, AuthData: password(t, "d0cker"), Addresses: addrs("192.168.1.238")}},
		{"govrrp", "31f0640100640608c0a800e6", header("192.168.0.220", "224.0.0.18"), vrrp.ChecksumPseudoHeader,
			vrrp.Advertisement{Version: vrrp.V3, VRID: 240, Priority: 100, Interval: time.Second, Addresses: addrs("192.168.0.230")}},
		{"holo v2", "21331e010001b5c50a0001050000000000000000", v4, vrrp.ChecksumMessage,
			vrrp.Advertisement{Version: vrrp.V2, VRID: 51, Priority: 30, Interval: time.Second, Addresses: addrs("10.0.1.5")}},
	}
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			b := unhex(t, v.hex)
			var got vrrp.Advertisement
			form, err := got.Parse(b, v.h)
			if err != nil || form != v.form {
				t.Fatalf("Parse = %v, %v, want %v", form, err, v.form)
			}
			if diff := cmp.Diff(v.want, got, equalAddr()); diff != "" {
				t.Errorf("parsed (-want +got):\n%s", diff)
			}
			out, err := v.want.Append([]byte("before"), v.h.Src, v.h.Dst, v.form)
			if err != nil {
				t.Fatal(err)
			}
			if want := append([]byte("before"), b...); !bytes.Equal(out, want) {
				t.Errorf("built\n%x, want\n%x", out, want)
			}
		})
	}
}

// Appendix of RFC 9568 section 5.2.8: both zeros of ones' complement arithmetic
// are the same sum.
func TestParseChecksumZero(t *testing.T) {
	a := vrrp.Advertisement{Version: vrrp.V3, VRID: 1, Priority: 1, Interval: 10 * time.Millisecond, Addresses: addrs("0.0.0.0")}
	h := header("198.51.100.10", "224.0.0.18")
	b, err := a.Append(nil, h.Src, h.Dst, vrrp.ChecksumMessage)
	if err != nil {
		t.Fatal(err)
	}
	// An address makes the rest of the message sum to 0xffff, the checksum to zero.
	b[8], b[9], b[6], b[7] = b[6], b[7], 0, 0
	for _, zero := range []byte{0, 0xff} {
		b[6], b[7] = zero, zero
		if form, err := a.Parse(b, h); err != nil || form != vrrp.ChecksumMessage {
			t.Errorf("checksum %x: %v, %v", b[6:8], form, err)
		}
	}
}

// keepalived's old_unicast_checksum, as versions to 1.3.6 send it.
func TestParseChecksumPseudoGroup(t *testing.T) {
	var a vrrp.Advertisement
	form, err := a.Parse(unhex(t, "3133640100649d35c0000264"), header("198.51.100.10", "198.51.100.20"))
	if err != nil || form != vrrp.ChecksumPseudoGroup {
		t.Errorf("Parse = %v, %v", form, err)
	}
}

func TestParseRejects(t *testing.T) {
	v4, v6 := header("198.51.100.10", "224.0.0.18"), header("fe80::10", "ff02::12")
	good, good2 := "313364010064a802c0000264", "213364010001b865c00002640000000000000000"
	ttl := v4
	ttl.HopLimit = 64
	for _, c := range []struct {
		name, hex string
		h         vrrp.IPHeader
		want      vrrp.PacketError
	}{
		{"TTL", good, ttl, vrrp.PacketError{Fault: vrrp.FaultHopLimit, Got: 64, Want: 255}},
		{"empty", "", v4, vrrp.PacketError{Fault: vrrp.FaultLength, Got: 0, Want: 8}},
		{"header cut", good[:14], v4, vrrp.PacketError{Fault: vrrp.FaultLength, Got: 7, Want: 8}},
		{"version 0", "01" + good[2:], v4, vrrp.PacketError{Fault: vrrp.FaultVersion, Got: 0, Want: 3}},
		{"version 4", "41" + good[2:], v4, vrrp.PacketError{Fault: vrrp.FaultVersion, Got: 4, Want: 3}},
		{"version 2 over IPv6", good2, v6, vrrp.PacketError{Fault: vrrp.FaultVersion, Got: 2, Want: 3}},
		{"type 2", "32" + good[2:], v4, vrrp.PacketError{Fault: vrrp.FaultType, Got: 2, Want: 1}},
		{"address cut", good[:22], v4, vrrp.PacketError{Fault: vrrp.FaultLength, Got: 11, Want: 12}},
		{"octet behind it", good + "00", v4, vrrp.PacketError{Fault: vrrp.FaultLength, Got: 13, Want: 12}},
		{"more addresses than octets", "313364ff0064a802c0000264", v4, vrrp.PacketError{Fault: vrrp.FaultLength, Got: 12, Want: 1028}},
		{"version 2 without authentication data", good2[:24], v4, vrrp.PacketError{Fault: vrrp.FaultLength, Got: 12, Want: 20}},
		{"checksum", "313364010064a803c0000264", v4, vrrp.PacketError{Fault: vrrp.FaultChecksum, Got: 1, Want: 0xffff}},
		{"IPv6 without pseudo-header", "313364010064a802" + "fe800000000000000000000000000100", v6, vrrp.PacketError{Fault: vrrp.FaultChecksum, Got: 0x3b4a, Want: 0xffff}},
		{"no address", "313364000064" + "6a68", v4, vrrp.PacketError{Fault: vrrp.FaultAddressList, Got: 0, Want: 1}},
		{"version 2 without address", "213364000001" + "7acb" + "0000000000000000", v4, vrrp.PacketError{Fault: vrrp.FaultAddressList, Got: 0, Want: 1}},
		{"interval 0", "313364010000a866c0000264", v4, vrrp.PacketError{Fault: vrrp.FaultInterval}},
		{"interval 0 in version 2", "213364010000b866c00002640000000000000000", v4, vrrp.PacketError{Fault: vrrp.FaultInterval}},
		{"a CARP advertisement", "212a00070001e8c3e4d54f962c25e1582286eabe762c6ad8bd55240e16bd4d5f18bd6798", v4, vrrp.PacketError{Fault: vrrp.FaultLength, Got: 36, Want: 44}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := vrrp.Advertisement{Version: vrrp.V3, VRID: 7, Addresses: addrs("192.0.2.1")}
			got := before
			_, err := got.Parse(unhex(t, c.hex), c.h)
			var packet *vrrp.PacketError
			if !errors.As(err, &packet) || *packet != c.want || !errors.Is(err, c.want.Fault) {
				t.Errorf("Parse = %v, want %v", err, &c.want)
			}
			if diff := cmp.Diff(before, got, equalAddr()); diff != "" {
				t.Errorf("a rejected packet changed the advertisement:\n%s", diff)
			}
		})
	}
}

// Each octet of each vector is covered by the length, the version or the
// checksum: whichever bit flips, the packet is rejected.
func TestParseRejectsEveryFlippedBit(t *testing.T) {
	for _, v := range vectors(t) {
		b := unhex(t, v.hex)
		for bit := range 8 * len(b) {
			b[bit/8] ^= 1 << (bit % 8)
			var a vrrp.Advertisement
			if _, err := a.Parse(b, v.h); err == nil {
				t.Errorf("%s: bit %d flipped: accepted", v.name, bit)
			}
			b[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// RFC 9568 section 5.2.6: the reserved field is ignored on reception.
func TestParseIgnoresReservedBits(t *testing.T) {
	var a vrrp.Advertisement
	if _, err := a.Parse(unhex(t, "31336401f064b801c0000264"), header("198.51.100.10", "224.0.0.18")); err != nil || a.Interval != time.Second {
		t.Errorf("Parse = %v, interval %v", err, a.Interval)
	}
}

func TestAppendRejects(t *testing.T) {
	v4, v6 := header("198.51.100.10", "224.0.0.18"), header("fe80::10", "ff02::12")
	good := vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 100, Interval: time.Second, Addresses: addrs("192.0.2.100")}
	v2 := good
	v2.Version = vrrp.V2
	for _, c := range []struct {
		name  string
		adv   vrrp.Advertisement
		h     vrrp.IPHeader
		spoil func(*vrrp.Advertisement)
		field string
	}{
		{"version", good, v4, func(a *vrrp.Advertisement) { a.Version = 1 }, "protocol version"},
		{"VRID 0", good, v4, func(a *vrrp.Advertisement) { a.VRID = 0 }, "virtual router identifier"},
		{"no address", good, v4, func(a *vrrp.Advertisement) { a.Addresses = nil }, "number of addresses"},
		{"256 addresses", good, v4, func(a *vrrp.Advertisement) { a.Addresses = make([]netip.Addr, 256) }, "number of addresses"},
		{"family of an address", good, v4, func(a *vrrp.Advertisement) { a.Addresses = addrs("192.0.2.1", "fe80::1") }, "address"},
		{"IPv4-mapped address", good, v6, func(a *vrrp.Advertisement) { a.Addresses = addrs("::ffff:192.0.2.1") }, "address"},
		{"no addresses of the packet", good, vrrp.IPHeader{}, func(*vrrp.Advertisement) {}, "addresses of the packet"},
		{"packet of two families", good, vrrp.IPHeader{Src: v4.Src, Dst: v6.Dst}, func(*vrrp.Advertisement) {}, "addresses of the packet"},
		{"packet from an IPv4-mapped address", good, header("::ffff:192.0.2.1", "ff02::12"), func(*vrrp.Advertisement) {}, "addresses of the packet"},
		{"invalid address", good, v6, func(a *vrrp.Advertisement) { a.Addresses = []netip.Addr{{}} }, "address"},
		{"version 2 over IPv6", v2, v6, func(a *vrrp.Advertisement) { a.Addresses = addrs("fe80::1") }, "source address"},
		{"password in version 3", good, v4, func(a *vrrp.Advertisement) { a.AuthType = vrrp.AuthPassword }, "authentication type"},
		{"interval 0", good, v4, func(a *vrrp.Advertisement) { a.Interval = 0 }, "advertisement interval"},
		{"interval of 5 ms", good, v4, func(a *vrrp.Advertisement) { a.Interval = 5 * time.Millisecond }, "advertisement interval"},
		{"interval of 15 ms", good, v4, func(a *vrrp.Advertisement) { a.Interval = 15 * time.Millisecond }, "advertisement interval"},
		{"interval of 41 s", good, v4, func(a *vrrp.Advertisement) { a.Interval = 41 * time.Second }, "advertisement interval"},
		{"negative interval", good, v4, func(a *vrrp.Advertisement) { a.Interval = -time.Second }, "advertisement interval"},
		{"version 2, 400 ms", v2, v4, func(a *vrrp.Advertisement) { a.Interval = 400 * time.Millisecond }, "advertisement interval"},
		{"version 2, 256 s", v2, v4, func(a *vrrp.Advertisement) { a.Interval = 256 * time.Second }, "advertisement interval"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.spoil(&c.adv)
			b, err := c.adv.Append([]byte("x"), c.h.Src, c.h.Dst, vrrp.ChecksumAuto)
			var value *vrrp.ValueError
			if !errors.As(err, &value) || value.Name != c.field || string(b) != "x" {
				t.Errorf("Append = %q, %v, want an error about the %s", b, err, c.field)
			}
		})
	}
}

func TestPassword(t *testing.T) {
	for _, s := range []string{"", "123456789"} {
		if _, err := vrrp.Password(s); err == nil {
			t.Errorf("Password(%q) accepted", s)
		}
	}
	d := password(t, "12345678")
	a := vrrp.Advertisement{AuthData: d}
	for _, format := range []string{"%v", "%+v", "%#v", "%x", "%s", "%q", "%d"} {
		for _, v := range []any{d, &d, a, &a} {
			if s := fmt.Sprintf(format, v); bytes.Contains([]byte(s), []byte("12345")) || bytes.Contains([]byte(s), []byte("313233")) || bytes.Contains([]byte(s), []byte("49, 50")) || bytes.Contains([]byte(s), []byte("49 50")) {
				t.Errorf("%s of %T shows the password: %s", format, v, s)
			}
		}
	}
}
