// SPDX-License-Identifier: Apache-2.0

package rtsock_test

import (
	"encoding/binary"
	"net/netip"
)

// word is the size of a long, to which addresses are aligned.
const word = 4 << (^uint(0) >> 63)

// Which addresses follow a message: RTA_NETMASK, RTA_IFP, RTA_IFA, RTA_BRD.
const (
	netmask   = 0x04
	linkName  = 0x10
	itself    = 0x20
	broadcast = 0x80
)

// finish sets the length of a message and the octets that all have in common.
func finish(b []byte, kind uint8) []byte {
	binary.NativeEndian.PutUint16(b, uint16(len(b)))
	b[2], b[3] = 5, kind
	return b
}

// pad fills an address up to the next word.
func pad(sa []byte) []byte { return append(sa, make([]byte, (word-len(sa)%word)%word)...) }

// linkMessage is an RTM_IFINFO: struct if_msghdr with its struct if_data of 152 octets, and the addresses.
func linkMessage(index uint16, flags uint32, state uint8, epoch uint64, addresses ...[]byte) []byte {
	b := make([]byte, 168)
	if len(addresses) > 0 {
		binary.NativeEndian.PutUint32(b[4:], linkName)
	}
	binary.NativeEndian.PutUint32(b[8:], flags)
	binary.NativeEndian.PutUint16(b[12:], index)
	data := b[16:]
	data[0], data[4] = 6, state // IFT_ETHER
	binary.NativeEndian.PutUint16(data[6:], 152)
	binary.NativeEndian.PutUint32(data[8:], 1500)
	binary.NativeEndian.PutUint64(data[128:], epoch)
	for _, sa := range addresses {
		b = append(b, pad(sa)...)
	}
	return finish(b, 0x0e)
}

// linkAddress is a struct sockaddr_dl of 54 octets, as the kernel has them.
func linkAddress(index uint16, name string, mac ...byte) []byte {
	b := make([]byte, 54)
	b[0], b[1], b[4], b[5], b[6] = 54, 18, 6, uint8(len(name)), uint8(len(mac))
	binary.NativeEndian.PutUint16(b[2:], index)
	copy(b[8:], name)
	copy(b[8+len(name):], mac)
	return b
}

// ipAddress is a struct sockaddr_in or sockaddr_in6.
func ipAddress(a netip.Addr) []byte {
	if a.Is4() {
		return append([]byte{16, 2, 0, 0}, append(a.AsSlice(), make([]byte, 8)...)...)
	}
	return append([]byte{28, 28, 0, 0, 0, 0, 0, 0}, append(a.AsSlice(), 0, 0, 0, 0)...)
}

// addressMessage is an RTM_NEWADDR or RTM_DELADDR: struct ifa_msghdr, the netmask, which is cut short after its last
// octet that is not zero, the address, and that of the broadcast in IPv4.
func addressMessage(kind uint8, index uint16, address string) []byte {
	a := netip.MustParseAddr(address)
	b := make([]byte, 20)
	binary.NativeEndian.PutUint16(b[12:], index)
	mask := []byte{7, 2, 0, 0, 255, 255, 255}
	present := uint32(netmask | itself)
	if a.Is4() {
		present |= broadcast
	}
	binary.NativeEndian.PutUint32(b[4:], present)
	b = append(b, pad(mask)...)
	b = append(b, pad(ipAddress(a))...)
	if a.Is4() {
		b = append(b, pad(ipAddress(netip.MustParseAddr("192.0.2.255")))...)
	}
	return finish(b, kind)
}

func newAddress(index uint16, address string) []byte    { return addressMessage(0x0c, index, address) }
func deleteAddress(index uint16, address string) []byte { return addressMessage(0x0d, index, address) }

// announce is an RTM_IFANNOUNCE: struct if_announcemsghdr.
func announce(index uint16, name string, what uint16) []byte {
	b := make([]byte, 24)
	binary.NativeEndian.PutUint16(b[4:], index)
	copy(b[6:22], name)
	binary.NativeEndian.PutUint16(b[22:], what)
	return finish(b, 0x11)
}
