// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Layout of an IPv4 header (RFC 791 section 3.1).
const (
	ipv4LengthOffset = 2
	ipv4TTLOffset    = 8
	ipv4SourceOffset = 12
	ipv4TargetOffset = 16
	ipv4Len          = 20
)

// inet4 is the family of IPv4. Raw sockets get packets with their IP header, and here send them with it, too.
type inet4 struct {
	tos uint8
}

func (inet4) domain() int { return unix.AF_INET }

func (inet4) configure(fd int, l *link) error {
	m := unix.IPMreqn{Ifindex: int32(l.index)}
	if err := unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, &m); err != nil {
		return optionError("IP_MULTICAST_IF", err)
	}
	return setOptions(fd, []option{
		{"IP_HDRINCL", unix.IPPROTO_IP, unix.IP_HDRINCL, 1},
		{"IP_PKTINFO", unix.IPPROTO_IP, unix.IP_PKTINFO, 1},
		{"IP_MULTICAST_ALL", unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0},
		{"IP_MULTICAST_LOOP", unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 0},
		{"SO_BROADCAST", unix.SOL_SOCKET, unix.SO_BROADCAST, 1},
	})
}

func (inet4) join(fd int, l *link, group netip.Addr) error {
	m := unix.IPMreqn{Multiaddr: group.As4(), Ifindex: int32(l.index)}
	return optionError("IP_ADD_MEMBERSHIP", unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP, &m))
}

func (inet4) leave(fd int, l *link, group netip.Addr) error {
	m := unix.IPMreqn{Multiaddr: group.As4(), Ifindex: int32(l.index)}
	return optionError("IP_DROP_MEMBERSHIP", unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_DROP_MEMBERSHIP, &m))
}

// encode leaves the total length, the identification and the header checksum to the kernel (raw(7)).
func (f inet4) encode(m *message, _ *link, hopLimit uint8, src, dst netip.Addr, payload []byte) {
	const dontFragment = 0x40
	s, d := src.As4(), dst.As4()
	m.data = append(m.data, 0x45, f.tos, 0, 0, 0, 0, dontFragment, 0, hopLimit, protocol, 0, 0)
	m.data = append(m.data, s[:]...)
	m.data = append(m.data, d[:]...)
	m.data = append(m.data, payload...)

	name := (*unix.RawSockaddrInet4)(unsafe.Pointer(&m.name))
	*name = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: d}
	m.nameLen = unix.SizeofSockaddrInet4
}

// decode trusts the total length of the header: what is behind it is padding. What was cut off for want of room
// is missing from the payload.
func (inet4) decode(m *message, l *link, now time.Time) (datagram, bool) {
	a := parseAncillary(m.control[:m.controlLen])
	b := m.data
	if len(b) < ipv4Len || a.index != l.index {
		return datagram{}, false
	}
	header, total := int(b[0]&0x0f)*4, min(int(binary.BigEndian.Uint16(b[ipv4LengthOffset:])), len(b))
	if header < ipv4Len || total < header {
		return datagram{}, false
	}
	return datagram{
		src:      netip.AddrFrom4([4]byte(b[ipv4SourceOffset:])),
		dst:      netip.AddrFrom4([4]byte(b[ipv4TargetOffset:])),
		hopLimit: b[ipv4TTLOffset],
		at:       a.arrival(now),
		stamp:    a.stamp.Nano(),
		payload:  b[header:total],
	}, true
}
