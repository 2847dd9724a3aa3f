// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/protocoltest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// packet is an advertisement as a capture has it.
type packet struct {
	h       vrrp.IPHeader
	message []byte
}

// readCapture returns the packets of the protocol in a capture file.
func readCapture(t testing.TB, file string) (packets []packet) {
	t.Helper()
	for _, p := range protocoltest.Capture(t, file, vrrp.Protocol) {
		packets = append(packets, packet{vrrp.IPHeader(p.Header), p.Message})
	}
	return packets
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
