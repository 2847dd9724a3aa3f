// SPDX-License-Identifier: Apache-2.0

// Package rtsock keeps a table of the links and addresses of a host from what FreeBSD says about them: the messages of
// a routing socket (route(4)), and the list of sysctl(3) NET_RT_IFLIST, which has the same form. It does no I/O, and
// runs on every system.
//
// golang.org/x/net/route reads the same messages, but leaves out the state of the link, and the messages about a link
// whose state changed, which FreeBSD sends without its name.
package rtsock

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// version is RTM_VERSION.
const version = 5

// Types of message.
const (
	typeNewAddress    = 0x0c // RTM_NEWADDR
	typeDeleteAddress = 0x0d // RTM_DELADDR
	typeLink          = 0x0e // RTM_IFINFO
	typeAnnounce      = 0x11 // RTM_IFANNOUNCE
)

// Layout of struct if_msghdr, whose first fields ifa_msghdr has, too.
const (
	lengthOffset    = 0
	versionOffset   = 2
	typeOffset      = 3
	addressesOffset = 4 // which addresses follow
	flagsOffset     = 8
	indexOffset     = 12
	dataOffset      = 16 // struct if_data
	addressLen      = 20 // sizeof(struct ifa_msghdr)
)

// Layout of struct if_data.
const (
	linkStateOffset = 4
	dataLenOffset   = 6
	mtuOffset       = 8
	epochOffset     = 128
	minDataLen      = 136
)

// Layout of struct if_announcemsghdr.
const (
	announceIndexOffset = 4
	announceNameOffset  = 6
	announceNameLen     = 16
	announceWhatOffset  = 22
	announceLen         = 24
	departure           = 1 // IFAN_DEPARTURE
)

// A message is one message of the kernel, its length verified.
type message []byte

// next cuts the first message off a buffer.
func next(b []byte) (m message, rest []byte, ok bool) {
	if len(b) < typeOffset+1 {
		return nil, nil, false
	}
	length := int(binary.NativeEndian.Uint16(b[lengthOffset:]))
	if length < typeOffset+1 || length > len(b) {
		return nil, nil, false
	}
	return b[:length], b[length:], true
}

// kind returns the type of the message, 0 if it is of a version that is not known.
func (m message) kind() uint8 {
	if m[versionOffset] != version {
		return 0
	}
	return m[typeOffset]
}

// link reads a message about a link. A message from a socket has no name and no MAC address.
func (m message) link() (l Link, ok bool) {
	if len(m) < dataOffset+minDataLen {
		return Link{}, false
	}
	data := m[dataOffset:]
	length := int(binary.NativeEndian.Uint16(data[dataLenOffset:]))
	if length < minDataLen || length > len(data) {
		return Link{}, false
	}
	l = Link{
		Index: m.index(),
		MTU:   int(binary.NativeEndian.Uint32(data[mtuOffset:])),
		flags: binary.NativeEndian.Uint32(m[flagsOffset:]),
		state: data[linkStateOffset],
		epoch: binary.NativeEndian.Uint64(data[epochOffset:]),
	}
	if sa := m.address(dataOffset+length, addressLink); sa != nil {
		l.Name, l.MAC = sa.link()
	}
	return l, true
}

// ipAddress reads a message about an address.
func (m message) ipAddress() (index int, addr netip.Addr, ok bool) {
	if len(m) < addressLen {
		return 0, netip.Addr{}, false
	}
	addr, ok = m.address(addressLen, addressInterface).ip()
	return m.index(), addr, ok
}

// index is the number of the link that the message is about.
func (m message) index() int { return int(binary.NativeEndian.Uint16(m[indexOffset:])) }

// announce reads a message about a link that came or went.
func (m message) announce() (index int, name string, gone, ok bool) {
	if len(m) < announceLen {
		return 0, "", false, false
	}
	index = int(binary.NativeEndian.Uint16(m[announceIndexOffset:]))
	name = text(m[announceNameOffset : announceNameOffset+announceNameLen])
	return index, name, binary.NativeEndian.Uint16(m[announceWhatOffset:]) == departure, true
}

// Numbers of the addresses that may follow a message (RTAX_IFP and so on): bits of a mask, in whose order they stand.
const (
	addressLink      = 4 // RTAX_IFP
	addressInterface = 5 // RTAX_IFA
)

// address returns one of the addresses that begin at an offset, nil if it is not there. Each begins at a multiple of
// the size of a long.
func (m message) address(offset, number int) sockaddr {
	const word = bits.UintSize / 8
	present := binary.NativeEndian.Uint32(m[addressesOffset:])
	if present&(1<<number) == 0 {
		return nil
	}
	b := m[offset:]
	for i := range number + 1 {
		if present&(1<<i) == 0 {
			continue
		}
		if len(b) == 0 || int(b[0]) > len(b) {
			return nil
		}
		length := int(b[0])
		if i == number {
			return sockaddr(b[:length])
		}
		step := max((length+word-1)&^(word-1), word) // an empty address takes a word
		b = b[min(step, len(b)):]
	}
	return nil
}
