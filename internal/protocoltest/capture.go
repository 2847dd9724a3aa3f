// SPDX-License-Identifier: Apache-2.0

package protocoltest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"os"
	"testing"

	"github.com/go-fhrp/fhrp/internal/pcap"
)

// Packet is a message as a capture has it.
type Packet struct {
	Header  Header
	Message []byte
}

// Header is what the protocols want to know of the IP header. It converts to the type
// that they have for that.
type Header struct {
	Src, Dst netip.Addr
	HopLimit uint8
}

// Capture returns the packets of a protocol in a capture file in testdata.
func Capture(t testing.TB, file string, protocol uint8) (packets []Packet) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	records, err := pcap.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for {
		r, err := records.Next()
		if errors.Is(err, io.EOF) {
			return packets
		}
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := message(bytes.Clone(r.Frame), protocol); ok {
			packets = append(packets, p)
		}
	}
}

// message takes the message of a protocol out of an Ethernet frame.
func message(frame []byte, protocol uint8) (Packet, bool) {
	ip := frame[14:]
	switch {
	case binary.BigEndian.Uint16(frame[12:]) == 0x0800 && ip[9] == protocol:
		src, dst := netip.AddrFrom4([4]byte(ip[12:16])), netip.AddrFrom4([4]byte(ip[16:20]))
		return Packet{Header{src, dst, ip[8]}, ip[4*(ip[0]&0xf) : binary.BigEndian.Uint16(ip[2:])]}, true
	case binary.BigEndian.Uint16(frame[12:]) == 0x86dd && ip[6] == protocol:
		src, dst := netip.AddrFrom16([16]byte(ip[8:24])), netip.AddrFrom16([16]byte(ip[24:40]))
		return Packet{Header{src, dst, ip[7]}, ip[40 : 40+binary.BigEndian.Uint16(ip[4:])]}, true
	}
	return Packet{}, false
}
