// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtsock"
)

// openMember returns a socket that is a member of some groups of one family on a link, so that the link receives their
// frames. It is bound to no port, and no packet comes to it.
func openMember(l *rtsock.Link, groups []netip.Addr) (int, error) {
	domain := unix.AF_INET6
	if groups[0].Is4() {
		domain = unix.AF_INET
	}
	fd, err := unix.Socket(domain, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	for _, group := range groups {
		if err := joinGroup(fd, l, group); err != nil {
			unix.Close(fd)
			return -1, err
		}
	}
	return fd, nil
}

// joinGroup makes a socket a member of a group.
func joinGroup(fd int, l *rtsock.Link, group netip.Addr) error {
	if group.Is4() {
		m := unix.IPMreqn{Multiaddr: group.As4(), Ifindex: int32(l.Index)}
		return optionError("IP_ADD_MEMBERSHIP", unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP, &m))
	}
	m := unix.IPv6Mreq{Multiaddr: group.As16(), Interface: uint32(l.Index)}
	return optionError("IPV6_JOIN_GROUP", unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, &m))
}

// optionError says which socket option could not be set; nil stays nil.
func optionError(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, os.NewSyscallError("setsockopt", err))
}
