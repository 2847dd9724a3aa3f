// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/go-fhrp/fhrp/vrrp"
)

// slowICV returns the integrity check value of a packet as RFC 2402, RFC 2403 and
// keepalived have it.
func slowICV(t testing.TB, packet []byte, secret string) []byte {
	b := slices.Clone(packet)
	n := 4 * int(b[0]&0xf)
	if len(b) < 20 || len(b) < n+24 {
		return make([]byte, 12)
	}
	for _, at := range []int{1, 6, 7, 10, 11} {
		b[at] = 0
	}
	if b[16] < 224 || b[16] > 239 {
		b[8] = 0
	}
	copy(b[n+12:], make([]byte, 12))
	data := password(t, secret)
	mac := hmac.New(md5.New, data[:])
	mac.Write(b)
	return mac.Sum(nil)[:12]
}

// FuzzAH holds Verify against what a packet must be.
func FuzzAH(f *testing.F) {
	for _, packet := range append(readIPv4(f, "ka-2.2.7-v2-ah.pcap"), readIPv4(f, "ka-2.4.3-v2-ah-unicast.pcap")...) {
		f.Add(packet, false)
		f.Add(packet, true)
	}
	f.Fuzz(func(t *testing.T, input []byte, mend bool) {
		packet := slices.Clone(input)
		if len(packet) >= 44 && mend { // else hardly any digest is right
			packet[0] = 0x45
			copy(packet[32:44], slowICV(t, packet, "1066"))
		}
		message, err := newAH(t).Verify(packet)
		if want := slowAH(t, packet); !errors.Is(err, want) {
			t.Fatalf("%x: %v, want %v", packet, err, want)
		}
		if err == nil && !bytes.Equal(message, packet[4*int(packet[0]&0xf)+24:]) {
			t.Errorf("%x has the message %x", packet, message)
		}
	})
}

// slowAH is what must hold of a packet.
func slowAH(t testing.TB, packet []byte) error {
	if len(packet) < 20 || packet[0]>>4 != 4 {
		return vrrp.FaultLength
	}
	n := 4 * int(packet[0]&0xf)
	if packet[9] != 51 {
		return vrrp.FaultAuthType
	}
	if n < 20 || len(packet) < n+24+8 || int(binary.BigEndian.Uint16(packet[2:])) != len(packet) {
		return vrrp.FaultLength
	}
	ah, message := packet[n:n+24], packet[n+24:]
	switch {
	case ah[0] != 112:
		return vrrp.FaultNextHeader
	case message[0]>>4 != 2:
		return vrrp.FaultVersion
	case ah[1] != 4, len(message) != 8+4*int(message[3])+8:
		return vrrp.FaultLength
	case !bytes.Equal(ah[12:], slowICV(t, packet, "1066")):
		return vrrp.FaultDigest
	case !bytes.Equal(ah[4:8], packet[12:16]):
		return vrrp.FaultSPI
	case binary.BigEndian.Uint32(ah[8:]) == 0:
		return vrrp.FaultReplay
	}
	return nil
}

func TestAHDoesNotAllocate(t *testing.T) {
	src, dst := addrs("198.51.100.10")[0], vrrp.GroupIPv4()
	message, _ := signed(t, noon(), vrrp.IPHeader{Src: src, Dst: dst}, vrrp.V2)
	sender, receiver, packet := newAH(t), newAH(t), make([]byte, 0, 2048)
	if n := testing.AllocsPerRun(100, func() {
		sequence, err := sender.Next()
		if err != nil {
			t.Fatal(err)
		}
		if packet, err = sender.Append(packet[:0], message, src, dst, sequence); err != nil {
			t.Fatal(err)
		}
		if _, err = receiver.Verify(packet); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("making and verifying allocates %v times", n)
	}
}

func BenchmarkAH(b *testing.B) {
	src, dst := addrs("198.51.100.10")[0], vrrp.GroupIPv4()
	message, _ := signed(b, noon(), vrrp.IPHeader{Src: src, Dst: dst}, vrrp.V2)
	sender, receiver, packet := newAH(b), newAH(b), make([]byte, 0, 2048)
	b.Run("Append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			packet, _ = sender.Append(packet[:0], message, src, dst, 1)
		}
	})
	b.Run("Verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			receiver.Verify(packet)
		}
	})
}
