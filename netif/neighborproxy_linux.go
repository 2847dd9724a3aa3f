// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/mdlayher/packet"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/frame"
)

// neighborPause is how often a link is looked for that has gone.
const neighborPause = time.Second

// neighborProxy is a goroutine that reads solicitations from a packet socket, which the runtime polls for it. Answers leave
// by another one, which it does not poll: see openPacket. A third socket is a member of the groups that solicitations go to,
// which tells the link and the switches that they are wanted.
type neighborProxy struct {
	name       string
	log        *slog.Logger
	conn       *packet.Conn
	fd         int      // of conn, valid until it is closed
	answers    int      // socket that sends, -1 after close
	groups     int      // socket for memberships, -1 after close
	settings   *os.Root // the links' IPv6 settings in this namespace, nil if there are none
	forwarding way      // has only what it takes to ask whether the link forwards
	done       chan struct{}
	end        chan struct{}

	mu    sync.Mutex // guards what follows, and answers as they leave
	index int
	addrs map[netip.Addr][6]byte
}

func openNeighborProxy(name string, log *slog.Logger) (*neighborProxy, error) {
	p := &neighborProxy{name: name, log: log, groups: -1, addrs: map[netip.Addr][6]byte{}, done: make(chan struct{}), end: make(chan struct{})}
	if err := p.open(); err != nil {
		return nil, errors.Join(p.fail(err), p.shut())
	}
	p.attach()
	go p.run()
	return p, nil
}

// fail names the link in an error.
func (p *neighborProxy) fail(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("netif: %s: neighbour proxy: %w", p.name, err)
}

// open opens the sockets. They are on no link yet: the packet socket has no protocol to receive.
func (p *neighborProxy) open() error {
	if link, err := net.InterfaceByName(p.name); err == nil && len(link.HardwareAddr) != len([6]byte{}) {
		return fmt.Errorf("no Ethernet: %w", errors.ErrUnsupported)
	}
	p.answers = -1
	filter, err := bpf.Assemble(solicitationFilter(nil))
	if err != nil {
		return err
	}
	if p.conn, err = packet.Listen(&net.Interface{}, packet.Raw, 0, &packet.Config{Filter: filter}); err != nil {
		return err
	}
	raw, err := p.conn.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { p.fd = int(fd) })
	}
	if err != nil {
		return err
	}
	ignoreOutgoing(p.fd)
	if p.answers, err = openPacket(&link{}, 0, nil); err != nil {
		return err
	}
	p.settings, _ = os.OpenRoot("/proc/sys/net/ipv6/conf")
	p.groups, err = unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	return os.NewSyscallError("socket", err)
}

// shut closes the sockets.
func (p *neighborProxy) shut() (err error) {
	if p.conn != nil {
		err = p.conn.Close()
	}
	p.forget()
	if p.settings != nil {
		p.settings.Close()
	}
	for _, fd := range []int{p.answers, p.groups} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	p.answers, p.groups = -1, -1
	return err
}

// forget closes the settings of the link.
func (p *neighborProxy) forget() {
	if f := p.forwarding.forwarding; f != nil {
		f.Close()
	}
	p.forwarding = way{}
}

// look opens the settings of the link, which are others when it is made anew.
func (p *neighborProxy) look() {
	p.forget()
	if p.settings != nil {
		p.forwarding.forwarding, _ = p.settings.Open(p.name + "/forwarding")
	}
}

func (p *neighborProxy) answer(addr netip.Addr, mac [6]byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.groups < 0 {
		return p.fail(net.ErrClosed)
	}
	_, known := p.addrs[addr]
	if p.addrs[addr] = mac; known {
		return nil
	}
	err := errors.Join(p.join(addr), p.refilter())
	if err != nil {
		delete(p.addrs, addr) // the next call tries again
	}
	return p.fail(err)
}

func (p *neighborProxy) ignore(addr netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.addrs[addr]; !known || p.groups < 0 {
		return
	}
	delete(p.addrs, addr)
	group := frame.SolicitedNode(addr)
	for other := range p.addrs {
		if frame.SolicitedNode(other) == group {
			return
		}
	}
	// The link may have gone, and the membership with it.
	_ = unix.SetsockoptIPv6Mreq(p.groups, unix.IPPROTO_IPV6, unix.IPV6_LEAVE_GROUP, &unix.IPv6Mreq{Multiaddr: group.As16(), Interface: uint32(p.index)})
	_ = p.refilter() // what comes is looked at again
}

// join has the link take the solicitations for an address.
func (p *neighborProxy) join(addr netip.Addr) error {
	if p.index == 0 {
		return nil // attach will
	}
	group := frame.SolicitedNode(addr)
	err := unix.SetsockoptIPv6Mreq(p.groups, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, &unix.IPv6Mreq{Multiaddr: group.As16(), Interface: uint32(p.index)})
	if errors.Is(err, unix.EADDRINUSE) {
		return nil // for another address with these last octets
	}
	return os.NewSyscallError("setsockopt", err)
}

// refilter tells the kernel which solicitations are of interest.
func (p *neighborProxy) refilter() error {
	filter, err := bpf.Assemble(solicitationFilter(keysOf(p.addrs)))
	if err != nil {
		return err
	}
	return p.conn.SetBPF(filter)
}

func keysOf(addrs map[netip.Addr][6]byte) []keyRange {
	var keys []uint32
	for a := range addrs {
		keys = append(keys, claimKey(a))
	}
	return keyRanges(keys)
}

// solicitationFilter lets neighbour solicitations through whose targets are in the ranges, unless they are meant for other
// hosts.
func solicitationFilter(ranges []keyRange) []bpf.Instruction {
	const (
		nextHeader, icmpv6     = 20, 58
		icmpType, solicitation = 54, 135
		target                 = 62
		lastOfUs               = unix.PACKET_MULTICAST
	)
	return slices.Concat([]bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: lastOfUs, SkipTrue: 1},
		drop(),
		bpf.LoadAbsolute{Off: nextHeader, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: icmpv6, SkipTrue: 1},
		drop(),
		bpf.LoadAbsolute{Off: icmpType, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: solicitation, SkipTrue: 1},
		drop(),
	}, loadKey(target), inRanges(ranges))
}

// run answers until close.
func (p *neighborProxy) run() {
	defer close(p.done)
	b := make([]byte, 2048) // more than there is in a solicitation
	for attached := p.attached(); ; attached = p.attach() {
		for attached {
			n, _, err := p.conn.ReadFrom(b)
			if err != nil {
				break // it is closed, or the link is down or has gone
			}
			if s, ok := frame.DecodeSolicitation(b[:n]); ok {
				p.reply(s)
			}
		}
		select {
		case <-p.end:
			return
		case <-time.After(neighborPause):
		}
	}
}

// reply answers a solicitation.
func (p *neighborProxy) reply(s frame.Solicitation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mac, ok := p.addrs[s.Target]
	if !ok || p.groups < 0 { // the sockets are closed
		return
	}
	if mac == ([6]byte{}) {
		if mac, ok = p.mac(); !ok {
			return
		}
	}
	b := frame.AppendAnswer(nil, mac, s, p.forwarding.isRouter())
	to := &unix.SockaddrLinklayer{Ifindex: p.index} // the frame has the rest
	if err := unix.Sendto(p.answers, b, unix.MSG_DONTWAIT, to); err != nil {
		p.log.Debug("neighbour proxy: no answer", "link", p.name, "addr", s.Target, "err", err)
	}
}

// mac returns the MAC address that the link has.
func (p *neighborProxy) mac() ([6]byte, bool) {
	name, err := unix.Getsockname(p.fd)
	ll, ok := name.(*unix.SockaddrLinklayer)
	if err != nil || !ok || ll.Halen != 6 {
		return [6]byte{}, false
	}
	return [6]byte(ll.Addr[:]), true
}

// attach binds the sockets to the link that has the name, and reports whether there is one.
func (p *neighborProxy) attach() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.groups < 0 {
		return false
	}
	p.index = 0
	request, err := unix.NewIfreq(p.name)
	if err != nil || unix.IoctlIfreq(p.groups, unix.SIOCGIFINDEX, request) != nil {
		return false
	}
	index := int(int32(request.Uint32()))
	if err := unix.Bind(p.fd, &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_IPV6), Ifindex: index}); err != nil {
		p.log.Warn("neighbour proxy: not on the link", "link", p.name, "err", err)
		return false
	}
	p.index = index
	p.look()
	for addr := range p.addrs {
		if err := p.join(addr); err != nil {
			p.log.Warn("neighbour proxy: solicitations are not heard", "link", p.name, "addr", addr, "err", err)
		}
	}
	return true
}

// attached reports whether there was a link.
func (p *neighborProxy) attached() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.index != 0
}

func (p *neighborProxy) close() error {
	p.mu.Lock()
	if p.groups < 0 {
		p.mu.Unlock()
		return nil
	}
	close(p.end)
	err := p.shut()
	p.mu.Unlock()
	<-p.done
	return p.fail(err)
}
