// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

const (
	// socketPriority is that of network control traffic (IEEE 802.1Q), the highest that needs no privileges.
	socketPriority = 6

	// socketBuffer is for some thousand packets, of which each counts for about 1 KiB.
	socketBuffer = 4 << 20
)

// A sender sends packets with the headers they are given. It has one socket a family, for all links: a packet says by
// which one it goes.
type sender struct{ inet, inet6 socket }

// A socket is a descriptor, or why there is none.
type socket struct {
	fd  int
	err error
}

// newSender opens the sockets. They never receive anything.
func newSender() *sender {
	return &sender{
		inet:  openSocket(unix.AF_INET, unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP),
		inet6: openSocket(unix.AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP),
	}
}

// openSocket opens a socket for sending only. Protocol IPPROTO_RAW means that, and that packets have their header.
// Level and loop are the option that makes multicast packets come back, which is switched off.
func openSocket(domain, level, loop int) socket {
	fd, err := unix.Socket(domain, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_RAW)
	if err != nil {
		return socket{err: os.NewSyscallError("socket", err)}
	}
	// None of these is worth failing for.
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, socketBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, socketBuffer)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PRIORITY, socketPriority)
	_ = unix.SetsockoptInt(fd, level, loop, 0)
	return socket{fd: fd}
}

// usable returns why nothing can be sent. A host may well have one family only.
func (s *sender) usable() error {
	if s.inet6.err == nil {
		return nil
	}
	return s.inet.err
}

// send sends the goodbye of a will. It does not block.
func (s *sender) send(w *will) error {
	out := s.inet
	if w.dst.Is6() {
		out = s.inet6
	}
	if out.err != nil {
		return out.err
	}
	index, err := linkIndex(out.fd, w.link)
	if err != nil {
		return err
	}
	by, to := route(w.dst, index)
	for {
		err := unix.Sendmsg(out.fd, packet(w.src, w.dst, w.goodbye), by, to, 0)
		if err != unix.EINTR {
			return os.NewSyscallError("sendmsg", err)
		}
	}
}

// linkIndex returns the number of the link of that name, which may be another one each time.
func linkIndex(fd int, name string) (int, error) {
	r, err := unix.NewIfreq(name)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, r)
	}
	if err != nil {
		return 0, fmt.Errorf("link %s: %w", name, err)
	}
	return int(r.Uint32()), nil
}

// route returns the ancillary data that says by which link a packet goes, and the address it goes to.
func route(dst netip.Addr, index int) (by []byte, to unix.Sockaddr) {
	if dst.Is4() {
		return unix.PktInfo4(&unix.Inet4Pktinfo{Ifindex: int32(index)}), &unix.SockaddrInet4{Addr: dst.As4()}
	}
	return unix.PktInfo6(&unix.Inet6Pktinfo{Ifindex: uint32(index)}),
		&unix.SockaddrInet6{Addr: dst.As16(), ZoneId: uint32(index)}
}
