// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net"
	"net/netip"
	"time"

	"github.com/mdlayher/packet"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/frame"
)

// claims is a packet socket that sees the announcements of other hosts on a link.
type claims struct {
	conn  *packet.Conn
	fd    int
	ready bool
}

// openClaims returns a packet socket for gratuitous ARP or unsolicited neighbour advertisements, nil if the
// link is no Ethernet.
func openClaims(l *link, ipv4 bool) (*claims, error) {
	if !l.ethernet {
		return nil, nil
	}
	etherType, program := frame.EtherTypeIPv6, naFilter()
	if ipv4 {
		etherType, program = frame.EtherTypeARP, arpFilter()
	}
	filter, err := bpf.Assemble(program)
	if err != nil {
		return nil, err
	}
	conn, err := packet.Listen(&net.Interface{Index: l.index}, packet.Raw, etherType, &packet.Config{Filter: filter})
	if err != nil {
		return nil, err
	}
	c := &claims{conn: conn}
	raw, err := conn.SyscallConn()
	if err == nil {
		// The number stays valid until close, which is for the same goroutine to call as poll and receive.
		err = raw.Control(func(fd uintptr) { c.fd = int(fd) })
		setBuffer(c.fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, socketBuffer)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

// close closes the socket, if there is one.
func (c *claims) close() {
	if c != nil {
		c.conn.Close()
	}
}

// Verdicts of a socket filter: how many octets of the frame to keep.
func accept() bpf.Instruction { return bpf.RetConstant{Val: 1 << 18} }
func drop() bpf.Instruction   { return bpf.RetConstant{Val: 0} }

// arpFilter lets ARP packets through whose sender and target protocol address are the same. frame.Claim looks
// closer.
func arpFilter() []bpf.Instruction {
	const sender, target = 28, 38
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: sender, Size: 4},
		bpf.TAX{},
		bpf.LoadAbsolute{Off: target, Size: 4},
		bpf.JumpIfX{Cond: bpf.JumpEqual, SkipFalse: 1},
		accept(),
		drop(),
	}
}

// naFilter lets neighbour advertisements through that are not solicited. The kernel runs it on every IPv6
// packet that comes in by the link, so the first thing looked at sorts most of them out.
func naFilter() []bpf.Instruction {
	const (
		nextHeader, icmpv6      = 20, 58
		icmpType, advertisement = 54, 136
		flags, solicited        = 58, 0x40
	)
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: nextHeader, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: icmpv6, SkipTrue: 5},
		bpf.LoadAbsolute{Off: icmpType, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: advertisement, SkipTrue: 3},
		bpf.LoadAbsolute{Off: flags, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: solicited, SkipTrue: 1},
		accept(),
		drop(),
	}
}

// claims hands over what other hosts announced on any port. A packet socket for one protocol does not see what
// this host sends; what a switch sends back does not count either.
func (n *network) claims(f func(port int, addr netip.Addr, mac [6]byte)) {
	for _, p := range n.ports {
		if p == nil || p.claims == nil || !p.claims.ready {
			continue
		}
		p.claims.ready = n.drain(p.claims.fd, p.name, func(m *message, _ time.Time) {
			if addr, ok := frame.Claim(m.data); ok && frame.Source(m.data) != p.link.mac {
				f(p.number, addr, frame.Source(m.data))
			}
		})
	}
}
