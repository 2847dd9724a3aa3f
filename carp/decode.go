// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"encoding/binary"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// Parse makes a the advertisement in b, which arrived with the IP header h. It
// allocates only for the error of a rejected packet, which is a [*PacketError];
// a is then not changed.
//
// The checks are those that need neither configuration nor passphrase: hop
// limit, version, type, length, checksum and a virtual host identifier other
// than 0. The field that holds the length of counter and digest is not looked
// at, as in all other implementations. The digest is for [Authenticator.Verify].
//
// A packet to a unicast address may arrive with any hop limit: whether a peer
// may be further away than the link is for the host to say. CARP is told from
// VRRP version 2 by its length alone: an advertisement of five IPv4 addresses
// has the same 36 octets, and only its digest is wrong.
func (a *Advertisement) Parse(b []byte, h IPHeader) error {
	fault := a.parse(b, &h)
	if fault.Fault == FaultNone {
		return nil
	}
	return &PacketError{fault.Fault, fault.Got, fault.Want}
}

// parse is Parse without an allocation for the error.
func (a *Advertisement) parse(b []byte, h *IPHeader) PacketError {
	if h.HopLimit != HopLimit && !h.unicast() {
		return PacketError{FaultHopLimit, int(h.HopLimit), HopLimit}
	}
	if fault := checkForm(b); fault.Fault != FaultNone {
		return fault
	}
	if sum := checksum.Fold(checksum.Sum(b, 0)); sum != checksum.Valid {
		return PacketError{FaultChecksum, int(sum), checksum.Valid}
	}
	if b[offVHID] == 0 {
		return PacketError{FaultVHID, 0, 0}
	}
	a.VHID, a.AdvBase, a.AdvSkew, a.Demote = b[offVHID], b[offAdvBase], b[offAdvSkew], b[offDemote]
	a.Counter = binary.BigEndian.Uint64(b[offCounter:])
	a.Digest = [20]byte(b[offDigest:])
	return PacketError{}
}

// unicast reports whether the packet was sent to one host: neither to a group
// nor, as ucarp can be told to, to the IPv4 broadcast address.
func (h *IPHeader) unicast() bool {
	broadcast := h.Dst.Is4() && h.Dst.As4() == [4]byte{0xff, 0xff, 0xff, 0xff}
	return h.Dst.IsValid() && !h.Dst.IsMulticast() && !broadcast
}

// checkForm checks what tells an advertisement of CARP from other packets.
func checkForm(b []byte) PacketError {
	if len(b) == 0 {
		return PacketError{FaultShort, 0, messageLen}
	}
	v, kind := int(b[offVersionType]>>4), int(b[offVersionType]&0xf)
	switch {
	case vrrp(b):
		return PacketError{FaultVRRP, v, 0}
	case v != version:
		return PacketError{FaultVersion, v, version}
	case kind != typeAdvertisement:
		return PacketError{FaultType, kind, typeAdvertisement}
	case len(b) < messageLen:
		return PacketError{FaultShort, len(b), messageLen}
	case len(b) > messageLen:
		return PacketError{FaultLength, len(b), messageLen}
	}
	return PacketError{}
}

// vrrp reports whether b, which is not empty, is an advertisement of VRRP by its
// version and length: version 3, or version 2 with the 8+4n+8 octets of n
// addresses (RFC 3768 section 5.1) unless these are the 36 of CARP.
func vrrp(b []byte) bool {
	switch b[offVersionType] {
	case vrrpVersion3<<4 | typeAdvertisement:
		return true
	case version<<4 | typeAdvertisement:
		return len(b) != messageLen && len(b) > vrrpOffCount &&
			len(b) == vrrpHeaderLen+int(b[vrrpOffCount])*vrrpAddressLen+vrrpAuthLen
	}
	return false
}
