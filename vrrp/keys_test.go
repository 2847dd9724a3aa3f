// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vrrp"
)

func TestSecretLength(t *testing.T) {
	for n := range 80 {
		s, err := vrrp.NewSecret(bytes.Repeat([]byte{0xa5}, n))
		var value *vrrp.ValueError
		switch right := n >= 32 && n <= 64; {
		case right && (err != nil || s.IsZero()):
			t.Errorf("%d octets: %v", n, err)
		case !right && (!errors.As(err, &value) || value.Value != n || !s.IsZero()):
			t.Errorf("%d octets: %v", n, err)
		}
	}
}

func TestSecretIsACopy(t *testing.T) {
	b := octets(0, 31)
	s := secret(t, b)
	b[0] = 1
	if !s.Equal(secret(t, octets(0, 31))) {
		t.Error("changed with the octets that it was made of")
	}
}

func TestSecretEqual(t *testing.T) {
	a, b := secret(t, octets(0, 31)), secret(t, octets(1, 32))
	for _, c := range []struct {
		a, b vrrp.Secret
		want bool
	}{
		{a, a, true}, {a, secret(t, octets(0, 31)), true}, {a, b, false}, {a, secret(t, octets(0, 32)), false},
		{a, vrrp.Secret{}, false}, {vrrp.Secret{}, vrrp.Secret{}, true},
	} {
		if c.a.Equal(c.b) != c.want || c.b.Equal(c.a) != c.want || cmp.Equal(c.a, c.b) != c.want {
			t.Errorf("equal: %v, want %v", !c.want, c.want)
		}
	}
}

// The forms of keepalived's configuration and key files.
func TestParseSecret(t *testing.T) {
	digits := hex.EncodeToString(octets(0, 31))
	for _, c := range []struct {
		text string
		want []byte
	}{
		{"hex:" + digits, octets(0, 31)},
		{"hex:" + strings.ToUpper(digits), octets(0, 31)},
		{"hex: " + digits[:2] + " \t" + digits[2:] + " ", octets(0, 31)},
		{strings.Repeat("a b\t", 8), []byte(strings.Repeat("a b\t", 8))},
		{digits, []byte(digits)},
		{strings.Repeat("ö", 16), []byte(strings.Repeat("ö", 16))},
	} {
		if s, err := vrrp.ParseSecret(c.text); err != nil || !s.Equal(secret(t, c.want)) {
			t.Errorf("%q: %v", c.text, err)
		}
	}
	for text, want := range map[string]string{
		"":                               "vrrp: length of the secret 0: allowed: 32 to 64 octets",
		"geheim":                         "vrrp: length of the secret 6: allowed: 32 to 64 octets",
		"hex:":                           "vrrp: length of the secret 0: allowed: 32 to 64 octets",
		"hex:" + digits[:62]:             "vrrp: length of the secret 31: allowed: 32 to 64 octets",
		"hex:" + strings.Repeat("a", 65): "vrrp: secret behind hex: (hidden): allowed: pairs of hexadecimal digits",
		"hex:" + digits + "g0":           "vrrp: secret behind hex: (hidden): allowed: pairs of hexadecimal digits",
		strings.Repeat("x", 65):          "vrrp: length of the secret 65: allowed: 32 to 64 octets",
		strings.Repeat("x", 32) + "\x00": "vrrp: octet in the secret 0: allowed: others, unless written in hexadecimal digits",
	} {
		if s, err := vrrp.ParseSecret(text); err == nil || err.Error() != want || !s.IsZero() {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestReadSecret(t *testing.T) {
	digits := hex.EncodeToString(octets(0, 31))
	fsys := fstest.MapFS{
		"right":   {Data: []byte("hex:" + digits)},
		"newline": {Data: []byte("hex:" + digits + "\r\n\n")},
		"text":    {Data: []byte(" " + digits[1:] + "\n")},
		"short":   {Data: []byte("geheim\n")},
		"long":    {Data: bytes.Repeat([]byte("geheim"), 50)},
	}
	for name, want := range map[string][]byte{"right": octets(0, 31), "newline": octets(0, 31), "text": []byte(" " + digits[1:])} {
		if s, err := vrrp.ReadSecret(fsys, name); err != nil || !s.Equal(secret(t, want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"short": "vrrp: secret in short: vrrp: length of the secret 6: allowed: 32 to 64 octets",
		"long":  "vrrp: length of the file long above 256 octets: allowed: a secret and line ends",
	} {
		s, err := vrrp.ReadSecret(fsys, name)
		var value *vrrp.ValueError
		if !errors.As(err, &value) || err.Error() != want || !s.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := vrrp.ReadSecret(fsys, "missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := vrrp.ReadSecret(fsys, "."); err == nil {
		t.Error("a folder has a secret")
	}
}

// A folder as systemd makes for $CREDENTIALS_DIRECTORY.
func TestReadSecretOfACredential(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vrrp51"), []byte("a passphrase of forty octets, no hex: in\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	s, err := vrrp.ReadSecret(os.DirFS(dir), "vrrp51")
	if err != nil || !s.Equal(captureKeys(t)[2].Secret) {
		t.Error(err)
	}
}

func TestCheckSecretFile(t *testing.T) {
	for mode, want := range map[fs.FileMode]error{0o600: nil, 0o400: nil, 0o640: vrrp.ErrSecretExposed, 0o604: vrrp.ErrSecretExposed, 0o777: vrrp.ErrSecretExposed} {
		if err := vrrp.CheckSecretFile(fstest.MapFS{"k": {Mode: mode}}, "k"); !errors.Is(err, want) {
			t.Errorf("%v: %v", mode, err)
		}
	}
	err := vrrp.CheckSecretFile(fstest.MapFS{"k": {Mode: 0o640}}, "k")
	if want := "vrrp: the file of a secret is open to group or others: k has mode -rw-r-----, should have 0600"; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err := vrrp.CheckSecretFile(fstest.MapFS{}, "k"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// key returns one that is sent from and accepted until so many hours after noon;
// 0 is the zero value.
func key(t testing.TB, id uint8, from, until int) vrrp.Key {
	hours := func(n int) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return noon().Add(time.Duration(n) * time.Hour)
	}
	return vrrp.Key{ID: id, Secret: secret(t, octets(int(id), int(id)+31)), SendFrom: hours(from), AcceptUntil: hours(until)}
}

func TestKeysThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		name   string
		keys   []vrrp.Key
		active uint8
		want   string
	}{
		{"id 0", []vrrp.Key{key(t, 0, 0, 0)}, 0, "key id 0: allowed: 1 to 255, each once"},
		{"id twice", []vrrp.Key{key(t, 1, 0, 0), key(t, 1, 0, 0)}, 0, "key id 1: allowed: 1 to 255, each once"},
		{"no secret", []vrrp.Key{{ID: 1}}, 0, "secret of key 1: allowed: one of 32 to 64 octets"},
		{"no such active key", []vrrp.Key{key(t, 1, 0, 0)}, 2, "active key 2: allowed: the id of a key"},
		{"two ways to say which", []vrrp.Key{key(t, 1, 1, 0)}, 1, "begin of key 2026-07-20 13:00:00.5 +0000 UTC: allowed: none beside an active key"},
		{"active key ends", []vrrp.Key{key(t, 1, 0, 1)}, 1, "end of key 2026-07-20 13:00:00.5 +0000 UTC: allowed: none before another key is signed with"},
		{"only key ends", []vrrp.Key{key(t, 1, 0, 1)}, 0, "end of key 2026-07-20 13:00:00.5 +0000 UTC: allowed: none before another key is signed with"},
		{"last key ends", []vrrp.Key{key(t, 1, 0, 0), key(t, 2, 1, 2)}, 0, "end of key 2026-07-20 14:00:00.5 +0000 UTC: allowed: none before another key is signed with"},
		{"gap", []vrrp.Key{key(t, 1, 0, 1), key(t, 2, 2, 0)}, 0, "end of key 2026-07-20 13:00:00.5 +0000 UTC: allowed: none before another key is signed with"},
		{"ends before it begins", []vrrp.Key{key(t, 1, 0, 0), key(t, 2, 2, 1), key(t, 3, 3, 0)}, 0, "end of key 2026-07-20 13:00:00.5 +0000 UTC: allowed: none before another key is signed with"},
	} {
		_, err := vrrp.NewHMAC(vrrp.HMACConfig{Keys: c.keys, ActiveKey: c.active})
		var value *vrrp.ValueError
		if !errors.As(err, &value) || err.Error() != "vrrp: "+c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestKeyToSignWith(t *testing.T) {
	h := headers()[0]
	message, _ := signed(t, noon(), h, vrrp.V3)
	for _, c := range []struct {
		name   string
		keys   []vrrp.Key
		active uint8
		want   map[int]uint8 // hours after noon to key
	}{
		{"one", []vrrp.Key{key(t, 9, 0, 0)}, 0, map[int]uint8{-1: 9, 0: 9, 1: 9}},
		{"the first", []vrrp.Key{key(t, 2, 0, 0), key(t, 1, 0, 0)}, 0, map[int]uint8{0: 2}},
		{"the active one", []vrrp.Key{key(t, 2, 0, 0), key(t, 1, 0, 0), key(t, 3, 0, 5)}, 1, map[int]uint8{0: 1, 9: 1}},
		{"the first, before the others end", []vrrp.Key{key(t, 2, 0, 0), key(t, 1, 0, 4)}, 0, map[int]uint8{0: 2, 3: 2, 9: 2}},
		{"that which has begun last", []vrrp.Key{key(t, 1, 0, 4), key(t, 3, 6, 0), key(t, 2, 3, 7)}, 0, map[int]uint8{-9: 1, 0: 1, 2: 1, 3: 2, 5: 2, 6: 3, 99: 3}},
		{"before the first has begun", []vrrp.Key{key(t, 2, 4, 0), key(t, 1, 2, 5)}, 0, map[int]uint8{0: 1, 1: 1, 3: 1, 4: 2}},
		{"of two that begin together the first", []vrrp.Key{key(t, 1, 0, 4), key(t, 3, 2, 0), key(t, 2, 2, 0)}, 0, map[int]uint8{1: 1, 2: 3}},
	} {
		for hours, want := range c.want {
			a := newHMAC(t, vrrp.HMACConfig{Keys: c.keys, ActiveKey: c.active})
			trailer, _ := a.Sign(noon().Add(time.Duration(hours)*time.Hour), message, h.Src)
			if trailer.KeyID() != want {
				t.Errorf("%s: key %d after %d hours, want %d", c.name, trailer.KeyID(), hours, want)
			}
		}
	}
}

// All keys are accepted, each until its end.
func TestKeysAccepted(t *testing.T) {
	h := headers()[0]
	message, _ := signed(t, noon(), h, vrrp.V3)
	keys := []vrrp.Key{key(t, 1, 0, 4), key(t, 2, 3, 0)}
	for hours, want := range map[int][2]error{0: {nil, nil}, 3: {nil, nil}, 4: {vrrp.FaultUnknownKey, nil}, 5: {vrrp.FaultUnknownKey, nil}} {
		for i, want := range want {
			now := noon().Add(time.Duration(hours) * time.Hour)
			alone := keys[i]
			alone.SendFrom, alone.AcceptUntil = time.Time{}, time.Time{}
			trailer, _ := newHMAC(t, vrrp.HMACConfig{Keys: []vrrp.Key{alone}}).Sign(now, message, h.Src)
			if _, err := newHMAC(t, vrrp.HMACConfig{Keys: keys}).Verify(now, message, &trailer, h.Src); !errors.Is(err, want) {
				t.Errorf("key %d after %d hours: %v, want %v", i+1, hours, err, want)
			}
		}
	}
}

// A rotation as keepalived's manual has it, one router after the other: no step
// makes a message that a router rejects.
func TestKeyRotationWithoutGap(t *testing.T) {
	h := headers()[1]
	message, _ := signed(t, noon(), h, vrrp.V3)
	old, next := key(t, 1, 0, 0), key(t, 2, 0, 0)
	steps := []vrrp.HMACConfig{
		{Keys: []vrrp.Key{old}},
		{Keys: []vrrp.Key{old, next}, ActiveKey: 1},
		{Keys: []vrrp.Key{old, next}, ActiveKey: 2},
		{Keys: []vrrp.Key{next}},
	}
	now := noon()
	sender, receiver := newHMAC(t, steps[0]), newHMAC(t, steps[0])
	exchange := func(what string) {
		now = now.Add(time.Millisecond)
		trailer, _ := sender.Sign(now, message, h.Src)
		if _, err := receiver.Verify(now, message, &trailer, h.Src); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	reload := func(a *vrrp.HMAC, c vrrp.HMACConfig) *vrrp.HMAC {
		b := newHMAC(t, c)
		b.Inherit(a)
		return b
	}
	for i, step := range steps {
		sender = reload(sender, step)
		exchange(fmt.Sprintf("step %d at the sender", i))
		receiver = reload(receiver, step)
		exchange(fmt.Sprintf("step %d at both", i))
	}
	for i, step := range steps {
		receiver, sender = newHMAC(t, steps[max(0, i-1)]), newHMAC(t, steps[max(0, i-1)])
		receiver = reload(receiver, step)
		exchange(fmt.Sprintf("step %d at the receiver", i))
	}
}

// logged logs the values.
func logged(t *testing.T, values []any) {
	t.Helper()
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		for _, v := range values {
			out.Reset()
			slog.New(handler).Info("x", "value", v)
			wantNoSecret(t, fmt.Sprintf("%T of %T", handler, v), out.String())
		}
	}
	for _, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%T: %v", v, err)
		}
		wantNoSecret(t, fmt.Sprintf("JSON of %T", v), string(b))
	}
}

// wantNoSecret looks for "geheim" in every form that a log might have, also
// combined with the padding of HMAC (RFC 2104), and for saved states of hashes.
func wantNoSecret(t *testing.T, name, s string) {
	t.Helper()
	plain := []byte("geheim")
	inner, outer := bytes.Clone(plain), bytes.Clone(plain)
	for i := range plain {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	shown := []string{"Z2VoZWlt", "U+0067 U+0065", "g e h e i m", "sha\x03", "md5\x01", "c2hhA", "bWQ1"}
	for _, b := range [][]byte{plain, inner, outer, []byte("sha\x03"), []byte("md5\x01")} {
		decimal := strings.Trim(fmt.Sprintf("%d", b), "[]")
		shown = append(shown, string(b), hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)), fmt.Sprintf("% x", b),
			decimal, strings.ReplaceAll(decimal, " ", ","), strings.ReplaceAll(decimal, " ", ", "),
			strings.Trim(fmt.Sprintf("%o", b), "[]"), strings.Trim(fmt.Sprintf("%b", b), "[]"),
			strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", b), "[]byte{"), "}"))
	}
	for _, x := range shown {
		if strings.Contains(s, x) {
			t.Errorf("%s shows the secret: %s", name, s)
		}
	}
}
