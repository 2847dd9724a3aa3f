// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"bytes"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
)

// The octets that a secret may have (draft-cassen-vrrp-auth-hmac): the lower bound
// is a margin of 128 bits against a quantum search, the upper one the block of
// SHA-256.
const (
	minSecret = 32
	maxSecret = 64
)

// Secret is what a [Key] signs with: 32 to 64 octets, best 32 random ones. It
// prints as a placeholder, so that no log shows it; two are compared with
// [Secret.Equal]. The zero value is no secret. It is safe for concurrent use.
type Secret struct {
	// A function, because package fmt shows the content of fields that aren't
	// exported, and of what they point to, without asking the methods below.
	octets func() []byte
}

// NewSecret returns the secret of these octets. A [*ValueError] that doesn't show
// them is returned unless there are 32 to 64.
func NewSecret(octets []byte) (Secret, error) {
	if len(octets) < minSecret || len(octets) > maxSecret {
		return Secret{}, &ValueError{Name: "length of the secret", Value: len(octets), Allowed: "32 to 64 octets"}
	}
	kept := bytes.Clone(octets)
	return Secret{func() []byte { return kept }}, nil
}

// ParseSecret returns the secret of a text as keepalived has it in the
// configuration and in key files: "hex:" and the octets in hexadecimal digits,
// which spaces and tabs may stand between, or else the octets of the text itself.
// Errors are [*ValueError] and don't show the text.
func ParseSecret(text string) (Secret, error) {
	digits, isHex := strings.CutPrefix(text, "hex:")
	if !isHex {
		if strings.Contains(text, "\x00") {
			return Secret{}, &ValueError{Name: "octet in the secret", Value: 0, Allowed: "others, unless written in hexadecimal digits"}
		}
		return NewSecret([]byte(text))
	}
	var octets []byte
	for _, word := range strings.FieldsFunc(digits, func(r rune) bool { return r == ' ' || r == '\t' }) {
		b, err := hex.DecodeString(word)
		if err != nil { // which would show a part of it
			return Secret{}, &ValueError{Name: "secret behind hex:", Value: hidden, Allowed: "pairs of hexadecimal digits"}
		}
		octets = append(octets, b...)
	}
	return NewSecret(octets)
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.octets == nil }

// Equal reports whether both are the same secret, in constant time for those of
// one length.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare(s.reveal(), other.reveal()) == 1
}

// reveal returns the octets, which must not be changed.
func (s Secret) reveal() []byte {
	if s.octets == nil {
		return nil
	}
	return s.octets()
}

// hidden is what a secret prints as.
const hidden = "(hidden)"

// String hides the secret; so do all verbs of package fmt.
func (Secret) String() string { return hidden }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return hidden }

// Format hides the secret from every verb, %x and %#v included.
func (Secret) Format(s fmt.State, _ rune) { fmt.Fprint(s, hidden) }

// MarshalText hides the secret from encoding/json and the like. It does not fail.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the secret from log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
