// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/bpf"
	"github.com/go-fhrp/fhrp/internal/frame"
)

// overlap is for how long both sockets of a port receive multicast packets after the tap began to: longer than any packet
// is under way from where the tap sees it to the raw socket.
const overlap = time.Second

// A tap is a packet socket (packet(7)) on the link of a port. It sends from virtual MAC addresses, and sees what comes
// in by the link before anything else does. The raw socket does not: what comes from the MAC address of a macvlan that
// is up, the advertisements of a rival, the kernel gives to that alone. So multicast packets are the tap's once there is
// one; the raw socket is the member of the groups, and receives what is sent to the host.
type tap struct {
	fd     int
	ready  bool
	outbox *batch

	// While the raw socket still has what came before, or was under way when the tap began to listen, each packet is
	// taken from one socket only: from the raw one if its stamp is before cut.
	listening bool
	cut       int64     // by the realtime clock, in ns; 0 if multicast packets are the tap's only
	rawUntil  time.Time // when the raw socket is not needed any more
}

// newTap returns a tap that sends. It does not receive before listen.
func newTap(l *link, ipv4 bool) (*tap, error) {
	if !l.ethernet {
		return nil, fmt.Errorf("no Ethernet: %w", errors.ErrUnsupported)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	setBuffer(fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, socketBuffer)
	setBuffer(fd, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF, socketBuffer)
	ignoreOutgoing(fd)
	err = cmp.Or(setOptions(fd, []option{
		{"SO_TIMESTAMPNS", unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1},
		{"SO_PRIORITY", unix.SOL_SOCKET, unix.SO_PRIORITY, socketPriority},
	}), bpf.Attach(fd, tapFilter(ipv4)))
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &tap{fd: fd, outbox: newBatch()}, nil
}

// listen makes the tap receive what comes by a link from now on. It has to be asked for all protocols: what is for one
// protocol only sees no packet that a macvlan takes.
func (t *tap) listen(l *link) error {
	at := unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: l.index}
	if err := unix.Bind(t.fd, &at); err != nil {
		return os.NewSyscallError("bind", err)
	}
	t.listening = true
	return nil
}

// ignoreOutgoing spares a packet socket what this host sends. Kernels before 4.20 don't know how: there the filter alone
// sorts it out.
func ignoreOutgoing(fd int) {
	_ = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
}

// networkOrder returns a number whose octets in memory are those of v in network byte order.
func networkOrder(v uint16) uint16 {
	b := [2]byte{byte(v >> 8), byte(v)}
	return binary.NativeEndian.Uint16(b[:])
}

// networkOrder32 does the same.
func networkOrder32(v uint32) uint32 {
	return binary.NativeEndian.Uint32(binary.BigEndian.AppendUint32(nil, v))
}

// encodeFrame fills in a message with a frame to be sent on a link.
func encodeFrame(m *message, l *link, mac [6]byte, class uint8, src, dst netip.Addr, payload []byte) {
	etherType := uint16(frame.EtherTypeIPv6)
	if dst.Is4() {
		etherType = frame.EtherTypeIPv4
	}
	m.data = frame.AppendIP(m.data, frame.MulticastMAC(dst), mac, class, src, dst, payload)
	name := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&m.name))
	*name = unix.RawSockaddrLinklayer{Family: unix.AF_PACKET, Protocol: networkOrder(etherType), Ifindex: int32(l.index)}
	m.nameLen = unix.SizeofSockaddrLinklayer
}

// decodeFrame reads a frame that the tap received; now is the time after it was.
func decodeFrame(m *message, now time.Time) (datagram, bool) {
	p, ok := frame.DecodeIP(m.data)
	if !ok || p.Src.IsMulticast() || p.Src.IsLoopback() { // martians, which the kernel drops
		return datagram{}, false
	}
	a := parseAncillary(m.control[:m.controlLen])
	return datagram{src: p.Src, dst: p.Dst, hopLimit: p.HopLimit, at: a.arrival(now), stamp: a.stamp.Nano(), payload: p.Payload}, true
}

// leaves reports whether a packet that the raw socket received is to be taken from there. There may be no tap.
func (t *tap) leaves(d datagram) bool {
	return t == nil || !t.listening || d.stamp < t.cut || !d.dst.IsMulticast()
}

// takes reports whether a packet that the tap received is to be taken from there.
func (t *tap) takes(d datagram) bool { return d.stamp >= t.cut }
