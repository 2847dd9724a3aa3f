// SPDX-License-Identifier: Apache-2.0

package carp

// counter provides the counters of advertisements, each for one. It is not safe
// for concurrent use.
//
// While no valid advertisement of a peer has been heard they are random, as of
// FreeBSD, NetBSD and ucarp (sc_init_counter, carp_prepare_ad); after that each is
// above the last one sent or heard. But it isn't the next one: two hosts that
// claim the role together, after a bow-out that both have heard, would then send
// the same digest, and each would take the other's advertisement for its own come
// back, or for one that was tampered with.
type counter struct {
	random func() uint64
	heard  bool
	last   uint64
}

// stepBits is how far apart two counters are at most, as a power of two.
const stepBits = 32

// next returns the counter of the next advertisement.
func (c *counter) next() uint64 {
	if r := c.random(); c.heard {
		c.last += 1 + r>>(64-stepBits)
	} else {
		c.last = r
	}
	return c.last
}

// hear adopts the counter of a valid advertisement of a peer, in state Init too
// (carp_input_c).
func (c *counter) hear(heard uint64) { c.heard, c.last = true, heard }
