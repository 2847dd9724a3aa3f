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

// want has addresses announced count times at least.
func (a *announcements) want(addrs []netip.Prefix, count int) {
	if count < 1 {
		return
	}
	if a.left == nil {
		a.left = map[netip.Prefix]int{}
	}
	for _, p := range addrs {
		if a.left[p] == 0 {
			a.order = append(a.order, p)
		}
		a.left[p] = max(a.left[p], count)
	}
}

// forgo ends the announcements of addresses.
func (a *announcements) forgo(addrs []netip.Prefix) {
	a.order = prefixes.Without(a.order, addrs)
	for _, p := range addrs {
		delete(a.left, p)
	}
	a.drop()
}

// drop gives the memory back when nothing is left: there may be thousands of holders.
func (a *announcements) drop() {
	if len(a.left) == 0 {
		a.left = nil
	}
}

// round returns the addresses that are to be announced once more.
func (a *announcements) round() []netip.Prefix {
	round := a.order
	a.order = nil
	defer a.drop()
	for _, p := range round {
		if a.left[p]--; a.left[p] > 0 {
			a.order = append(a.order, p)
		} else {
			delete(a.left, p)
		}
	}
	return round
}
