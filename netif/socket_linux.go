// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// protocol is the IP protocol number of VRRP and CARP.
	protocol = 112

	// hopLimit is the only one that receivers take who aren't told otherwise (RFC 9568 sections 5.1.1.3 and 5.1.2.3).
	hopLimit = 255

	// socketPriority is that of network control traffic (IEEE 802.1Q), the highest that needs no privileges.
	socketPriority = 6

	// socketBuffer is for some thousand packets, of which each counts for about 1 KiB.
	socketBuffer = 4 << 20
)

// A datagram is what decode makes of a message.
type datagram struct {
	src, dst netip.Addr
	hopLimit uint8
	at       time.Time
	stamp    int64 // of the arrival, by the realtime clock in ns
	payload  []byte
}

// A family is what IPv4 and IPv6 differ in.
type family interface {
	// domain is the address family of socket(2).
	domain() int

	// configure sets the options of a raw socket that is bound to a link.
	configure(fd int, l *link) error

	// join makes the socket a member of a group.
	join(fd int, l *link, group netip.Addr) error

	// leave ends the membership.
	leave(fd int, l *link, group netip.Addr) error

	// encode fills in a message to be sent on a link.
	encode(m *message, l *link, hopLimit uint8, src, dst netip.Addr, payload []byte)

	// decode reads a message received; now is the time after it was. It is not ok if the packet did not come by
	// the link.
	decode(m *message, l *link, now time.Time) (d datagram, ok bool)
}

// familyOf returns the family of a group.
func familyOf(group netip.Addr, dscp uint8) family {
	if group.Is4() {
		return inet4{tos: dscp << 2}
	}
	return inet6{trafficClass: dscp << 2}
}

// newSocket returns a raw socket of an IP protocol, of no link yet.
func newSocket(f family, protocol int) (int, error) {
	fd, err := unix.Socket(f.domain(), unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	return fd, os.NewSyscallError("socket", err)
}

// mayOpen returns why a raw socket can't be opened, which is for want of CAP_NET_RAW in most cases.
func mayOpen(f family, protocol int) error {
	fd, err := newSocket(f, protocol)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// openSocket returns a raw socket that sends and receives on one link, and is a member of the groups.
func openSocket(f family, protocol int, l *link, groups []netip.Addr) (int, error) {
	fd, err := newSocket(f, protocol)
	if err != nil {
		return -1, err
	}
	if err := setUp(fd, f, l, groups); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// setUp makes a new socket one of a link.
func setUp(fd int, f family, l *link, groups []netip.Addr) error {
	if err := bindToLink(fd, l); err != nil {
		return err
	}
	if err := f.configure(fd, l); err != nil {
		return err
	}
	for _, group := range groups {
		if err := f.join(fd, l, group); err != nil {
			return err
		}
	}
	return nil
}

// bindToLink sets what both families have in common. Packets that came by other links before it are told by
// their ancillary data.
func bindToLink(fd int, l *link) error {
	setBuffer(fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, socketBuffer)
	setBuffer(fd, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF, socketBuffer)
	if err := unix.BindToDevice(fd, l.name); err != nil {
		return optionError("SO_BINDTODEVICE", err)
	}
	return setOptions(fd, []option{
		{"SO_TIMESTAMPNS", unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1},
		{"SO_PRIORITY", unix.SOL_SOCKET, unix.SO_PRIORITY, socketPriority},
	})
}

// setBuffer sets the size of a socket buffer, to what the system's limit allows where there is no
// CAP_NET_ADMIN.
func setBuffer(fd, force, polite, size int) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, size) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, polite, size)
	}
}

// An option is a socket option with an int for a value.
type option struct {
	name       string
	level, opt int
	value      int
}

// setOptions sets options, up to the first that fails.
func setOptions(fd int, options []option) error {
	for _, o := range options {
		if err := unix.SetsockoptInt(fd, o.level, o.opt, o.value); err != nil {
			return optionError(o.name, err)
		}
	}
	return nil
}

// optionError says which socket option could not be set; nil stays nil.
func optionError(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, os.NewSyscallError("setsockopt", err))
}

// ancillary is what the kernel says about a packet beside its octets.
type ancillary struct {
	stamp    unix.Timespec
	index    int // of the link it came by
	dst      netip.Addr
	hopLimit uint8
}

// parseAncillary reads the control data of a message. What is missing is zero.
func parseAncillary(control []byte) ancillary {
	var a ancillary
	for len(control) >= unix.SizeofCmsghdr {
		h, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			break
		}
		control = rest
		switch {
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS:
			load(&a.stamp, data)
		case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_PKTINFO:
			var info unix.Inet4Pktinfo
			load(&info, data)
			a.index = int(info.Ifindex)
		case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_PKTINFO:
			var info unix.Inet6Pktinfo
			load(&info, data)
			a.index, a.dst = int(info.Ifindex), netip.AddrFrom16(info.Addr)
		case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_HOPLIMIT:
			var limit int32
			load(&limit, data)
			a.hopLimit = uint8(limit)
		}
	}
	return a
}

// load copies octets into a value that has no pointers, if there are enough for it.
func load[T any](v *T, data []byte) {
	if size := int(unsafe.Sizeof(*v)); len(data) >= size {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(v)), size), data)
	}
}

// arrival converts the time stamp of a packet, by the realtime clock, to a time with a monotonic reading that
// is not after now. A packet without a stamp arrived now.
func (a *ancillary) arrival(now time.Time) time.Time {
	sec, nsec := a.stamp.Unix()
	if sec == 0 {
		return now
	}
	return now.Add(-max(now.Sub(time.Unix(sec, nsec)), 0))
}
