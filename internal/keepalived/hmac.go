// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// HMACMode is what an instance does while not all of its peers sign.
type HMACMode uint8

// The modes.
const (
	HMACEnforce     HMACMode = iota // enforce
	HMACPermissive                  // permissive
	HMACReceiveOnly                 // receive-only
)

// HMAC is auth_hmac, the authentication of keepalived from 2.4.2 on. Safe for concurrent reading.
type HMAC struct {
	Keys      []HMACKey // one at least
	Active    uint8     // active_key; 0: the first
	Monotonic bool      // anti_replay monotonic
	Window    time.Duration
	Mode      HMACMode
}

// HMACKey is a key of auth_hmac. Safe for concurrent reading.
type HMACKey struct {
	ID   uint8
	Text Secret // the key, or hex: and its digits
	File string // file the same stands in; "": Text has it
}

// readHMAC reads the block auth_hmac.
func (in *draft) readHMAC(r *report, dir *Directive) {
	r.atMost(dir, 0)
	if in.HMAC == nil {
		in.HMAC = &HMAC{}
	}
	for i := range dir.Block {
		inner := &dir.Block[i]
		if _, ok := r.lookup(inner, vrrpInstance[dir.Name], dir.Name); ok {
			in.HMAC.read(r, inner)
		}
	}
	if len(in.HMAC.Keys) == 0 {
		r.fail(dir, ErrMissing, "", "has no key", "one line key at least")
	}
}

// read reads a directive in auth_hmac.
func (h *HMAC) read(r *report, dir *Directive) {
	switch dir.Name {
	case "key":
		h.readKey(r, dir)
	case "active_key":
		setNumber(r, dir, &h.Active, 1, 255)
	case "time_window":
		seconds := 0
		setNumber(r, dir, &seconds, 1, 300)
		h.Window = time.Duration(seconds) * time.Second
	case "anti_replay":
		word := "time"
		r.setChoice(dir, &word, "time", "monotonic")
		h.Monotonic = word == "monotonic"
	case "mode":
		word := "enforce"
		r.setChoice(dir, &word, "enforce", "permissive", "receive-only")
		h.Mode = map[string]HMACMode{"permissive": HMACPermissive, "receive-only": HMACReceiveOnly}[word]
	}
}

// readKey reads a key: its number, and what it is or where it stands.
func (h *HMAC) readKey(r *report, dir *Directive) {
	const allowed = "a number from 1 to 255, then 32 to 64 octets, hex: and their digits, or file: and a path"
	if len(dir.Args) < 2 {
		r.fail(dir, ErrMissing, "", "has no number or no key", allowed)
		return
	}
	var k HMACKey
	number := *dir
	number.Args = dir.Args[:1]
	if setNumber(r, &number, &k.ID, 1, 255); k.ID == 0 {
		return
	}
	if slices.ContainsFunc(h.Keys, func(o HMACKey) bool { return o.ID == k.ID }) {
		r.fail(dir, ErrConflict, "", fmt.Sprintf("the number %d is taken", k.ID), "another number")
		return
	}
	if path, ok := strings.CutPrefix(dir.Args[1], "file:"); ok {
		k.File = path
	} else {
		k.Text = newSecret(strings.Join(dir.Args[1:], " "))
	}
	h.Keys = append(h.Keys, k)
}

// setChoice sets *to to the word that d holds, one of some.
func (r *report) setChoice(d *Directive, to *string, allowed ...string) {
	list := strings.Join(allowed, ", ")
	word, ok := r.one(d, list)
	switch {
	case !ok:
	case slices.Contains(allowed, word):
		*to = word
	default:
		r.fail(d, ErrValue, word, "not one of the words for it", list)
	}
}

// completeHMAC checks what the directives say together.
func (in *draft) completeHMAC(r *report) {
	h := in.HMAC
	if h == nil {
		return
	}
	dir := in.dir("auth_hmac")
	if h.Active != 0 && !slices.ContainsFunc(h.Keys, func(k HMACKey) bool { return k.ID == h.Active }) {
		r.fail(dir, ErrConflict, "", fmt.Sprintf("active_key %d is none of the keys", h.Active), "the number of a key")
	}
	if in.Auth.Type != AuthNone {
		r.fail(dir, ErrConflict, "", "does not go with authentication", "one of the two")
	}
}
