// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"fmt"
	"net/netip"
)

// Protocol is the IP protocol number of CARP, the same as that of VRRP.
const Protocol = 112

// HopLimit is the TTL or hop limit that every advertisement is sent with, and
// that one to a group must arrive with.
const HopLimit = 255

// GroupIPv4 returns the group that IPv4 advertisements are sent to, 224.0.0.18,
// the same as that of VRRP.
func GroupIPv4() netip.Addr { return netip.AddrFrom4([4]byte{224, 0, 0, 18}) }

// GroupIPv6 returns the group that IPv6 advertisements are sent to, ff02::12,
// the same as that of VRRP.
func GroupIPv6() netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xff, 1: 0x02, 15: 0x12})
}

// ValueError reports a value that a field of an advertisement or of a
// configuration can't take. Test for it with [errors.As].
type ValueError struct {
	Name    string // the field
	Value   any    // what was given; never a secret
	Allowed string // what the field takes
}

// Error names the field, the value and what is allowed.
func (e *ValueError) Error() string {
	return fmt.Sprintf("carp: %s %v: allowed: %s", e.Name, e.Value, e.Allowed)
}
