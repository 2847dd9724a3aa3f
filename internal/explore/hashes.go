// SPDX-License-Identifier: Apache-2.0

package explore

import "hash/maphash"

// hash stands for a state. With 128 bits a billion states collide with a
// probability of 1 to 10^20.
type hash [2]uint64

// hashes is a set of states.
type hashes struct {
	seeds [2]maphash.Seed
	set   map[hash]struct{}
}

func newHashes() hashes {
	return hashes{[2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, map[hash]struct{}{}}
}

// hash returns that of a state that is written down.
func (h *hashes) hash(state []byte) hash {
	return hash{maphash.Bytes(h.seeds[0], state), maphash.Bytes(h.seeds[1], state)}
}

func (h *hashes) has(x hash) bool {
	_, ok := h.set[x]
	return ok
}

func (h *hashes) add(list ...hash) {
	for _, x := range list {
		h.set[x] = struct{}{}
	}
}
