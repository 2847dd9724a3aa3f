// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"net/netip"
	"time"
)

// Protocol is the IP protocol number of VRRP (RFC 9568 section 5.1.1.4).
const Protocol = 112

// HopLimit is the TTL or hop limit that every advertisement is sent with and
// must arrive with (RFC 9568 sections 5.1.1.3 and 5.1.2.3).
const HopLimit = 255

// Priorities with a meaning of their own (RFC 9568 section 5.2.4).
const (
	// PriorityGoodbye says that the Active Router gives up its role.
	PriorityGoodbye = 0
	// PriorityDefault is that of a Backup Router for which none is configured.
	PriorityDefault = 100
	// PriorityForced is what a Router advertises while its role is forced: the
	// highest that an address owner still overrules.
	PriorityForced = 254
	// PriorityOwner is that of the router whose own addresses the virtual
	// router's addresses are.
	PriorityOwner = 255
)

// GroupIPv4 returns the group that IPv4 advertisements are sent to, 224.0.0.18
// (RFC 9568 section 5.1.1.2).
func GroupIPv4() netip.Addr { return netip.AddrFrom4([4]byte{224, 0, 0, 18}) }

// GroupIPv6 returns the group that IPv6 advertisements are sent to, ff02::12
// (RFC 9568 section 5.1.2.2).
func GroupIPv6() netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xff, 1: 0x02, 15: 0x12})
}

// Version is the protocol version of a virtual router. The zero value in a
// configuration stands for [V3].
type Version uint8

// The versions that the package speaks.
const (
	V2 Version = 2 // RFC 3768: IPv4 only, intervals in seconds, authentication
	V3 Version = 3 // RFC 9568: IPv4 and IPv6, intervals in centiseconds
)

// String returns "version 2", "version 3".
func (v Version) String() string { return fmt.Sprintf("version %d", uint8(v)) }

// The units that the versions count the advertisement interval in, and how many
// of them its field holds.
const (
	centisecond      = 10 * time.Millisecond
	mostCentiseconds = 0xfff // RFC 9568 section 5.2.7
	mostSeconds      = 0xff  // RFC 3768 section 5.3.7
)

// units returns d in the units of the version, and whether its field can carry that.
func (v Version) units(d time.Duration) (units uint16, ok bool) {
	if v == V2 {
		n := d / time.Second
		return uint16(n), n*time.Second == d && 1 <= n && n <= mostSeconds
	}
	n := d / centisecond
	return uint16(n), n*centisecond == d && 1 <= n && n <= mostCentiseconds
}

// CheckInterval returns a [*ValueError] if the version can't carry d as the
// advertisement interval: version 2 whole seconds from 1 to 255, version 3
// centiseconds from 1 to 4095 (RFC 9568 section 5.2.7 with erratum 8301).
func (v Version) CheckInterval(d time.Duration) error {
	if _, ok := v.units(d); ok {
		return nil
	}
	allowed := "multiples of 10ms from 10ms to 40.95s in version 3"
	if v == V2 {
		allowed = "whole seconds from 1s to 255s in version 2"
	}
	return &ValueError{Name: "advertisement interval", Value: d, Allowed: allowed}
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
	return fmt.Sprintf("vrrp: %s %v: allowed: %s", e.Name, e.Value, e.Allowed)
}
