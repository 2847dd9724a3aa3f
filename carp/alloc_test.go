// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
)

// wantNoAllocations checks functions by name.
func wantNoAllocations(t *testing.T, name string, functions map[string]func()) {
	t.Helper()
	for function, f := range functions {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %s allocates %v times", name, function, n)
		}
	}
}

func TestCodecDoesNotAllocate(t *testing.T) {
	h := header("10.9.0.1", "224.0.0.18")
	for _, v := range vectors(t) {
		b, out, adv := unhex(t, v.message), make([]byte, 0, 64), v.signed(t)
		wantNoAllocations(t, v.name, map[string]func(){
			"Parse":  func() { adv.Parse(b, h) },
			"Append": func() { adv.Append(out) },
		})
	}
}

func TestAuthenticatorDoesNotAllocate(t *testing.T) {
	state, saver := make([]byte, 0, 128), sha1.New().(encoding.BinaryAppender)
	if testing.AllocsPerRun(100, func() { saver.AppendBinary(state) }) != 0 {
		t.Skip("crypto/sha1 itself allocates, as under the race detector")
	}
	for _, v := range vectors(t) {
		a, adv, wrong := newAuthenticator(t, v.config), v.signed(t), v.adv
		wantNoAllocations(t, v.name, map[string]func(){
			"Sign":                func() { a.Sign(&adv) },
			"Verify":              func() { a.Verify(&adv) },
			"Verify of a forgery": func() { a.Verify(&wrong) },
		})
	}
}

// A rejected packet costs its error, whatever its length.
func TestParseRejectsWithoutCopying(t *testing.T) {
	h := header("10.9.0.1", "224.0.0.18")
	for _, n := range []int{0, 1, 36, 64 << 10} {
		b := make([]byte, n)
		var adv carp.Advertisement
		if allocs := testing.AllocsPerRun(100, func() { adv.Parse(b, h) }); allocs > 1 {
			t.Errorf("%d octets: %v allocations", n, allocs)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	v := vectors(b)[0]
	message, h := unhex(b, v.message), header("10.9.0.1", "224.0.0.18")
	var adv carp.Advertisement
	b.ReportAllocs()
	for b.Loop() {
		if err := adv.Parse(message, h); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	adv, buf := vectors(b)[0].signed(b), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := adv.Append(buf); err != nil {
			b.Fatal(err)
		}
	}
}

// hosts are virtual hosts that differ in what their digests cost.
func hosts(t testing.TB) map[string]carp.AuthenticatorConfig {
	k := key(t, "mekmitasdigoat")
	return map[string]carp.AuthenticatorConfig{
		"one address":               {VHID: 1, Key: k, Addresses: ips("192.0.2.1")},
		"both families":             {VHID: 1, Key: k, Addresses: ips("192.0.2.1", "2001:db8::1")},
		"link-local":                {VHID: 1, Key: k, Addresses: ips("192.0.2.1", "fe80::1")},
		"100 addresses":             {VHID: 1, Key: k, Addresses: many(100)},
		"nine sets with link-local": {VHID: 1, Key: k, Addresses: ips("fe80::1", "192.0.2.1"), AcceptAddresses: eightSets()},
	}
}

// eightSets returns sets of which each has two digests.
func eightSets() [][]netip.Addr {
	var sets [][]netip.Addr
	for i := range 8 {
		sets = append(sets, []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), netip.MustParseAddr("fe80::1")})
	}
	return sets
}

func BenchmarkSign(b *testing.B) {
	for name, config := range hosts(b) {
		b.Run(name, func(b *testing.B) {
			a, adv := newAuthenticator(b, config), carp.Advertisement{VHID: 1}
			b.ReportAllocs()
			for b.Loop() {
				adv.Counter++
				a.Sign(&adv)
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for name, config := range hosts(b) {
		b.Run(name, func(b *testing.B) {
			a, adv := newAuthenticator(b, config), carp.Advertisement{VHID: 1, Counter: 42}
			a.Sign(&adv)
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := a.Verify(&adv); !ok {
					b.Fatal("rejected")
				}
			}
		})
	}
}

// BenchmarkSHA1Blocks is what no way to verify can save: two blocks for each
// digest of one address, inner and outer hash.
func BenchmarkSHA1Blocks(b *testing.B) {
	h, blocks := sha1.New(), make([]byte, 2*sha1.BlockSize)
	b.ReportAllocs()
	for b.Loop() {
		h.Write(blocks)
	}
}

// BenchmarkCryptoHMAC is Sign for one address by crypto/hmac, with its key
// prepared.
func BenchmarkCryptoHMAC(b *testing.B) {
	mac, message, digest := hmac.New(sha1.New, []byte("mekmitasdigoat")), make([]byte, 15), make([]byte, 0, 20)
	b.ReportAllocs()
	for b.Loop() {
		mac.Reset()
		mac.Write(message)
		mac.Sum(digest)
	}
}

func BenchmarkExplain(b *testing.B) {
	for name, addrs := range map[string][]netip.Addr{"one address": many(1), "7 addresses": many(7), "100 addresses": many(100), "1000 addresses": many(1000)} {
		b.Run(name, func(b *testing.B) {
			a := newAuthenticator(b, carp.AuthenticatorConfig{VHID: 1, Addresses: addrs})
			adv := carp.Advertisement{VHID: 1, Digest: [20]byte{19: 1}}
			b.ReportAllocs()
			for b.Loop() {
				a.Explain(&adv)
			}
		})
	}
}
