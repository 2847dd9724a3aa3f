// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"crypto/sha1"
	"encoding"
	"encoding/binary"
	"fmt"
	"hash"
)

// mac computes the HMAC-SHA1 (RFC 2104) of messages that differ in their last 8
// octets only, the counter. It saves the state of SHA-1 behind all whole blocks
// that don't change, and compresses the one or two that do, padded once for all:
// a third less time than crypto/hmac, which saves the states of the key only.
type mac struct {
	hash  saver
	inner []byte               // state behind the key of the inner hash
	outer []byte               // state behind the key of the outer hash
	block [sha1.BlockSize]byte // of the outer hash: the inner digest, padded
	out   []byte               // a state or a digest, overwritten by each call

	// direct: the digest is read from the saved state behind a padded block.
	// Otherwise crypto/sha1 pads and sums, which takes longer.
	direct bool
}

// saver is a hash whose state can be saved and restored, as that of crypto/sha1.
type saver interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// offState is where a saved state of crypto/sha1 has the 20 octets that are the
// digest if the last block was padded: behind 4 octets that name the format.
// That is tested before it is relied on.
const offState = 4

// covered is a message whose counter changes.
type covered struct {
	state []byte                   // SHA-1 behind the key and the whole blocks of the message
	tail  [2 * sha1.BlockSize]byte // the rest of it, the counter and the padding
	size  int                      // octets of tail in use: one block or two
	at    int                      // of the counter in tail
}

// The octets of the counter, and the least of padding (RFC 3174 section 4).
const (
	counterLen = 8
	leastPad   = 1 + 8
)

// newMAC prepares the key. It fails where the program allows no SHA-1.
func newMAC(key Key) (*mac, error) {
	m := &mac{hash: sha1.New().(saver)} // as sha1.New promises
	var err error
	if m.inner, err = m.keyState(key, 0x36); err != nil {
		return nil, err
	}
	if m.outer, err = m.keyState(key, 0x5c); err != nil {
		return nil, err
	}
	pad(m.block[:], sha1.Size, sha1.BlockSize+sha1.Size)
	m.direct = m.testDirect()
	return m, nil
}

// keyState returns the state behind the block that is the key, each octet
// combined with mask.
func (m *mac) keyState(key Key, mask byte) ([]byte, error) {
	var block [sha1.BlockSize]byte
	octets := key.padded()
	copy(block[:], octets[:])
	for i := range block {
		block[i] ^= mask
	}
	m.hash.Reset()
	if _, err := m.hash.Write(block[:]); err != nil {
		return nil, fmt.Errorf("carp: HMAC-SHA1: %w", err)
	}
	return m.hash.AppendBinary(nil)
}

// testDirect reports whether a saved state is what offState takes it for.
func (m *mac) testDirect() bool {
	var block [sha1.BlockSize]byte
	n := copy(block[:], "abc")
	pad(block[:], n, n)
	m.hash.Reset()
	m.hash.Write(block[:])
	state, err := m.hash.AppendBinary(nil)
	return err == nil && len(state) >= offState+sha1.Size && [sha1.Size]byte(state[offState:]) == sha1.Sum([]byte("abc"))
}

// pad ends the octets of a message behind its n-th, of which there were total
// with the blocks before (RFC 3174 section 4).
func pad(blocks []byte, n, total int) {
	blocks[n] = 0x80
	clear(blocks[n+1:])
	binary.BigEndian.PutUint64(blocks[len(blocks)-8:], uint64(total)*8)
}

// cover prepares the message that is prefix and a counter.
func (m *mac) cover(prefix []byte) covered {
	var c covered
	whole := len(prefix) / sha1.BlockSize * sha1.BlockSize
	m.hash.UnmarshalBinary(m.inner) // has saved it, as the next line will
	m.hash.Write(prefix[:whole])
	c.state, _ = m.hash.AppendBinary(nil)
	c.at = copy(c.tail[:], prefix[whole:])
	c.size = sha1.BlockSize
	if c.at+counterLen+leastPad > c.size {
		c.size *= 2
	}
	pad(c.tail[:c.size], c.at+counterLen, sha1.BlockSize+len(prefix)+counterLen)
	return c
}

// sum returns the digest of the message with a counter. It is valid until the
// next call.
func (m *mac) sum(c *covered, counter uint64) []byte {
	binary.BigEndian.PutUint64(c.tail[c.at:], counter)
	inner := m.finish(c.state, c.tail[:c.size], c.at+counterLen)
	copy(m.block[:], inner)
	return m.finish(m.outer, m.block[:], sha1.Size)
}

// finish returns the digest of padded blocks, n octets without the padding,
// that follow a saved state.
func (m *mac) finish(state, blocks []byte, n int) []byte {
	m.hash.UnmarshalBinary(state)
	if !m.direct {
		m.hash.Write(blocks[:n])
		m.out = m.hash.Sum(m.out[:0])
		return m.out
	}
	m.hash.Write(blocks)
	m.out, _ = m.hash.AppendBinary(m.out[:0])
	return m.out[offState : offState+sha1.Size]
}
