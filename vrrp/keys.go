// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"crypto/sha256"
	"slices"
	"time"
)

// Key is one of the keys that the routers of a virtual router share. A key is
// replaced without a gap in three steps, each on all routers before the next: the
// new one is added, it is signed with, the old one is removed. The second and the
// third can be planned by SendFrom of the new and AcceptUntil of the old one.
type Key struct {
	ID     uint8 // 1 to 255, says in the trailer which key it is
	Secret Secret

	// SendFrom is when this key begins to be signed with, in the place of that
	// which began before. The zero value is the beginning of time.
	SendFrom time.Time
	// AcceptUntil is when this key ceases to be accepted. The zero value is
	// never. It should be past the SendFrom of the next key by what the clocks
	// may differ.
	AcceptUntil time.Time
}

// keyring is a set of keys, each with the prepared state of its HMAC.
type keyring struct {
	keys   []Key
	macs   []keyed // of the same index
	active uint8   // id of the key to sign with; 0: by SendFrom
}

// newKeyring returns a keyring, or a [*ValueError].
func newKeyring(keys []Key, active uint8) (keyring, error) {
	r := keyring{keys: slices.Clone(keys), active: active}
	if err := r.check(); err != nil {
		return keyring{}, err
	}
	for _, k := range r.keys {
		r.macs = append(r.macs, newKeyed(sha256.New, k.Secret.reveal()))
	}
	return r, nil
}

// check reports the first value that can't be.
func (r *keyring) check() error {
	if len(r.keys) == 0 {
		return &ValueError{Name: "number of keys", Value: 0, Allowed: "1 and more"}
	}
	if r.active != 0 && r.find(r.active) < 0 {
		return &ValueError{Name: "active key", Value: r.active, Allowed: "the id of a key"}
	}
	for i, k := range r.keys {
		switch {
		case k.ID == 0 || r.find(k.ID) != i:
			return &ValueError{Name: "key id", Value: k.ID, Allowed: "1 to 255, each once"}
		case k.Secret.IsZero():
			return &ValueError{Name: "secret of key", Value: k.ID, Allowed: "one of 32 to 64 octets"}
		case r.active != 0 && !k.SendFrom.IsZero():
			return &ValueError{Name: "begin of key", Value: k.SendFrom, Allowed: "none beside an active key"}
		case !k.AcceptUntil.IsZero() && (r.signing(k.AcceptUntil) == i || !k.SendFrom.Before(k.AcceptUntil)):
			return &ValueError{Name: "end of key", Value: k.AcceptUntil, Allowed: "none before another key is signed with"}
		}
	}
	return nil
}

// find returns the index of a key, -1 if there is none of this id.
func (r *keyring) find(id uint8) int {
	return slices.IndexFunc(r.keys, func(k Key) bool { return k.ID == id })
}

// signing returns the index of the key to sign with: the active one, or else that
// which began last, the first of several. Before all have begun it is the one that
// begins first: there is always one, because routers that don't hear each other
// all become Active.
func (r *keyring) signing(now time.Time) int {
	if r.active != 0 {
		return r.find(r.active)
	}
	best := 0
	for i, k := range r.keys {
		begun, bestBegun := !k.SendFrom.After(now), !r.keys[best].SendFrom.After(now)
		if begun && (!bestBegun || k.SendFrom.After(r.keys[best].SendFrom)) ||
			!begun && !bestBegun && k.SendFrom.Before(r.keys[best].SendFrom) {
			best = i
		}
	}
	return best
}

// accepted returns the HMAC of the key with an id, nil if none is accepted.
func (r *keyring) accepted(id uint8, now time.Time) keyed {
	i := r.find(id)
	if i < 0 || !r.keys[i].AcceptUntil.IsZero() && !now.Before(r.keys[i].AcceptUntil) {
		return nil
	}
	return r.macs[i]
}
