// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vrrp"
)

// packet is an advertisement as a capture has it.
type packet struct {
	h       vrrp.IPHeader
	message []byte
}

// readCapture returns the VRRP packets of a pcap file of Ethernet frames.
func readCapture(t testing.TB, file string) []packet {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var packets []packet
	for b = b[24:]; len(b) >= 16; {
		n := int(binary.LittleEndian.Uint32(b[8:]))
		frame := b[16 : 16+n]
		b = b[16+n:]
		if p, ok := readFrame(frame); ok {
			packets = append(packets, p)
		}
	}
	return packets
}

// readFrame takes the VRRP message out of an Ethernet frame.
func readFrame(frame []byte) (packet, bool) {
	ip := frame[14:]
	switch {
	case binary.BigEndian.Uint16(frame[12:]) == 0x0800 && ip[9] == vrrp.Protocol:
		src, dst := netip.AddrFrom4([4]byte(ip[12:16])), netip.AddrFrom4([4]byte(ip[16:20]))
		return packet{vrrp.IPHeader{Src: src, Dst: dst, HopLimit: ip[8]}, ip[4*(ip[0]&0xf) : binary.BigEndian.Uint16(ip[2:])]}, true
	case binary.BigEndian.Uint16(frame[12:]) == 0x86dd && ip[6] == vrrp.Protocol:
		src, dst := netip.AddrFrom16([16]byte(ip[8:24])), netip.AddrFrom16([16]byte(ip[24:40]))
		return packet{vrrp.IPHeader{Src: src, Dst: dst, HopLimit: ip[7]}, ip[40 : 40+binary.BigEndian.Uint16(ip[4:])]}, true
	}
	return packet{}, false
}

func TestCaptures(t *testing.T) {
	for _, c := range []struct {
		file    string
		packets int
		form    vrrp.ChecksumForm
		want    vrrp.Advertisement
	}{
		{"ka-2.2.7-v2-none.pcap", 6, vrrp.ChecksumMessage, vrrp.Advertisement{Version: vrrp.V2, Interval: time.Second, Addresses: addrs("192.0.2.100")}},
		{"ka-2.2.7-v2-pass.pcap", 6, vrrp.ChecksumMessage, vrrp.Advertisement{Version: vrrp.V2, Interval: time.Second,
			AuthType: vrrp.AuthPassword, AuthData: password(t, "1066"), Addresses: addrs("192.0.2.100")}},
		{"ka-2.2.7-v3-ipv4-pseudo.pcap", 14, vrrp.ChecksumPseudoHeader, vrrp.Advertisement{Version: vrrp.V3, Interval: 500 * time.Millisecond, Addresses: addrs("192.0.2.100", "192.0.2.101")}},
		{"ka-2.4.3-v3-ipv4-message-only.pcap", 6, vrrp.ChecksumMessage, vrrp.Advertisement{Version: vrrp.V3, Interval: time.Second, Addresses: addrs("192.0.2.100")}},
		{"ka-2.2.7-v3-ipv6.pcap", 6, vrrp.ChecksumPseudoHeader, vrrp.Advertisement{Version: vrrp.V3, Interval: time.Second, Addresses: addrs("fe80::100", "2001:db8::100")}},
	} {
		t.Run(c.file, func(t *testing.T) {
			packets := readCapture(t, c.file)
			if len(packets) != c.packets {
				t.Errorf("%d packets, want %d", len(packets), c.packets)
			}
			for i, p := range packets {
				want := c.want
				want.VRID, want.Priority = 51, 200
				if i == len(packets)-1 {
					want.Priority = vrrp.PriorityGoodbye
				}
				var got vrrp.Advertisement
				form, err := got.Parse(p.message, p.h)
				if err != nil || form != c.form {
					t.Fatalf("packet %d: Parse = %v, %v, want %v", i, form, err, c.form)
				}
				if diff := cmp.Diff(want, got, equalAddr()); diff != "" {
					t.Errorf("packet %d (-want +got):\n%s", i, diff)
				}
				out, err := want.Append(nil, p.h.Src, p.h.Dst, c.form)
				if err != nil || !bytes.Equal(out, p.message) {
					t.Errorf("packet %d: built %x, %v, want %x", i, out, err, p.message)
				}
			}
		})
	}
}
