// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// Append appends the message for a packet from src to dst to b and returns the
// extended slice. It allocates only if b has no room.
//
// The addresses of the packet give the family and, where the checksum covers a
// pseudo-header, go into it. form matters for version 3 over IPv4 only;
// [ChecksumAuto] there means [ChecksumMessage].
//
// If the version can't express a value, b is returned as it was and the error
// is a [*ValueError].
func (a *Advertisement) Append(b []byte, src, dst netip.Addr, form ChecksumForm) ([]byte, error) {
	if err := a.check(src, dst); err != nil {
		return b, err
	}
	start := len(b)
	interval := uint16(a.Interval / centisecond)
	if a.Version == V2 {
		interval = uint16(a.AuthType)<<8 | uint16(a.Interval/time.Second)
	}
	b = append(b, byte(a.Version)<<4|typeAdvertisement, a.VRID, a.Priority, byte(len(a.Addresses)), byte(interval>>8), byte(interval), 0, 0)
	b = appendAddresses(b, a.Addresses)
	if a.Version == V2 {
		b = append(b, a.AuthData[:]...)
	}
	message := b[start:]
	sum := uint32(0)
	switch {
	case a.Version != V3:
	case src.Is6() || form == ChecksumPseudoHeader:
		sum = checksum.Pseudo(src, dst, len(message), Protocol)
	case form == ChecksumPseudoGroup:
		sum = checksum.Pseudo(src, GroupIPv4(), len(message), Protocol)
	}
	binary.BigEndian.PutUint16(message[offChecksum:], ^checksum.Fold(checksum.Sum(message, sum)))
	return b, nil
}

// appendAddresses appends the addresses as the wire has them.
func appendAddresses(b []byte, addrs []netip.Addr) []byte {
	for _, addr := range addrs {
		if addr.Is4() {
			v := addr.As4()
			b = append(b, v[:]...)
		} else {
			v := addr.As16()
			b = append(b, v[:]...)
		}
	}
	return b
}

// check reports the first value that can't go on the wire.
func (a *Advertisement) check(src, dst netip.Addr) error {
	switch {
	case a.Version != V2 && a.Version != V3:
		return &ValueError{Name: "protocol version", Value: uint8(a.Version), Allowed: "2 and 3"}
	case a.VRID == 0:
		return &ValueError{Name: "virtual router identifier", Value: a.VRID, Allowed: "1 to 255"}
	case !src.IsValid() || src.Is4In6() || src.Is4() != dst.Is4():
		return &ValueError{Name: "addresses of the packet", Value: fmt.Sprint(src, " and ", dst), Allowed: "two of one family"}
	case a.Version == V2 && src.Is6():
		return &ValueError{Name: "source address", Value: src, Allowed: "IPv4 in version 2"}
	case len(a.Addresses) == 0 || len(a.Addresses) > maxAddresses:
		return &ValueError{Name: "number of addresses", Value: len(a.Addresses), Allowed: "1 to 255"}
	case a.Version == V3 && (a.AuthType != AuthNone || a.AuthData != AuthData{}):
		return &ValueError{Name: "authentication type", Value: uint8(a.AuthType), Allowed: "none in version 3"}
	}
	for _, addr := range a.Addresses {
		if !addr.IsValid() || addr.Is4In6() || addr.Is4() != src.Is4() {
			return &ValueError{Name: "address", Value: addr, Allowed: "those of the packet's own family"}
		}
	}
	return a.Version.CheckInterval(a.Interval)
}
