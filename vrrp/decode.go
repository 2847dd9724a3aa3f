// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// Parse makes a the advertisement in b, which arrived with the IP header h, and
// returns the form of its checksum. The storage of a.Addresses is used again:
// parsing allocates only where that is too small, and for the error of a
// rejected packet.
//
// The checks are those of RFC 9568 section 7.1 that need no configuration, in
// its order: hop limit, version, type, length, checksum, address count
// (erratum 8299), interval (erratum 8301). The error is a [*PacketError]; a is
// then not changed. Which version, interval, addresses and authentication are
// right is for the virtual router to say.
//
// Nothing may follow the message: a version 2 packet is exactly 8+4n+8 octets,
// because it might otherwise be one of CARP.
func (a *Advertisement) Parse(b []byte, h IPHeader) (ChecksumForm, error) {
	if h.HopLimit != HopLimit {
		return 0, &PacketError{FaultHopLimit, int(h.HopLimit), HopLimit}
	}
	form, fault := a.parse(b, &h)
	return form, fault.orNil()
}

// parse is Parse for a packet whose hop limit is right, without an allocation for
// the error.
func (a *Advertisement) parse(b []byte, h *IPHeader) (ChecksumForm, PacketError) {
	if len(b) < headerLen {
		return 0, PacketError{FaultLength, len(b), headerLen}
	}
	version, v6 := Version(b[offVersionType]>>4), h.Src.Is6()
	if version != V3 && (version != V2 || v6) {
		return 0, PacketError{FaultVersion, int(version), int(V3)}
	}
	if kind := b[offVersionType] & 0xf; kind != typeAdvertisement {
		return 0, PacketError{FaultType, int(kind), typeAdvertisement}
	}
	count := int(b[offCount])
	if want := messageLen(version, v6, count); len(b) != want {
		return 0, PacketError{FaultLength, len(b), want}
	}
	form, sum := checksumForm(b, h, version)
	if sum != checksum.Valid {
		return 0, PacketError{FaultChecksum, int(sum), checksum.Valid}
	}
	if count == 0 {
		return 0, PacketError{FaultAddressList, 0, 1}
	}
	interval := parseInterval(b, version)
	if interval == 0 {
		return 0, PacketError{FaultInterval, 0, 0}
	}
	a.Version, a.VRID, a.Priority, a.Interval = version, b[offVRID], b[offPriority], interval
	a.AuthType, a.AuthData = AuthNone, AuthData{}
	if version == V2 {
		a.AuthType = AuthType(b[offAuthType])
		copy(a.AuthData[:], b[len(b)-authLen:])
	}
	if v6 {
		a.Addresses = parseIPv6(a.Addresses[:0], b[headerLen:])
	} else {
		a.Addresses = parseIPv4(a.Addresses[:0], b[headerLen:headerLen+4*count])
	}
	return form, PacketError{}
}

// checksumForm finds the form of checksum by which the message is intact. It
// returns the folded sum too, which otherwise is that of the form that RFC 9568
// section 5.2.8 prescribes.
func checksumForm(b []byte, h *IPHeader, version Version) (ChecksumForm, uint16) {
	sum := checksum.Sum(b, 0)
	message := checksum.Fold(sum)
	if !h.Src.Is6() && (version == V2 || message == checksum.Valid) {
		return ChecksumMessage, message
	}
	switch whole := checksum.Fold(sum + checksum.Pseudo(h.Src, h.Dst, len(b), Protocol)); {
	case h.Src.Is6() || whole == checksum.Valid:
		return ChecksumPseudoHeader, whole
	case checksum.Fold(sum+checksum.Pseudo(h.Src, GroupIPv4(), len(b), Protocol)) == checksum.Valid:
		return ChecksumPseudoGroup, checksum.Valid
	}
	return ChecksumMessage, message
}

// parseInterval reads the advertisement interval in the unit of the version.
// The four reserved bits of version 3 are ignored.
func parseInterval(b []byte, version Version) time.Duration {
	units := binary.BigEndian.Uint16(b[offInterval:])
	if version == V2 {
		return time.Duration(units&mostSeconds) * time.Second
	}
	return time.Duration(units&mostCentiseconds) * centisecond
}

// parseIPv4 appends the addresses in b.
func parseIPv4(addrs []netip.Addr, b []byte) []netip.Addr {
	for ; len(b) >= 4; b = b[4:] {
		addrs = append(addrs, netip.AddrFrom4([4]byte(b)))
	}
	return addrs
}

// parseIPv6 appends the addresses in b.
func parseIPv6(addrs []netip.Addr, b []byte) []netip.Addr {
	for ; len(b) >= 16; b = b[16:] {
		addrs = append(addrs, netip.AddrFrom16([16]byte(b)))
	}
	return addrs
}
