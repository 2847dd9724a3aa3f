// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"iter"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"
)

// nlMessages gives the messages of a netlink datagram: header and body. It stops at one that is malformed.
func nlMessages(b []byte) iter.Seq2[unix.NlMsghdr, []byte] {
	return func(yield func(unix.NlMsghdr, []byte) bool) {
		for len(b) >= unix.SizeofNlMsghdr {
			var h unix.NlMsghdr
			load(&h, b)
			if h.Len < unix.SizeofNlMsghdr || uint64(h.Len) > uint64(len(b)) {
				return
			}
			if !yield(h, b[unix.SizeofNlMsghdr:h.Len]) {
				return
			}
			b = b[min(alignNetlink(int(h.Len)), len(b)):]
		}
	}
}

// attributes gives the attributes of a route message: type and value. It stops at one that is malformed.
func attributes(b []byte) iter.Seq2[uint16, []byte] {
	const typeMask = 0x3fff // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofRtAttr {
			size, typ := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
			if size < unix.SizeofRtAttr || size > len(b) {
				return
			}
			if !yield(typ&typeMask, b[unix.SizeofRtAttr:size]) {
				return
			}
			b = b[min(alignNetlink(size), len(b)):]
		}
	}
}

// alignNetlink rounds a length up as netlink(7) and rtnetlink(7) align.
func alignNetlink(n int) int { return (n + 3) &^ 3 }

// parseLink reads the body of an RTM_NEWLINK or RTM_DELLINK over what was known about a link: attributes that
// are missing keep their value. It is not ok if the message is too short, or about the ports of a bridge:
// RTM_DELLINK then only means that the link has left it.
func parseLink(known func(index int) link, body []byte) (link, bool) {
	var h unix.IfInfomsg
	if len(body) < unix.SizeofIfInfomsg {
		return link{}, false
	}
	load(&h, body)
	if h.Family != unix.AF_UNSPEC {
		return link{}, false
	}
	l := known(int(h.Index))
	l.index, l.flags, l.ethernet = int(h.Index), h.Flags, h.Type == unix.ARPHRD_ETHER
	for typ, value := range attributes(body[unix.SizeofIfInfomsg:]) {
		switch typ {
		case unix.IFLA_IFNAME:
			l.name = strings.TrimRight(string(value), "\x00")
		case unix.IFLA_ADDRESS:
			l.mac = [6]byte{}
			if len(value) == len(l.mac) {
				l.mac = [6]byte(value)
			}
		case unix.IFLA_MTU:
			load(&l.mtu, value)
		case unix.IFLA_OPERSTATE:
			load(&l.operState, value)
		case unix.IFLA_CARRIER_CHANGES:
			load(&l.carrierChanges, value)
		case unix.IFLA_LINK:
			l.parent = 0
			if len(value) >= 4 {
				l.parent = int(binary.NativeEndian.Uint32(value))
			}
		case unix.IFLA_LINKINFO:
			kind, _ := parseKind(value)
			l.macvlan = kind == kindMacvlan || kind == "macvtap"
		}
	}
	return l, l.name != ""
}

// attrProto is IFA_PROTO of linux/if_addr.h, of kernels since 5.18.
const attrProto = 11

// parseAddress reads the body of an RTM_NEWADDR or RTM_DELADDR.
func parseAddress(body []byte) (index int, key addressKey, a address, ok bool) {
	var h unix.IfAddrmsg
	if len(body) < unix.SizeofIfAddrmsg {
		return 0, addressKey{}, address{}, false
	}
	load(&h, body)
	key.bits, a = h.Prefixlen, address{flags: uint32(h.Flags), scope: h.Scope}
	for typ, value := range attributes(body[unix.SizeofIfAddrmsg:]) {
		switch typ {
		case unix.IFA_LOCAL:
			key.local = parseIP(h.Family, value)
		case unix.IFA_ADDRESS:
			key.peer = parseIP(h.Family, value)
		case unix.IFA_FLAGS:
			load(&a.flags, value)
		case attrProto:
			load(&a.mark, value)
		}
	}
	if !key.local.IsValid() { // IPv6 without a peer
		key.local = key.peer
	}
	return int(h.Index), key, a, key.local.IsValid()
}

// parseIP returns the address in an attribute, the zero Addr if its length does not fit the family.
func parseIP(family uint8, value []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(value)
	if a.Is4() != (family == unix.AF_INET) || a.Is6() != (family == unix.AF_INET6) {
		return netip.Addr{}
	}
	return a
}
