// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"net/netip"
	"slices"
)

// announcements is the addresses that are still to be announced, in order, each once.
type announcements struct {
	addrs []netip.Prefix // not written to: it is that of a round as well, or the caller's
	left  []int          // how often each
}

// wantAnnounced has addresses announced count times at least. The caller holds mu, as
// for what follows.
func (h *Holder) wantAnnounced(addrs []netip.Prefix, count int) {
	if count < 1 || len(addrs) == 0 {
		return
	}
	if h.announce == nil {
		h.announce = &announcements{slices.Clip(addrs), slices.Repeat([]int{count}, len(addrs))}
		return
	}
	a := h.announce
	at := make(map[netip.Prefix]int, len(a.addrs))
	for i, p := range a.addrs {
		at[p] = i
	}
	for _, p := range addrs {
		if i, ok := at[p]; ok {
			a.left[i] = max(a.left[i], count)
		} else {
			a.addrs, a.left = append(a.addrs, p), append(a.left, count)
		}
	}
}

// forgo ends the announcements of addresses.
func (h *Holder) forgo(addrs []netip.Prefix) {
	a := h.announce
	if a == nil || len(addrs) == 0 {
		return
	}
	gone := make(map[netip.Prefix]struct{}, len(addrs))
	for _, p := range addrs {
		gone[p] = struct{}{}
	}
	for i, p := range a.addrs {
		if _, ok := gone[p]; ok {
			a.left[i] = 0
		}
	}
	h.dropAnnouncements()
}

// dropAnnouncements takes out what is not to be announced any more. It gives the memory
// back when nothing is left: there may be thousands of holders.
func (h *Holder) dropAnnouncements() {
	a, done := h.announce, 0
	for _, left := range a.left {
		if left == 0 {
			done++
		}
	}
	switch done {
	case 0:
		return
	case len(a.left):
		h.announce = nil
		return
	}
	rest := &announcements{make([]netip.Prefix, 0, len(a.addrs)-done), make([]int, 0, len(a.addrs)-done)}
	for i, left := range a.left {
		if left > 0 {
			rest.addrs, rest.left = append(rest.addrs, a.addrs[i]), append(rest.left, left)
		}
	}
	h.announce = rest
}

// round returns the addresses that are to be announced once more.
func (h *Holder) round() []netip.Prefix {
	a := h.announce
	if a == nil {
		return nil
	}
	for i := range a.left {
		a.left[i]--
	}
	h.dropAnnouncements()
	return slices.Clip(a.addrs)
}
