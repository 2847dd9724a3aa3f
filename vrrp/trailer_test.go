// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/go-fhrp/fhrp/internal/checksum"
	"github.com/go-fhrp/fhrp/vrrp"
)

func TestCutTrailerByLength(t *testing.T) {
	for _, h := range headers() {
		message, trailer := signed(t, noon(), h, vrrp.V3)
		payload := trailer.Append(slices.Clone(message), h.Src.Is6())
		for n := range len(payload) + 10 {
			b := append(slices.Clone(payload), make([]byte, 10)...)[:n]
			got, cut := vrrp.CutTrailer(b, h.Src.Is6())
			if n == len(payload) {
				if cut == nil || *cut != *trailer || !bytes.Equal(got, message) {
					t.Errorf("%x and %x, want %x and %x", got, cut, message, *trailer)
				}
			} else if cut != nil || len(got) != n {
				t.Errorf("%d octets: %d and %x", n, len(got), cut)
			}
		}
	}
}

// An advertisement of CARP, which is 36 octets with 7 where VRRP has the address
// count, has no trailer; and what is put behind one is no longer CARP.
func TestCutTrailerOfCARP(t *testing.T) {
	carp := append([]byte{0x21, 1, 0, 7, 0, 1}, make([]byte, 30)...)
	if _, trailer := vrrp.CutTrailer(carp, false); trailer != nil {
		t.Errorf("%x", *trailer)
	}
}

// A message behind a trailer that was cut doesn't grow into it.
func TestCutTrailerCapsTheMessage(t *testing.T) {
	h := headers()[0]
	message, trailer := signed(t, noon(), h, vrrp.V3)
	m, cut := vrrp.CutTrailer(trailer.Append(message, false), false)
	_ = append(m, 0xff)
	if *cut != *trailer {
		t.Errorf("%x, want %x", *cut, *trailer)
	}
}

// The checksum of IPv6 covers the trailer, and is never written as 0xffff, in
// neither direction.
func TestTrailerChecksumZero(t *testing.T) {
	h := headers()[1]
	message, _ := signed(t, noon(), h, vrrp.V3)
	a, left := newHMAC(t, vrrp.HMACConfig{Monotonic: true}), 2
	for range 2_000_000 {
		trailer, _ := a.Sign(noon(), message, h.Src)
		payload := trailer.Append(slices.Clone(message), true)
		if payload[6] != payload[7] || payload[6] != 0 && payload[6] != 0xff {
			continue
		}
		sum := checksum.Fold(checksum.Sum(payload, checksum.Pseudo(h.Src, h.Dst, len(payload), vrrp.Protocol)))
		if payload[6] != 0 || sum != checksum.Valid {
			t.Fatalf("%x: sum %#x", payload, sum)
		}
		for _, zero := range []byte{0, 0xff} {
			payload[6], payload[7] = zero, zero
			m, _ := vrrp.CutTrailer(slices.Clone(payload), true)
			if !bytes.Equal(m, message) {
				t.Fatalf("%x has become %x", message, m)
			}
		}
		if left--; left == 0 {
			return
		}
	}
	t.Error("no checksum was zero")
}

// The other way: a message with a checksum of zero.
func TestTrailerOfAMessageWithChecksumZero(t *testing.T) {
	h := headers()[1]
	message, trailer := signed(t, noon(), h, vrrp.V3)
	sum := binary.BigEndian.Uint16(message[6:])
	last := message[len(message)-2:]
	low := uint64(binary.BigEndian.Uint16(last)) + uint64(sum)
	binary.BigEndian.PutUint16(last, checksum.Fold(low))
	message[6], message[7] = 0, 0
	var adv vrrp.Advertisement
	if _, err := adv.Parse(message, h); err != nil {
		t.Fatal(err)
	}
	payload := trailer.Append(slices.Clone(message), true)
	if got, _ := vrrp.CutTrailer(payload, true); !bytes.Equal(got, message) {
		t.Errorf("%x has become %x", message, got)
	}
}

func TestTrailerFields(t *testing.T) {
	_, trailer := vrrp.CutTrailer(draftVectors(t)[0].message, false)
	if trailer.KeyID() != 1 || trailer.Sequence() != 0x68000000_8000_0000 {
		t.Errorf("key %d, %v", trailer.KeyID(), trailer.Sequence())
	}
}

// FuzzTrailer holds Verify against the text of the draft, and Append against
// CutTrailer.
func FuzzTrailer(f *testing.F) {
	for _, h := range headers() {
		message, trailer := signed(f, noon(), h, vrrp.V3)
		f.Add(trailer.Append(message, h.Src.Is6()), h.Src.AsSlice(), false)
	}
	message, trailer := signed(f, noon(), headers()[0], vrrp.V2)
	f.Add(trailer.Append(message, false), headers()[0].Src.AsSlice(), true)
	f.Add([]byte{0x31, 1, 1}, []byte{}, true)
	f.Fuzz(func(t *testing.T, input, source []byte, mend bool) {
		payload := slices.Clone(input)
		src, _ := netip.AddrFromSlice(source)
		if n := len(payload); mend && n >= vrrp.TrailerLen+8 { // else hardly any digest is right
			copy(payload[n-16:], slowDigest(payload, src))
		}
		message, trailer := vrrp.CutTrailer(slices.Clone(payload), src.Is6())
		if trailer == nil {
			if !bytes.Equal(message, payload) {
				t.Fatalf("%x without a trailer has become %x", payload, message)
			}
			return
		}
		_, err := newHMAC(t, vrrp.HMACConfig{Monotonic: true}).Verify(noon(), message, trailer, src)
		if want := slowVerify(payload, src); !errors.Is(err, want) {
			t.Errorf("%x from %v: %v, want %v", payload, src, err, want)
		}
		if payload[6] == 0xff && payload[7] == 0xff {
			payload[6], payload[7] = 0, 0 // both are zero
		}
		back := trailer.Append(slices.Clone(message), src.Is6())
		if back[6] == 0xff && back[7] == 0xff {
			back[6], back[7] = 0, 0
		}
		if !bytes.Equal(back, payload) {
			t.Errorf("%x has become %x", payload, back)
		}
	})
}

// slowVerify is what the draft says of a payload with a trailer, for key 1 of the
// captures and whatever time.
func slowVerify(payload []byte, src netip.Addr) error {
	trailer := payload[len(payload)-28:]
	switch {
	case trailer[0] != 1 || trailer[2] != 0 || trailer[3] != 0:
		return vrrp.FaultTrailer
	case trailer[1] != 1 && trailer[1] != 200 && trailer[1] != 7:
		return vrrp.FaultUnknownKey
	case trailer[1] != 1 || !bytes.Equal(trailer[12:], slowDigest(payload, src)):
		return vrrp.FaultDigest
	}
	return nil
}

// slowDigest returns the digest by key 1 of the captures.
func slowDigest(payload []byte, src netip.Addr) []byte {
	covered := []byte{4, payload[0] >> 4, payload[1], 0}
	if src.Is6() {
		covered[0] = 6
	}
	covered = append(covered, src.AsSlice()...)
	covered = append(covered, make([]byte, 20-len(covered))...)
	covered = append(covered, payload[:len(payload)-16]...)
	binary.BigEndian.PutUint16(covered[26:], 0)
	mac := hmac.New(sha256.New, octets(0, 31))
	mac.Write(append(covered, make([]byte, 16)...))
	return mac.Sum(nil)[:16]
}

func TestHMACDoesNotAllocate(t *testing.T) {
	for _, h := range headers() {
		a := newHMAC(t, vrrp.HMACConfig{Keys: captureKeys(t)})
		message, _ := signed(t, noon(), h, vrrp.V3)
		payload := make([]byte, 0, 2048)
		now := noon()
		if n := testing.AllocsPerRun(100, func() {
			now = now.Add(1)
			own, _ := a.Sign(now, message, h.Src)
			payload = own.Append(append(payload[:0], message...), h.Src.Is6())
			m, cut := vrrp.CutTrailer(payload, h.Src.Is6())
			if _, err := a.Verify(now, m, cut, h.Src); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%v: signing and verifying allocates %v times", h.Src, n)
		}
	}
}

// New senders with a right digest, however many, take no more memory.
func TestHMACSendersDontAllocate(t *testing.T) {
	a := newHMAC(t, vrrp.HMACConfig{})
	other := newHMAC(t, vrrp.HMACConfig{})
	message, _ := signed(t, noon(), headers()[0], vrrp.V3)
	src := netip.MustParseAddr("10.0.0.0")
	if n := testing.AllocsPerRun(1000, func() {
		src = src.Next()
		trailer, _ := other.Sign(noon(), message, src)
		trailers := &trailer
		if _, err := a.Verify(noon(), message, trailers, src); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("allocates %v times", n)
	}
}

func BenchmarkHMACSign(b *testing.B) {
	for _, h := range headers() {
		b.Run(family(h), func(b *testing.B) {
			a := newHMAC(b, vrrp.HMACConfig{})
			message, _ := signed(b, noon(), h, vrrp.V3)
			b.ReportAllocs()
			for b.Loop() {
				a.Sign(noon(), message, h.Src)
			}
		})
	}
}

// BenchmarkHMACVerify is of packets that are right and of those that aren't.
func BenchmarkHMACVerify(b *testing.B) {
	for _, h := range headers() {
		message, right := signed(b, noon(), h, vrrp.V3)
		forged, old := *right, *right
		forged[20]++
		old[4]++
		for name, trailer := range map[string]*vrrp.Trailer{"digest": &forged, "replay": right, "stale": &old} {
			b.Run(family(h)+"/"+name, func(b *testing.B) {
				a := newHMAC(b, vrrp.HMACConfig{})
				a.Verify(noon(), message, right, h.Src)
				b.ReportAllocs()
				for b.Loop() {
					a.Verify(noon(), message, trailer, h.Src)
				}
			})
		}
		b.Run(family(h)+"/right", func(b *testing.B) {
			a, sender := newHMAC(b, vrrp.HMACConfig{Monotonic: true}), newHMAC(b, vrrp.HMACConfig{})
			trailers := make([]vrrp.Trailer, 1024)
			for i := range trailers {
				trailers[i], _ = sender.Sign(noon(), message, h.Src)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%len(trailers) == 0 {
					a = newHMAC(b, vrrp.HMACConfig{Monotonic: true})
				}
				if _, err := a.Verify(noon(), message, &trailers[i%len(trailers)], h.Src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func family(h vrrp.IPHeader) string {
	if h.Src.Is6() {
		return "IPv6"
	}
	return "IPv4"
}
