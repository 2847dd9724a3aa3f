// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
)

func TestKeyLength(t *testing.T) {
	for n := range 20 {
		if key(t, strings.Repeat("x", n+1)).IsZero() {
			t.Errorf("%d octets are no passphrase", n+1)
		}
	}
	secret := strings.Repeat("geheim", 4)[:21]
	k, err := carp.NewKey(secret)
	var value *carp.ValueError
	if !errors.As(err, &value) || value.Value != 21 || !k.IsZero() || strings.Contains(err.Error(), "geheim") {
		t.Errorf("21 octets: %v", err)
	}
	if want := "carp: length of the passphrase 21: allowed: 0 to 20 octets"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

// FreeBSD's ifconfig shows the key that it has set: 19 octets.
func TestIfconfigKey(t *testing.T) {
	for passphrase, want := range map[string]string{
		"":                      "",
		"love":                  "love",
		"1234567890123456789":   "1234567890123456789",
		"12345678901234567890":  "1234567890123456789",
		"aVeryLongPasswordOf25": "aVeryLongPasswordOf",
	} {
		if !carp.IfconfigKey(passphrase).Equal(key(t, want)) {
			t.Errorf("%q is not cut to %q", passphrase, want)
		}
	}
	if twenty := "12345678901234567890"; carp.IfconfigKey(twenty).Equal(key(t, twenty)) {
		t.Error("the twentieth octet makes no difference")
	}
}

func TestKeyEqual(t *testing.T) {
	for _, c := range []struct {
		a, b carp.Key
		want bool
	}{
		{key(t, "love"), key(t, "love"), true},
		{key(t, "love"), key(t, "lovf"), false},
		{key(t, "love"), key(t, "love "), false},
		{key(t, "love"), carp.Key{}, false},
		{key(t, ""), carp.Key{}, true},
		{carp.IfconfigKey(""), carp.Key{}, true},
	} {
		if c.a.Equal(c.b) != c.want || c.b.Equal(c.a) != c.want || cmp.Equal(c.a, c.b) != c.want {
			t.Errorf("equal: %v, want %v", !c.want, c.want)
		}
	}
	if !(carp.Key{}).IsZero() || !key(t, "").IsZero() || key(t, "love").IsZero() {
		t.Error("IsZero")
	}
}

// nested has the secret where package fmt doesn't ask for its methods.
type nested struct {
	key    carp.Key
	signer *carp.Authenticator
}

func TestNothingShowsTheKey(t *testing.T) {
	k := key(t, "geheim")
	config := carp.AuthenticatorConfig{VHID: 7, Key: k, Addresses: ips("192.0.2.1")}
	signer := newAuthenticator(t, config)
	values := []any{k, &k, config, &config, signer, []carp.Key{k}, map[string]carp.Key{"k": k}, nested{k, signer}, &nested{k, signer}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%t", "%p", "%20v"} {
		for _, v := range values {
			wantHidden(t, fmt.Sprintf("%s of %T", format, v), fmt.Sprintf(format, v))
		}
	}
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		for _, v := range values {
			out.Reset()
			slog.New(handler).Info("x", "value", v)
			wantHidden(t, fmt.Sprintf("%T of %T", handler, v), out.String())
		}
	}
	out.Reset()
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "config", config, "key", k)
	if strings.Count(out.String(), `"(hidden)"`) != 2 {
		t.Error(out.String())
	}
	for _, s := range []string{k.String(), k.GoString(), fmt.Sprint(k), fmt.Sprintf("%#v", k)} {
		if s != "(hidden)" {
			t.Error(s)
		}
	}
	if s := fmt.Sprintf("%+v", signer); s != "authenticator of virtual host 7" || s != signer.String() {
		t.Error(s)
	}
}

// wantHidden looks for the passphrase, for what a log might make of its octets,
// and for a saved state of SHA-1, which begins with "sha" and 1.
func wantHidden(t *testing.T, name, s string) {
	t.Helper()
	secret := []byte("geheim")
	decimal := strings.Trim(fmt.Sprintf("%d", secret), "[]")
	for _, shown := range []string{
		"geheim", hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)), fmt.Sprintf("% x", secret),
		decimal, strings.ReplaceAll(decimal, " ", ", "), strings.ReplaceAll(decimal, " ", ","), "0x67, 0x65, 0x68", "Z2VoZWlt",
		strings.Trim(fmt.Sprintf("%o", secret), "[]"), strings.Trim(fmt.Sprintf("%b", secret), "[]"), "U+0067 U+0065", "g e h e i m",
		"115 104 97 1", "115, 104, 97", "73686101", "0x73, 0x68", "sha\x01", "c2hhA",
	} {
		if strings.Contains(s, shown) {
			t.Errorf("%s shows the passphrase: %s", name, s)
		}
	}
}
