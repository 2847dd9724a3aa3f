// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
)

// The octets of a key (CARP_KEY_LEN of ip_carp.h), and those of them that
// ifconfig fills.
const (
	keyLen         = 20
	ifconfigKeyLen = keyLen - 1
)

// Key is the passphrase of a virtual host. The zero value is no passphrase, with
// which any host can take part. It prints as a placeholder, so that no log shows
// it; two are compared with [Key.Equal], not with ==. It is safe for concurrent
// use.
type Key struct {
	// A pointer to a pointer, because package fmt asks none of the methods below
	// where the key is in a field that isn't exported, and then follows one
	// pointer if the verb is a wrong one.
	octets **[keyLen]byte
}

// NewKey returns the key of a passphrase, filled up with zeros as in struct
// carpreq of ip_carp.h. A [*ValueError] that doesn't show the passphrase is
// returned if it is longer than 20 octets.
//
// The kernels hold 20 octets, but ifconfig passes on 19, and ucarp takes no more.
// For a longer passphrase that works on a peer use [IfconfigKey].
func NewKey(passphrase string) (Key, error) {
	if len(passphrase) > keyLen {
		return Key{}, &ValueError{Name: "length of the passphrase", Value: len(passphrase), Allowed: "0 to 20 octets"}
	}
	var octets [keyLen]byte
	copy(octets[:], passphrase)
	return keyOf(&octets), nil
}

// IfconfigKey returns the key that ifconfig(8) makes of the same passphrase: its
// first 19 octets (FreeBSD's sbin/ifconfig/carp.c, strlcpy into the 20 octets of
// carpr_key). What follows them makes no difference.
func IfconfigKey(passphrase string) Key {
	var octets [keyLen]byte
	copy(octets[:ifconfigKeyLen], passphrase)
	return keyOf(&octets)
}

// keyOf keeps the octets, none for the key without a passphrase.
func keyOf(octets *[keyLen]byte) Key {
	if *octets == [keyLen]byte{} {
		return Key{}
	}
	return Key{&octets}
}

// IsZero reports whether there is no passphrase.
func (k Key) IsZero() bool { return k.octets == nil }

// Equal reports whether both keys make the same digests, in constant time.
func (k Key) Equal(other Key) bool {
	a, b := k.padded(), other.padded()
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// padded returns all octets of the key.
func (k Key) padded() [keyLen]byte {
	if k.octets == nil {
		return [keyLen]byte{}
	}
	return **k.octets
}

// cut returns the key without its last octet.
func (k Key) cut() Key {
	octets := k.padded()
	for i, octet := range slices.Backward(octets[:]) {
		if octet != 0 {
			octets[i] = 0
			break
		}
	}
	return keyOf(&octets)
}

// hidden is what a secret prints as.
const hidden = "(hidden)"

// String hides the key; so do all verbs of package fmt.
func (Key) String() string { return hidden }

// GoString hides the key from %#v.
func (Key) GoString() string { return hidden }

// Format hides the key from every verb, %x and %#v included.
func (Key) Format(s fmt.State, _ rune) { fmt.Fprint(s, hidden) }

// MarshalText hides the key from encoding/json and the like. It does not fail.
func (Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the key from log/slog.
func (Key) LogValue() slog.Value { return slog.StringValue(hidden) }
