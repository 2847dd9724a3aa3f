// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// announcements is how often addresses are still to be announced.
type announcements struct {
	order []netip.Prefix
	left  map[netip.Prefix]int
}

// wantAnnounced has addresses announced count times at least. The caller holds mu, as
// for what follows.
func (h *Holder) wantAnnounced(addrs []netip.Prefix, count int) {
	if count < 1 || len(addrs) == 0 {
		return
	}
	if h.announce == nil {
		h.announce = &announcements{left: map[netip.Prefix]int{}}
	}
	a := h.announce
	for _, p := range addrs {
		if a.left[p] == 0 {
			a.order = append(a.order, p)
		}
		a.left[p] = max(a.left[p], count)
	}
}

// forgo ends the announcements of addresses.
func (h *Holder) forgo(addrs []netip.Prefix) {
	a := h.announce
	if a == nil {
		return
	}
	a.order = prefixes.Without(a.order, addrs)
	for _, p := range addrs {
		delete(a.left, p)
	}
	h.dropAnnouncements()
}

// dropAnnouncements gives the memory back when nothing is left: there may be thousands
// of holders.
func (h *Holder) dropAnnouncements() {
	if len(h.announce.left) == 0 {
		h.announce = nil
	}
}

// round returns the addresses that are to be announced once more.
func (h *Holder) round() []netip.Prefix {
	a := h.announce
	if a == nil {
		return nil
	}
	round := a.order
	a.order = nil
	defer h.dropAnnouncements()
	for _, p := range round {
		if a.left[p]--; a.left[p] > 0 {
			a.order = append(a.order, p)
		} else {
			delete(a.left, p)
		}
	}
	return round
}
