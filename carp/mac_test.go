// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"testing"
)

// The way that doesn't look into the saved state makes the same digests, and is
// what remains if crypto/sha1 saves another.
func TestMACDirectAndNot(t *testing.T) {
	key, err := NewKey("geheim")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 * sha1.BlockSize {
		prefix := make([]byte, n)
		for i := range prefix {
			prefix[i] = byte(i)
		}
		const counter = 0x0123456789abcdef
		want := hmac.New(sha1.New, []byte("geheim"))
		want.Write(binary.BigEndian.AppendUint64(prefix, counter))
		digest := [sha1.Size]byte(want.Sum(nil))
		for _, direct := range []bool{true, false} {
			m, err := newMAC(key)
			if err != nil || !m.direct {
				t.Fatalf("newMAC = %v, direct: %v", err, m.direct)
			}
			m.direct = direct
			c := m.cover(prefix)
			m.sum(&c, 0)
			if got := m.sum(&c, counter); [sha1.Size]byte(got) != digest {
				t.Errorf("%d octets, direct %v: %x, want %x", n, direct, got, digest)
			}
		}
	}
}
