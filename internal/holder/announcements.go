// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"net/netip"
	"slices"
)

// announcements is the addresses that are still to be announced, in order, each once.
type announcements struct{ list []announcement }

// announcement is one of them.
type announcement struct {
	prefix netip.Prefix
	left   int // how often
}

// wantAnnounced has addresses announced count times at least. The caller holds mu, as
// for what follows.
func (h *Holder) wantAnnounced(addrs []netip.Prefix, count int) {
	if count < 1 || len(addrs) == 0 {
		return
	}
	if h.announce == nil {
		h.announce = &announcements{}
	}
	a := h.announce
	at := make(map[netip.Prefix]int, len(a.list)) // of those that are, which are none as a rule
	for i, old := range a.list {
		at[old.prefix] = i
	}
	a.list = slices.Grow(a.list, len(addrs))
	for _, p := range addrs {
		if i, ok := at[p]; ok {
			a.list[i].left = max(a.list[i].left, count)
		} else {
			a.list = append(a.list, announcement{p, count})
		}
	}
}

// forgo ends the announcements of addresses.
func (h *Holder) forgo(addrs []netip.Prefix) {
	a := h.announce
	if a == nil {
		return
	}
	gone := make(map[netip.Prefix]struct{}, len(addrs))
	for _, p := range addrs {
		gone[p] = struct{}{}
	}
	a.list = slices.DeleteFunc(a.list, func(x announcement) bool { _, ok := gone[x.prefix]; return ok })
	h.dropAnnouncements()
}

// dropAnnouncements gives the memory back when nothing is left: there may be thousands
// of holders.
func (h *Holder) dropAnnouncements() {
	if len(h.announce.list) == 0 {
		h.announce = nil
	}
}

// round returns the addresses that are to be announced once more.
func (h *Holder) round() []netip.Prefix {
	a := h.announce
	if a == nil {
		return nil
	}
	round := make([]netip.Prefix, len(a.list))
	for i := range a.list {
		round[i] = a.list[i].prefix
		a.list[i].left--
	}
	a.list = slices.DeleteFunc(a.list, func(x announcement) bool { return x.left == 0 })
	h.dropAnnouncements()
	return round
}
