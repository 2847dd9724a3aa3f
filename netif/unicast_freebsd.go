// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtsock"
)

const (
	// protocol is the IP protocol number of VRRP and CARP.
	protocol = 112

	// hopLimit is the only one that receivers take (RFC 9568 sections 5.1.1.3 and 5.1.2.3).
	hopLimit = 255
)

// unicast is raw sockets for packets to single hosts, opened when they are needed first. They receive nothing: the
// kernel has no room to keep a packet for them.
type unicast struct {
	class   uint8 // type of service, traffic class
	four    int   // -1 is closed
	six     int
	control [8]uint64 // ancillary data of the call that goes on
}

// newUnicast returns sockets that are not open.
func newUnicast(dscp uint8) unicast { return unicast{class: dscp << 2, four: -1, six: -1} }

// close closes the sockets.
func (u *unicast) close() {
	for _, fd := range []int{u.four, u.six} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	u.four, u.six = -1, -1
}

// An option is a socket option with an int for a value.
type option struct {
	name       string
	level, opt int
	value      int
}

// openRaw returns a raw socket with some options set.
func openRaw(domain int, options []option) (int, error) {
	fd, err := unix.Socket(domain, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	for _, o := range append(options, option{"SO_RCVBUF", unix.SOL_SOCKET, unix.SO_RCVBUF, 1}) {
		if err := optionError(o.name, unix.SetsockoptInt(fd, o.level, o.opt, o.value)); err != nil {
			unix.Close(fd)
			return -1, err
		}
	}
	return fd, nil
}

// send4 sends a packet with its IP header. The kernel fills in the identification and the header checksum (ip(4)).
func (u *unicast) send4(dst netip.Addr, b []byte) error {
	if u.four < 0 {
		fd, err := openRaw(unix.AF_INET, []option{{"IP_HDRINCL", unix.IPPROTO_IP, unix.IP_HDRINCL, 1}})
		if err != nil {
			return err
		}
		u.four = fd
	}
	return os.NewSyscallError("sendto", unix.Sendto(u.four, b, 0, &unix.SockaddrInet4{Addr: dst.As4()}))
}

// send6 sends the payload of a packet, by a link. The kernel leaves the checksum to us, as IPV6_CHECKSUM is not set.
func (u *unicast) send6(l *rtsock.Link, src, dst netip.Addr, payload []byte) error {
	if u.six < 0 {
		fd, err := openRaw(unix.AF_INET6, []option{
			{"IPV6_UNICAST_HOPS", unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, hopLimit},
			{"IPV6_TCLASS", unix.IPPROTO_IPV6, unix.IPV6_TCLASS, int(u.class)},
		})
		if err != nil {
			return err
		}
		u.six = fd
	}
	to := unix.SockaddrInet6{Addr: dst.As16()}
	if dst.IsLinkLocalUnicast() {
		to.ZoneId = uint32(l.Index)
	}
	return os.NewSyscallError("sendmsg", unix.Sendmsg(u.six, payload, u.packetInfo(l, src), &to, 0))
}

// packetInfo returns the ancillary data that says from which address and by which link a packet goes (RFC 3542 section
// 6). The data begins where the header, aligned, ends.
func (u *unicast) packetInfo(l *rtsock.Link, src netip.Addr) []byte {
	b := unsafe.Slice((*byte)(unsafe.Pointer(&u.control)), unix.CmsgSpace(unix.SizeofInet6Pktinfo))
	clear(b)
	header := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	header.Level, header.Type = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO
	header.SetLen(unix.CmsgLen(unix.SizeofInet6Pktinfo))
	info := (*unix.Inet6Pktinfo)(unsafe.Pointer(&b[unix.CmsgLen(0)]))
	*info = unix.Inet6Pktinfo{Addr: src.As16(), Ifindex: uint32(l.Index)}
	return b
}
