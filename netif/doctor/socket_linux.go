// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	filters "github.com/go-fhrp/fhrp/internal/bpf"
)

// tokenLen is the length of the packet that a host sends to itself. It begins with a zero octet, the type of no
// advertisement, and is else random.
const tokenLen = 16

// newListener opens the sockets.
func newListener(s *subject) (*listener, error) {
	l := &listener{station: newStation(s), raw: -1, tap: -1, token: make([]byte, tokenLen)}
	_, _ = rand.Read(l.token[1:]) // never fails
	var err error
	if l.raw, err = openRaw(s); err == nil {
		l.tap, err = openTap(s)
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// close closes the sockets.
func (l *listener) close() {
	for _, fd := range []int{l.raw, l.tap} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// sendToItself sends a packet to the group with a hop limit of 0, with which it comes back and does not leave the host
// (RFC 1112 section 6.1). Where nobody uses the group nothing is sent.
func (l *listener) sendToItself() {
	if !l.multicast() {
		l.returned = true
		return
	}
	var to unix.Sockaddr = &unix.SockaddrInet4{Addr: [4]byte(group(false).AsSlice())}
	if l.ipv6 {
		to = &unix.SockaddrInet6{Addr: group(true).As16(), ZoneId: uint32(l.link.index)}
	}
	l.sent = os.NewSyscallError("sendto", unix.Sendto(l.raw, l.token, 0, to))
}

// openRaw opens a socket as a daemon of VRRP or CARP has, but that it sends to itself and to nobody else.
func openRaw(s *subject) (int, error) {
	domain := unix.AF_INET
	if s.ipv6 {
		domain = unix.AF_INET6
	}
	fd, err := unix.Socket(domain, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	set := setRaw4
	if s.ipv6 {
		set = setRaw6
	}
	if err = unix.BindToDevice(fd, s.name); err == nil {
		err = set(fd, s)
	}
	if err != nil {
		unix.Close(fd)
		return -1, os.NewSyscallError("setsockopt", err)
	}
	return fd, nil
}

// setRaw4 sets the options of an IPv4 socket.
func setRaw4(fd int, s *subject) error {
	m := unix.IPMreqn{Multiaddr: group(false).As4(), Ifindex: int32(s.link.index)}
	for _, opt := range []int{unix.IP_MULTICAST_IF, unix.IP_ADD_MEMBERSHIP} {
		if opt == unix.IP_ADD_MEMBERSHIP && !s.multicast() {
			continue
		}
		if err := unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, opt, &m); err != nil {
			return err
		}
	}
	return setOptions(fd, unix.IPPROTO_IP, map[int]int{unix.IP_MULTICAST_TTL: 0, unix.IP_MULTICAST_LOOP: 1})
}

// setRaw6 sets the options of an IPv6 socket.
func setRaw6(fd int, s *subject) error {
	m := unix.IPv6Mreq{Multiaddr: group(true).As16(), Interface: uint32(s.link.index)}
	if s.multicast() {
		if err := unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, &m); err != nil {
			return err
		}
	}
	return setOptions(fd, unix.IPPROTO_IPV6, map[int]int{
		unix.IPV6_MULTICAST_IF: s.link.index, unix.IPV6_MULTICAST_HOPS: 0, unix.IPV6_MULTICAST_LOOP: 1,
	})
}

// setOptions sets options with a number for a value.
func setOptions(fd, level int, options map[int]int) error {
	for opt, value := range options {
		if err := unix.SetsockoptInt(fd, level, opt, value); err != nil {
			return fmt.Errorf("option %d: %w", opt, err)
		}
	}
	return nil
}

// openTap opens a packet socket that sees what comes by the link before anything in the host can drop it, as
// tcpdump does.
func openTap(s *subject) (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0) // 0: nothing before bind
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err := filters.Attach(fd, tapFilter(s.ipv6)); err != nil {
		unix.Close(fd)
		return -1, err
	}
	all := binary.NativeEndian.Uint16([]byte{unix.ETH_P_ALL >> 8, unix.ETH_P_ALL})
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: s.link.index}); err != nil {
		unix.Close(fd)
		return -1, os.NewSyscallError("bind", err)
	}
	return fd, nil
}

// tapFilter lets packets of protocol 112 through that others sent to this host, by this link and not by a VLAN on it.
func tapFilter(ipv6 bool) []bpf.Instruction {
	etherType, next := uint32(unix.ETH_P_IP), uint32(9)
	if ipv6 {
		etherType, next = unix.ETH_P_IPV6, 6
	}
	return []bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: unix.PACKET_MULTICAST, SkipTrue: 7}, // else to this host, broadcast, multicast
		bpf.LoadExtension{Num: bpf.ExtVLANTagPresent},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 5},
		bpf.LoadExtension{Num: bpf.ExtProto},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: etherType, SkipTrue: 3},
		bpf.LoadAbsolute{Off: next, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: protocol, SkipTrue: 1},
		bpf.RetConstant{Val: 1 << 18},
		bpf.RetConstant{Val: 0},
	}
}
