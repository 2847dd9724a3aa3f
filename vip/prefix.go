// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"fmt"
	"net/netip"
)

// Validate returns nil if the prefix is an address that a device can hold, else an error that matches [ErrAddress].
// Refused are the zero Prefix, the unspecified address, multicast, the limited broadcast address, and an IPv4 address
// mapped into IPv6: it is to be given as IPv4. (A [netip.Prefix] never has a zone; the device says what a zone would.)
func Validate(p netip.Prefix) error {
	if err := check(p); err != nil {
		return fmt.Errorf("vip: %v: %w", p, err)
	}
	return nil
}

// check does the work of Validate; its error does not name the address.
func check(p netip.Prefix) error {
	a := p.Addr()
	switch {
	case !p.IsValid():
		return fmt.Errorf("invalid prefix: %w", ErrAddress)
	case a.Is4In6():
		return fmt.Errorf("IPv4 address in the form of IPv6: %w", ErrAddress)
	case a.IsUnspecified():
		return fmt.Errorf("unspecified address: %w", ErrAddress)
	case a.IsMulticast():
		return fmt.Errorf("multicast address: %w", ErrAddress)
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fmt.Errorf("broadcast address: %w", ErrAddress)
	}
	return nil
}
