// SPDX-License-Identifier: Apache-2.0

package rtsock

import (
	"bytes"
	"net/netip"
)

// Address families of FreeBSD.
const (
	familyIPv4 = 2
	familyLink = 18
	familyIPv6 = 28
)

// Layouts of struct sockaddr_in, sockaddr_in6 and sockaddr_dl. The first octet is the length.
const (
	familyOffset = 1

	ipv4Offset = 4
	ipv4Len    = 8

	ipv6Offset = 8
	ipv6Len    = 24

	nameLenOffset = 5
	macLenOffset  = 6
	nameOffset    = 8
)

// A sockaddr is a socket address, as long as it says.
type sockaddr []byte

// ip returns an IPv4 or IPv6 address, without zone.
func (sa sockaddr) ip() (netip.Addr, bool) {
	switch {
	case len(sa) >= ipv4Len && sa[familyOffset] == familyIPv4:
		return netip.AddrFrom4([4]byte(sa[ipv4Offset:])), true
	case len(sa) >= ipv6Len && sa[familyOffset] == familyIPv6:
		return netip.AddrFrom16(withoutScope([16]byte(sa[ipv6Offset:]))), true
	}
	return netip.Addr{}, false
}

// withoutScope takes the number of the link out of a link-local address: kernels that come from KAME keep it there, and
// let it be seen now and then.
func withoutScope(a [16]byte) [16]byte {
	if a[0] == 0xfe && a[1]&0xc0 == 0x80 {
		a[2], a[3] = 0, 0
	}
	return a
}

// link returns the name and the MAC address of a link, the latter all zero if it has none.
func (sa sockaddr) link() (name string, mac [6]byte) {
	if len(sa) < nameOffset || sa[familyOffset] != familyLink {
		return "", mac
	}
	b := sa[nameOffset:]
	length := min(int(sa[nameLenOffset]), len(b))
	name, b = string(b[:length]), b[length:]
	if int(sa[macLenOffset]) == len(mac) && len(b) >= len(mac) {
		mac = [6]byte(b)
	}
	return name, mac
}

// text returns what stands before the first zero.
func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}
