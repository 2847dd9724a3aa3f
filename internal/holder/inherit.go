// SPDX-License-Identifier: Apache-2.0

package holder

import "net/netip"

// Held is an address that may be there, and whether it is wished for.
type Held struct {
	Prefix netip.Prefix `json:"prefix"`
	Wished bool         `json:"wished"`
}

// Legacy returns what may be there, for another holder to inherit. Nothing is to be
// under way.
func (h *Holder) Legacy() []Held {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []Held
	for _, a := range h.have {
		list = append(list, Held{a.prefix, a.wished})
	}
	return list
}

// Inherit takes what another holder, of another process, has had its backend add: it is
// there, and the hooks have been called for it. The holder has done nothing before.
func (h *Holder) Inherit(list []Held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all, wished []netip.Prefix
	for _, a := range list {
		if all = append(all, a.Prefix); a.Wished {
			wished = append(wished, a.Prefix)
		}
	}
	h.have.put(all, false)
	h.have.mark(wished, true)
	if h.hooked != nil {
		h.hooked.told.put(all, true)
	}
}
