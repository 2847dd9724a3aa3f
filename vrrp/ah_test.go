// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vrrp"
)

// readIPv4 returns the IPv4 packets of a pcap file of Ethernet frames.
func readIPv4(t testing.TB, file string) [][]byte {
	t.Helper()
	b, err := os.ReadFile("testdata/hmac/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var packets [][]byte
	for b = b[24:]; len(b) >= 16; {
		n := int(binary.LittleEndian.Uint32(b[8:]))
		packets = append(packets, b[16+14:16+n])
		b = b[16+n:]
	}
	return packets
}

func newAH(t testing.TB) *vrrp.AH {
	t.Helper()
	a, err := vrrp.NewAH(password(t, "1066"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ipHeader returns what Parse needs of an IPv4 packet.
func ipHeader(packet []byte) vrrp.IPHeader {
	return vrrp.IPHeader{Src: netip.AddrFrom4([4]byte(packet[12:])), Dst: netip.AddrFrom4([4]byte(packet[16:])), HopLimit: packet[8]}
}

func TestAHCaptures(t *testing.T) {
	for _, c := range []struct {
		file   string
		copies int // of each advertisement
	}{{"ka-2.2.7-v2-ah.pcap", 1}, {"ka-2.4.3-v2-ah-unicast.pcap", 2}} {
		receivers := []*vrrp.AH{newAH(t), newAH(t)}
		sender, sequence := newAH(t), uint32(0)
		packets := readIPv4(t, c.file)
		if len(packets) != 6*c.copies {
			t.Errorf("%s: %d packets, want %d", c.file, len(packets), 6*c.copies)
		}
		for i, packet := range packets {
			message, err := receivers[i%c.copies].Verify(packet)
			if err != nil {
				t.Fatalf("%s: packet %d: %v", c.file, i, err)
			}
			if i%c.copies == 0 {
				sequence, _ = sender.Next()
			}
			want := vrrp.Advertisement{Version: vrrp.V2, VRID: 51, Priority: 200, Interval: time.Second, AuthType: vrrp.AuthAH, Addresses: addrs("192.0.2.100")}
			if i >= len(packets)-c.copies {
				want.Priority = vrrp.PriorityGoodbye
			}
			var got vrrp.Advertisement
			h := ipHeader(packet)
			form, err := got.Parse(message, h)
			if diff := cmp.Diff(want, got, equalAddr()); diff != "" || err != nil {
				t.Errorf("%s: packet %d: %v (-want +got):\n%s", c.file, i, err, diff)
			}
			built, err := want.Append(nil, h.Src, h.Dst, form)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := sender.Append(nil, built, h.Src, h.Dst, sequence); err != nil || !bytes.Equal(out, packet) {
				t.Errorf("%s: packet %d: built\n%x, %v, want\n%x", c.file, i, out, err, packet)
			}
			if _, err := receivers[i%c.copies].Verify(packet); !errors.Is(err, vrrp.FaultReplay) {
				t.Errorf("%s: packet %d again: %v", c.file, i, err)
			}
		}
	}
}

// RFC 2402 section 3.3.3.1.1: of the IP header type of service, flags and fragment
// offset, and checksum are not covered; the TTL not in unicast, but in keepalived's
// multicast.
func TestAHCoversEveryBit(t *testing.T) {
	for _, dst := range addrs("224.0.0.18", "198.51.100.20") {
		src := netip.MustParseAddr("198.51.100.10")
		message, _ := signed(t, noon(), vrrp.IPHeader{Src: src, Dst: dst}, vrrp.V2)
		packet, err := newAH(t).Append(nil, message, src, dst, 1)
		if err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * len(packet) {
			changed := slices.Clone(packet)
			changed[bit/8] ^= 1 << (bit % 8)
			want := ahFault(bit/8, bit%8, dst.IsMulticast())
			if _, err := newAH(t).Verify(changed); !errors.Is(err, want) {
				t.Errorf("to %v, bit %d of octet %d: %v, want %v", dst, bit%8, bit/8, err, want)
			}
		}
	}
}

// ahFault returns what a wrong octet of a packet is taken for.
func ahFault(octet, bit int, multicast bool) error {
	switch {
	case octet == 0 && bit == 1: // a header of 28 octets ends within the other
		return vrrp.FaultNextHeader
	case octet == 0, octet == 2, octet == 3, octet == 20+1, octet == 44+3:
		return vrrp.FaultLength
	case octet == 1, octet == 6, octet == 7, octet == 10, octet == 11, octet == 8 && !multicast:
		return nil
	case octet == 9:
		return vrrp.FaultAuthType
	case octet == 20:
		return vrrp.FaultNextHeader
	case octet == 44 && bit > 3:
		return vrrp.FaultVersion
	}
	return vrrp.FaultDigest
}

// forge makes a packet of a sender with the password say something else.
func forge(t *testing.T, packet []byte, change func(packet []byte)) []byte {
	t.Helper()
	b := slices.Clone(packet)
	change(b)
	copy(b[32:44], slowICV(t, b, "1066"))
	return b
}

func TestAHFaults(t *testing.T) {
	packet := readIPv4(t, "ka-2.2.7-v2-ah.pcap")[0]
	set := func(at int, octets ...byte) []byte {
		return forge(t, packet, func(b []byte) { copy(b[at:], octets) })
	}
	for _, c := range []struct {
		name   string
		packet []byte
		fault  error
		want   string
	}{
		{"nothing", nil, vrrp.FaultLength, "vrrp: wrong length: 0, want 52"},
		{"an IP header alone", packet[:20], vrrp.FaultLength, "vrrp: wrong length: 20, want 64"},
		{"cut", packet[:63], vrrp.FaultLength, "vrrp: wrong length: 63, want 64"},
		{"padded", append(slices.Clone(packet), 0), vrrp.FaultLength, "vrrp: wrong length: 65, want 64"},
		{"IPv6", set(0, 0x65), vrrp.FaultLength, "vrrp: wrong length: 64, want 52"},
		{"no room for a header", set(0, 0x4f), vrrp.FaultLength, "vrrp: wrong length: 64, want 92"},
		{"no authentication header", set(9, vrrp.Protocol), vrrp.FaultAuthType, "vrrp: wrong authentication type: 112, want 51"},
		{"before UDP", set(20, 17), vrrp.FaultNextHeader, "vrrp: wrong next header: 17, want 112"},
		{"other length of authentication header", set(21, 5), vrrp.FaultLength, "vrrp: wrong length: 28, want 24"},
		{"version 3", set(44, 0x31), vrrp.FaultVersion, "vrrp: wrong version: 3, want 2"},
		{"two addresses", set(47, 2), vrrp.FaultLength, "vrrp: wrong length: 44, want 48"},
		{"SPI", set(24, 10, 0, 0, 72), vrrp.FaultSPI, "vrrp: wrong security parameters index"},
		{"sequence number 0", set(28, 0, 0, 0, 0), vrrp.FaultReplay, "vrrp: replayed sequence number: 0, want 1"},
		{"digest", append(packet[:63:63], 1), vrrp.FaultDigest, "vrrp: wrong digest"},
		{"right", set(0), nil, ""},
	} {
		message, err := newAH(t).Verify(c.packet)
		if !errors.Is(err, c.fault) || err != nil && (err.Error() != c.want || message != nil) {
			t.Errorf("%s: %x, %v, want %s", c.name, message, err, c.want)
		}
	}
}

func TestAHOtherPassword(t *testing.T) {
	packet := readIPv4(t, "ka-2.2.7-v2-ah.pcap")[0]
	for _, s := range []string{"1067", "106", "10666", "1066 "} {
		a, err := vrrp.NewAH(password(t, s))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Verify(packet); !errors.Is(err, vrrp.FaultDigest) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if _, err := vrrp.NewAH(vrrp.AuthData{}); err == nil || err.Error() != "vrrp: length of the password 0: allowed: 1 to 8 octets" {
		t.Error(err)
	}
}

// Options are covered as they are.
func TestAHOptions(t *testing.T) {
	packet := readIPv4(t, "ka-2.2.7-v2-ah.pcap")[0]
	long := slices.Concat(packet[:20], []byte{0x94, 4, 0, 0}, packet[20:]) // router alert
	long[0], long[3] = 0x46, byte(len(long))
	copy(long[36:48], slowICV(t, long, "1066"))
	if message, err := newAH(t).Verify(long); err != nil || !bytes.Equal(message, packet[44:]) {
		t.Errorf("%x, %v", message, err)
	}
	long[20]++
	if _, err := newAH(t).Verify(long); !errors.Is(err, vrrp.FaultDigest) {
		t.Error(err)
	}
}

// All routers share one count: keepalived's ipsecah_counter.
func TestAHSequence(t *testing.T) {
	src, dst := netip.MustParseAddr("198.51.100.10"), vrrp.GroupIPv4()
	message, _ := signed(t, noon(), vrrp.IPHeader{Src: src, Dst: dst}, vrrp.V2)
	a, b, sent := newAH(t), newAH(t), uint32(0)
	send := func(from *vrrp.AH, to *vrrp.AH, want uint32, fault error) {
		t.Helper()
		sequence, err := from.Next()
		if err != nil || sequence != want {
			t.Errorf("Next = %d, %v, want %d", sequence, err, want)
		}
		packet, err := from.Append(nil, message, src, dst, sequence)
		if err != nil {
			t.Fatal(err)
		}
		sent++
		if _, err := to.Verify(packet); !errors.Is(err, fault) {
			t.Errorf("sequence number %d: %v, want %v", sequence, err, fault)
		}
	}
	send(a, b, 1, nil)
	send(a, b, 2, nil)
	send(b, a, 3, nil) // goes on from the other's
	send(a, b, 4, nil)
	a = newAH(t) // restarts, and is not heard
	send(a, b, 1, vrrp.FaultReplay)
	send(a, b, 2, vrrp.FaultReplay)
	send(b, a, 5, nil) // until it has heard the other
	send(a, b, 6, nil)
	next := newAH(t)
	next.Inherit(a)
	send(next, b, 7, nil)
	next.Inherit(newAH(t))
	send(next, b, 8, nil)
}

// keepalived sends up to 2^32-2.
func TestAHSequenceEnds(t *testing.T) {
	src, dst := netip.MustParseAddr("198.51.100.10"), vrrp.GroupIPv4()
	message, _ := signed(t, noon(), vrrp.IPHeader{Src: src, Dst: dst}, vrrp.V2)
	for heard, want := range map[uint32]error{0xffff_fffd: nil, 0xffff_fffe: vrrp.ErrSequence, 0xffff_ffff: vrrp.ErrSequence} {
		a := newAH(t)
		packet, err := newAH(t).Append(nil, message, src, dst, heard)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Verify(packet); err != nil {
			t.Errorf("%#x: %v", heard, err)
		}
		if next, err := a.Next(); !errors.Is(err, want) || err == nil && next != heard+1 {
			t.Errorf("Next after %#x = %#x, %v", heard, next, err)
		}
	}
}

// An identification of 0 would be replaced by the kernel, and is covered.
func TestAHIdentificationIsNotZero(t *testing.T) {
	src, dst := netip.MustParseAddr("198.51.100.10"), vrrp.GroupIPv4()
	for sequence, want := range map[uint32]uint16{1: 1, 0xffff: 0xffff, 0x10000: 1, 0x10002: 2} {
		packet, err := newAH(t).Append(nil, make([]byte, 20), src, dst, sequence)
		if got := binary.BigEndian.Uint16(packet[4:]); got != want || err != nil {
			t.Errorf("%#x: identification %d, %v, want %d", sequence, got, err, want)
		}
	}
}

func TestAHAppendRejects(t *testing.T) {
	v4, v6 := addrs("198.51.100.10")[0], addrs("fe80::10")[0]
	for _, c := range []struct {
		src, dst netip.Addr
		length   int
		want     string
	}{
		{v6, v4, 20, "vrrp: addresses of the packet fe80::10 and 198.51.100.10: allowed: two of IPv4"},
		{v4, v6, 20, "vrrp: addresses of the packet 198.51.100.10 and fe80::10: allowed: two of IPv4"},
		{netip.Addr{}, v4, 20, "vrrp: addresses of the packet invalid IP and 198.51.100.10: allowed: two of IPv4"},
		{v4, v4, 65492, "vrrp: length of the message 65492: allowed: up to 65491 octets"},
	} {
		b, err := newAH(t).Append([]byte("before"), make([]byte, c.length), c.src, c.dst, 1)
		var value *vrrp.ValueError
		if !errors.As(err, &value) || err.Error() != c.want || string(b) != "before" {
			t.Errorf("%q, %v, want %s", b, err, c.want)
		}
	}
	if b, err := newAH(t).Append([]byte("before"), make([]byte, 65491), v4, v4, 1); err != nil || len(b) != 6+65535 {
		t.Errorf("%d octets, %v", len(b), err)
	}
}
