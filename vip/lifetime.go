// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"math"
	"net/netip"
	"time"
)

// A lifetime is how long an address stays, in seconds.
type lifetime uint32

// forever is the lifetime of an address that has no end, INFINITY_LIFE_TIME of the kernel.
const forever lifetime = math.MaxUint32

// wholeSeconds returns the lifetime that is not longer than d. One of more than 136 years is that long.
func wholeSeconds(d time.Duration) (lifetime, error) {
	if d < time.Second {
		return 0, ErrLifetime
	}
	return lifetime(min(d/time.Second, time.Duration(forever)-1)), nil
}

// duration is how long that is; forever is longer than anything.
func (l lifetime) duration() time.Duration {
	if l == forever {
		return math.MaxInt64
	}
	return time.Duration(l) * time.Second
}

// preferred returns how much of the lifetime the address is preferred for, as the source of what the host itself sends.
// A leased IPv6 address without a network is not: what it began would not outlive the lease, and it looks to the
// kernel as good a source as the host's own. IPv4 takes the primary address of the network in any case.
func (l lifetime) preferred(p netip.Prefix) lifetime {
	if l != forever && p.Addr().Is6() && p.IsSingleIP() {
		return 0
	}
	return l
}
