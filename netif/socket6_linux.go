// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// inet6 is the family of IPv6. Raw sockets carry the payload only; the header is ancillary data. The kernel
// leaves the checksum to us, as IPV6_CHECKSUM is not set: CARP's has no pseudo-header.
type inet6 struct {
	trafficClass uint8
}

func (inet6) domain() int { return unix.AF_INET6 }

func (f inet6) configure(fd int, l *link) error {
	return setOptions(fd, []option{
		{"IPV6_RECVPKTINFO", unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1},
		{"IPV6_RECVHOPLIMIT", unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, 1},
		{"IPV6_MULTICAST_IF", unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, l.index},
		{"IPV6_MULTICAST_LOOP", unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP, 0},
		{"IPV6_MULTICAST_HOPS", unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, hopLimit},
		{"IPV6_UNICAST_HOPS", unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, hopLimit},
		{"IPV6_TCLASS", unix.IPPROTO_IPV6, unix.IPV6_TCLASS, int(f.trafficClass)},
	})
}

func (inet6) join(fd int, l *link, group netip.Addr) error {
	m := unix.IPv6Mreq{Multiaddr: group.As16(), Interface: uint32(l.index)}
	return optionError("IPV6_JOIN_GROUP", unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, &m))
}

func (inet6) leave(fd int, l *link, group netip.Addr) error {
	m := unix.IPv6Mreq{Multiaddr: group.As16(), Interface: uint32(l.index)}
	return optionError("IPV6_LEAVE_GROUP", unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_LEAVE_GROUP, &m))
}

// packetInfo is the ancillary data that says from which address and by which link a packet goes.
type packetInfo struct {
	header unix.Cmsghdr
	info   unix.Inet6Pktinfo
}

// limitInfo is the ancillary data that says with which hop limit a packet goes, where that isn't the socket's.
type limitInfo struct {
	header unix.Cmsghdr
	limit  int32
}

func (inet6) encode(m *message, l *link, limit uint8, src, dst netip.Addr, payload []byte) {
	m.data = append(m.data, payload...)
	m.name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: dst.As16(), Scope_id: uint32(l.index)}
	m.nameLen = unix.SizeofSockaddrInet6

	c := (*packetInfo)(unsafe.Pointer(&m.control))
	c.header.Level, c.header.Type = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO
	c.header.SetLen(unix.CmsgLen(unix.SizeofInet6Pktinfo))
	c.info = unix.Inet6Pktinfo{Addr: src.As16(), Ifindex: uint32(l.index)}
	m.controlLen = unix.CmsgSpace(unix.SizeofInet6Pktinfo)
	if limit == hopLimit {
		return
	}
	h := (*limitInfo)(unsafe.Pointer(&m.control[m.controlLen]))
	h.header.Level, h.header.Type = unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT
	h.header.SetLen(unix.CmsgLen(int(unsafe.Sizeof(h.limit))))
	h.limit = int32(limit)
	m.controlLen += unix.CmsgSpace(int(unsafe.Sizeof(h.limit)))
}

func (inet6) decode(m *message, l *link, now time.Time) (datagram, bool) {
	a := parseAncillary(m.control[:m.controlLen])
	if a.index != l.index {
		return datagram{}, false
	}
	return datagram{
		src:      netip.AddrFrom16(m.name.Addr),
		dst:      a.dst,
		hopLimit: a.hopLimit,
		at:       a.arrival(now),
		stamp:    a.stamp.Nano(),
		payload:  m.data,
	}, true
}
