// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"encoding/binary"
	"fmt"
	"net/netip"

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
	if !src.IsValid() || src.Is4In6() || src.Is4() != dst.Is4() || a.Version == V2 && src.Is6() {
		return b, a.wrongPacket(src, dst)
	}
	v6, sum := src.Is6(), uint64(0)
	length := messageLen(a.Version, v6, len(a.Addresses))
	switch {
	case a.Version != V3:
	case v6 || form == ChecksumPseudoHeader:
		sum = checksum.Pseudo(src, dst, length, Protocol)
	case form == ChecksumPseudoGroup:
		sum = checksum.Pseudo(src, GroupIPv4(), length, Protocol)
	}
	whole, err := a.appendMessage(b, v6)
	if err != nil {
		return b, err
	}
	message := whole[len(b):]
	binary.BigEndian.PutUint16(message[offChecksum:], ^checksum.Fold(checksum.Sum(message, sum)))
	return whole, nil
}

// wrongPacket tells why no packet from src to dst carries the advertisement.
func (a *Advertisement) wrongPacket(src, dst netip.Addr) error {
	if src.IsValid() && !src.Is4In6() && src.Is4() == dst.Is4() {
		return &ValueError{Name: "source address", Value: src, Allowed: "IPv4 in version 2"}
	}
	return &ValueError{Name: "addresses of the packet", Value: fmt.Sprint(src, " and ", dst), Allowed: "two of one family"}
}

// appendMessage appends the message with a checksum of 0, or reports a value that
// can't go on the wire.
func (a *Advertisement) appendMessage(b []byte, v6 bool) ([]byte, error) {
	interval, ok := a.Version.units(a.Interval)
	switch {
	case a.Version != V2 && a.Version != V3:
		return nil, &ValueError{Name: "protocol version", Value: uint8(a.Version), Allowed: "2 and 3"}
	case a.VRID == 0:
		return nil, &ValueError{Name: "virtual router identifier", Value: a.VRID, Allowed: "1 to 255"}
	case len(a.Addresses) == 0 || len(a.Addresses) > maxAddresses:
		return nil, &ValueError{Name: "number of addresses", Value: len(a.Addresses), Allowed: "1 to 255"}
	case a.Version == V3 && (a.AuthType != AuthNone || a.AuthData != AuthData{}):
		return nil, &ValueError{Name: "authentication type", Value: uint8(a.AuthType), Allowed: "none in version 3"}
	case !ok:
		return nil, a.Version.CheckInterval(a.Interval)
	}
	// The header as one word, which the sum over the message can read at once.
	b = binary.BigEndian.AppendUint64(b, uint64(a.Version)<<60|typeAdvertisement<<56|uint64(a.VRID)<<48|uint64(a.Priority)<<40|
		uint64(len(a.Addresses))<<32|uint64(a.AuthType)<<24|uint64(interval)<<16)
	for i := range a.Addresses {
		switch addr := &a.Addresses[i]; {
		case addr.Is4() && !v6:
			v := addr.As4()
			b = append(b, v[:]...)
		case addr.Is6() && v6 && !addr.Is4In6():
			v := addr.As16()
			b = append(b, v[:]...)
		default:
			return nil, &ValueError{Name: "address", Value: *addr, Allowed: "those of the packet's own family"}
		}
	}
	if a.Version == V2 {
		b = append(b, a.AuthData[:]...)
	}
	return b, nil
}
