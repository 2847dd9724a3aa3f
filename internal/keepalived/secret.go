// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"io"
)

// withheld stands where a password would be.
const withheld = "(withheld)"

// Secret is a password. It prints as "(withheld)" by every verb of package fmt, in JSON and in logs; only Reveal tells it. The zero
// value is no password. Safe for concurrent use.
type Secret struct {
	text *string // behind a pointer, so that not even fmt's walk over unexported fields meets it
}

// newSecret returns the secret s; "" is no password.
func newSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{text: &s}
}

// Reveal returns the password, "" if there is none.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no password.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal reports whether s and t are the same password.
func (s Secret) Equal(t Secret) bool { return s.Reveal() == t.Reveal() }

// String returns "(withheld)", or "" if there is no password.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return withheld
}

// Format writes what String returns, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText returns what String returns, for JSON and logs. It does not fail.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
