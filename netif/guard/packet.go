// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"encoding/binary"
	"net/netip"
)

const (
	// protocol is the IP protocol number of VRRP and CARP.
	protocol = 112

	// hopLimit is the only one that receivers take (RFC 9568 sections 5.1.1.3 and 5.1.2.3).
	hopLimit = 255

	// trafficClass is class selector 6, network control (RFC 4594 section 3.1), as package netif sends by default.
	trafficClass = 48 << 2

	ipv6HeaderLen = 40
)

// packet returns a message with its IP header.
func packet(src, dst netip.Addr, payload []byte) []byte {
	if dst.Is4() {
		return packet4(src, dst, payload)
	}
	return packet6(src, dst, payload)
}

// packet4 leaves the total length, the identification and the header checksum to the kernel (raw(7)).
func packet4(src, dst netip.Addr, payload []byte) []byte {
	const dontFragment = 0x40
	b := []byte{0x45, trafficClass, 0, 0, 0, 0, dontFragment, 0, hopLimit, protocol, 0, 0}
	b = append(b, src.AsSlice()...)
	b = append(b, dst.AsSlice()...)
	return append(b, payload...)
}

// packet6 has the header of RFC 8200 section 3.
func packet6(src, dst netip.Addr, payload []byte) []byte {
	const version = 6
	b := binary.BigEndian.AppendUint32(nil, version<<28|trafficClass<<20)
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	b = append(b, protocol, hopLimit)
	b = append(b, src.AsSlice()...)
	b = append(b, dst.AsSlice()...)
	return append(b, payload...)
}
