// SPDX-License-Identifier: Apache-2.0

package checksum_test

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// slow adds word by word with end-around carry, as RFC 1071 section 1 says it.
func slow(b []byte) uint16 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		word := uint32(b[i]) << 8
		if i+1 < len(b) {
			word |= uint32(b[i+1])
		}
		sum += word
		if sum > 0xffff {
			sum = sum&0xffff + 1
		}
	}
	return uint16(sum)
}

func TestSumIsThatOfRFC1071(t *testing.T) {
	b := []byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7} // RFC 1071 section 3
	if got := checksum.Fold(checksum.Sum(b, 0)); got != 0xddf2 {
		t.Errorf("Fold(Sum) = %#04x, want 0xddf2", got)
	}
}

func TestSumAgreesWithSlowSum(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 600 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32() | 0xf0*uint32(n&1)) // every other message is full of carries
		}
		if got, want := checksum.Fold(checksum.Sum(b, 0)), slow(b); got != want && got^want != 0xffff {
			t.Fatalf("%x: %#04x, slow sum %#04x", b, got, want)
		}
	}
}

func TestSumContinues(t *testing.T) {
	b := make([]byte, 64)
	for i := range b {
		b[i] = 0xff - byte(i)
	}
	whole := checksum.Fold(checksum.Sum(b, 0))
	for cut := 0; cut <= len(b); cut += 2 {
		if got := checksum.Fold(checksum.Sum(b[cut:], checksum.Sum(b[:cut], 0))); got != whole {
			t.Errorf("cut at %d: %#04x, want %#04x", cut, got, whole)
		}
	}
	if got := checksum.Fold(checksum.Sum([]byte{0xff, 0xff}, 0xffffffff)); got != 0xffff {
		t.Errorf("largest initial sum: %#04x, want 0xffff", got)
	}
}

func TestFoldAddsAllCarries(t *testing.T) {
	for _, sum := range []uint64{0, 1, 0xffff, 0x10000, 0x1ffff, 0xffffffff, 1 << 32, 0xffff0000ffff, 0x1234_5678_9abc_def0, 1 << 63, 1<<64 - 1} {
		if got, want := checksum.Fold(sum), slow(binary.BigEndian.AppendUint64(nil, sum)); got != want {
			t.Errorf("Fold(%#x) = %#04x, slow sum %#04x", sum, got, want)
		}
	}
}

func TestPseudo(t *testing.T) {
	for _, c := range []struct{ name, src, dst, message string }{
		{"IPv4 multicast", "198.51.100.10", "224.0.0.18", "3133640100649d35c0000264"},
		{"IPv4 unicast", "198.51.100.10", "198.51.100.20", "3133640100645300c0000264"},
		{"IPv4 with carries", "255.255.255.254", "255.255.255.255", "ffffffffffffffffffffff84"},
		{"IPv6", "fe80::10", "ff02::12", "3133640200643deefe80000000000000000000000000010020010db8000000000000000000000100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := hex.DecodeString(c.message)
			if err != nil {
				t.Fatal(err)
			}
			sum := checksum.Pseudo(netip.MustParseAddr(c.src), netip.MustParseAddr(c.dst), len(b), 112)
			if got := checksum.Fold(checksum.Sum(b, sum)); got != checksum.Valid {
				t.Errorf("sum over pseudo-header and message = %#04x, want 0xffff", got)
			}
		})
	}
}

func FuzzSum(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint32(0))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff}, uint32(0xffffffff))
	f.Fuzz(func(t *testing.T, b []byte, initial uint32) {
		got := checksum.Fold(checksum.Sum(b, uint64(initial)))
		head := []byte{byte(initial >> 24), byte(initial >> 16), byte(initial >> 8), byte(initial)}
		if want := slow(append(head, b...)); got != want && got^want != 0xffff {
			t.Errorf("%#04x, slow sum %#04x", got, want)
		}
	})
}
