// SPDX-License-Identifier: Apache-2.0

package carp

// recentSent is how many of its advertisements a host knows again: as many as come
// back late at once, from a switch or hypervisor that echoes them.
const recentSent = 16

// recent remembers the digests of the advertisements that this host sent last, so
// that one that comes back is not taken for a peer's: the source address can't be
// relied on where the link has none. (The BSDs yield to themselves.) The zero
// value has none. It is not safe for concurrent use.
type recent struct {
	digests [recentSent][20]byte
	sent    int // altogether
}

// add notes a digest that was sent.
func (r *recent) add(digest [20]byte) {
	r.digests[r.sent%recentSent] = digest
	r.sent++
}

// has reports whether a digest is of one of the last advertisements sent.
func (r *recent) has(digest [20]byte) bool {
	for i := range min(r.sent, recentSent) {
		if r.digests[i] == digest {
			return true
		}
	}
	return false
}
