// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/netif"
)

// Numbers of linux/if_addr.h and linux/if_link.h that packages unix and nl don't have.
const (
	attrAddrProto      = 11 // IFA_PROTO
	attrQuerierState   = 47 // IFLA_BR_MCAST_QUERIER_STATE
	attrQuerierTimer6  = 7  // BRIDGE_QUERIER_IPV6_OTHER_TIMER
	maxListings        = 10
	macvlanModePrivate = nl.MACVLAN_MODE_PRIVATE
)

// look looks at the host in the network namespace of this thread, and at the state of the links that are named.
func look(files fs.FS, names []string) (*host, error) {
	h := &host{files: files, way: way}
	links, err := dump(unix.RTM_GETLINK, unix.RTM_NEWLINK, nl.NewIfInfomsg(unix.AF_UNSPEC))
	if err != nil {
		return nil, fmt.Errorf("list of links: %w", err)
	}
	for _, body := range links {
		if l, ok := parseLink(body); ok {
			h.links = append(h.links, l)
		}
	}
	addresses, err := dump(unix.RTM_GETADDR, unix.RTM_NEWADDR, nl.NewIfAddrmsg(unix.AF_UNSPEC))
	if err != nil {
		return nil, fmt.Errorf("list of addresses: %w", err)
	}
	for _, body := range addresses {
		if a, ok := parseAddress(body); ok {
			h.addresses = append(h.addresses, a)
		}
	}
	for _, name := range names {
		if l := h.link(name); l != nil {
			l.down = state(name)
		}
	}
	return h, nil
}

// state returns why a link can't be used.
func state(name string) error {
	l, err := netif.LinkByName(name)
	if err != nil {
		return err
	}
	return l.Down
}

// dump returns the bodies of the messages that list something. A listing that things changed during is begun
// again, a few times: the last one is good enough.
func dump(request int, answer uint16, header nl.NetlinkRequestData) (bodies [][]byte, err error) {
	for range maxListings {
		req := nl.NewNetlinkRequest(request, unix.NLM_F_DUMP)
		req.AddData(header)
		if bodies, err = req.Execute(unix.NETLINK_ROUTE, answer); !errors.Is(err, nl.ErrDumpInterrupted) {
			return bodies, err
		}
	}
	return bodies, nil
}

// way asks the kernel for a route.
func way(a netip.Addr) (index int, err error) {
	routes, err := netlink.RouteGet(a.AsSlice())
	if err != nil || len(routes) == 0 {
		return 0, errors.Join(err, unix.ENETUNREACH)
	}
	return routes[0].LinkIndex, nil
}

// attributes gives the attributes of a route message: type and value. It stops at one that is malformed.
func attributes(b []byte) iter.Seq2[uint16, []byte] {
	const typeMask = 0x3fff // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofRtAttr {
			size, typ := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
			if size < unix.SizeofRtAttr || size > len(b) || !yield(typ&typeMask, b[unix.SizeofRtAttr:size]) {
				return
			}
			b = b[min((size+3)&^3, len(b)):]
		}
	}
}

// number returns the number in an attribute, 0 if it is too short.
func number(b []byte) int {
	switch {
	case len(b) >= 4:
		return int(binary.NativeEndian.Uint32(b))
	case len(b) >= 1:
		return int(b[0])
	}
	return 0
}

// parseLink reads the body of an RTM_NEWLINK.
func parseLink(b []byte) (link, bool) {
	if len(b) < unix.SizeofIfInfomsg {
		return link{}, false
	}
	m := nl.DeserializeIfInfomsg(b)
	l := link{index: int(m.Index), up: m.Flags&unix.IFF_UP != 0}
	elsewhere := false
	for typ, value := range attributes(b[unix.SizeofIfInfomsg:]) {
		switch typ {
		case unix.IFLA_IFNAME:
			l.name = unix.ByteSliceToString(value)
		case unix.IFLA_ADDRESS:
			copy(l.mac[:], value)
		case unix.IFLA_MASTER:
			l.master = number(value)
		case unix.IFLA_LINK:
			l.lower = number(value)
		case unix.IFLA_LINK_NETNSID:
			elsewhere = true
		case unix.IFLA_LINKINFO:
			l.parseInfo(value)
		}
	}
	if elsewhere {
		l.lower = 0
	}
	return l, l.name != ""
}

// parseInfo reads what the driver says.
func (l *link) parseInfo(b []byte) {
	for typ, value := range attributes(b) {
		switch {
		case typ == unix.IFLA_INFO_KIND:
			l.kind = unix.ByteSliceToString(value)
		case typ == unix.IFLA_INFO_DATA && l.kind == "bridge":
			l.parseBridge(value)
		case typ == unix.IFLA_INFO_DATA && l.kind == "macvlan":
			for typ, value := range attributes(value) {
				if typ == nl.IFLA_MACVLAN_MODE {
					l.mode = uint32(number(value))
				}
			}
		}
	}
}

// parseBridge reads what a bridge says about multicast.
func (l *link) parseBridge(b []byte) {
	for typ, value := range attributes(b) {
		switch typ {
		case nl.IFLA_BR_MCAST_SNOOPING:
			l.snooping = number(value) != 0
		case nl.IFLA_BR_MCAST_QUERIER:
			l.querier = number(value) != 0
		case attrQuerierState:
			for typ := range attributes(value) {
				l.otherQuerier = l.otherQuerier || typ == attrQuerierTimer6
			}
		}
	}
}

// parseAddress reads the body of an RTM_NEWADDR.
func parseAddress(b []byte) (address, bool) {
	if len(b) < unix.SizeofIfAddrmsg {
		return address{}, false
	}
	m := nl.DeserializeIfAddrmsg(b)
	a := address{link: int(m.Index), flags: uint32(m.Flags)}
	var local, peer netip.Addr
	for typ, value := range attributes(b[unix.SizeofIfAddrmsg:]) {
		switch typ {
		case unix.IFA_LOCAL:
			local, _ = netip.AddrFromSlice(value)
		case unix.IFA_ADDRESS:
			peer, _ = netip.AddrFromSlice(value)
		case unix.IFA_FLAGS:
			a.flags = uint32(number(value))
		case attrAddrProto:
			a.mark = uint8(number(value))
		}
	}
	if !local.IsValid() { // IPv6 without a peer
		local = peer
	}
	a.prefix = netip.PrefixFrom(local, int(m.Prefixlen))
	return a, a.prefix.IsValid()
}
