// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"crypto/hmac"
	"hash"
)

// keyed returns an HMAC (RFC 2104) with a key, and with nothing written. It is
// always the same one, and has computed the key's two blocks before. It is a
// function, because package fmt shows the content of fields that aren't exported.
type keyed func() hash.Hash

// newKeyed prepares a key.
func newKeyed(h func() hash.Hash, key []byte) keyed {
	mac := hmac.New(h, key)
	mac.Reset() // has it save the states behind the key
	return func() hash.Hash {
		mac.Reset()
		return mac
	}
}
