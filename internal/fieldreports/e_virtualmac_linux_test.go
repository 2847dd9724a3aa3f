// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// virtualMAC gives virtual routers of a host their MAC addresses, and returns the names of the interfaces that have them.
func (b *bench) virtualMAC(host string, cfgs []vrrp.VirtualRouterConfig) (names []string) {
	b.Helper()
	sysctls := new(netif.Sysctls)
	for i := range cfgs {
		var macvlan *netif.Macvlan
		var keeper *vip.Keeper
		err := b.host(host).Do(func() (err error) {
			cfg := netif.MacvlanConfig{Parent: cfgs[i].Link, VRID: cfgs[i].VRID, IPv6: cfgs[i].Addresses[0].Addr().Is6(), Sysctls: sysctls}
			if macvlan, err = netif.AddMacvlan(cfg); err != nil {
				return err
			}
			device, err := vip.Open(macvlan.Name(), nil)
			if err == nil {
				keeper, err = vip.Keep(device, nil)
			}
			return err
		})
		if errors.Is(err, errors.ErrUnsupported) {
			b.Skip(err)
		}
		b.must(err)
		b.Cleanup(func() { b.must(errors.Join(keeper.Close(), macvlan.Remove())) })
		cfgs[i].VirtualMAC, cfgs[i].Backend = true, vip.NewRaiser(keeper, macvlan)
		names = append(names, macvlan.Name())
	}
	return names
}

// vmacNode is a node whose virtual routers have MAC addresses of their own.
type vmacNode struct {
	*node
	links []string // of the virtual routers
	mute  *mute
}

// both returns a virtual router of each family.
func both(priority uint8) []vrrp.VirtualRouterConfig {
	return []vrrp.VirtualRouterConfig{steady(virtual(priority)), steady(virtual(priority, ipv6VIPs()...))}
}

// startVirtualMAC runs a router with virtual routers that have MAC addresses of their own.
func (b *bench) startVirtualMAC(host string, cfgs ...vrrp.VirtualRouterConfig) *vmacNode {
	b.Helper()
	n := &vmacNode{links: b.virtualMAC(host, cfgs), mute: &mute{}}
	n.node = b.startWith(host, setup{Virtual: cfgs, Before: func(network *netif.Network) vrrp.Network {
		n.mute.Network = network
		return n.mute
	}})
	return n
}

// holdsAll reports whether each virtual router has its addresses on its own link, holdsAny whether one has one of them.
func (n *vmacNode) holdsAll() bool { return n.held() == n.wanted() }
func (n *vmacNode) holdsAny() bool { return n.held() > 0 }

// held returns how many of the addresses of both there are.
func (n *vmacNode) held() (count int) {
	n.Helper()
	for _, link := range n.links {
		n.within(n.host, func() error {
			ifi, err := net.InterfaceByName(link)
			if err != nil {
				return err
			}
			addrs, err := ifi.Addrs()
			count += len(addrs)
			return err
		})
	}
	return count
}

// wanted returns how many there are to be.
func (n *vmacNode) wanted() (count int) {
	for i := range n.links {
		if count++; n.virtual[i].Status().Source.Is6() {
			count++
		}
	}
	return count
}

// isUp reports whether any of the links is administratively up.
func (n *vmacNode) isUp() (up bool) {
	n.Helper()
	for _, link := range n.links {
		n.within(n.host, func() error {
			ifi, err := net.InterfaceByName(link)
			up = up || err == nil && ifi.Flags&net.FlagUp != 0
			return err
		})
	}
	return up
}

// A mute is a network that, once it is silent, neither sends nor receives: that of a router that hangs.
type mute struct {
	*netif.Network
	silent atomic.Bool
}

func (m *mute) Queue(port int, mac [6]byte, src, dst netip.Addr, payload []byte) {
	if !m.silent.Load() {
		m.Network.Queue(port, mac, src, dst, payload)
	}
}

func (m *mute) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	m.Network.Receive(func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
		if !m.silent.Load() {
			f(port, src, dst, hopLimit, at, payload)
		}
	})
}

func (m *mute) Claims(f func(port int, addr netip.Addr, mac [6]byte)) {
	m.Network.Claims(func(port int, addr netip.Addr, mac [6]byte) {
		if !m.silent.Load() {
			f(port, addr, mac)
		}
	})
}

// vmac4 and vmac6 are the MAC addresses of both.
func vmac4() [6]byte { return netif.VirtualMAC(51, false) }
func vmac6() [6]byte { return netif.VirtualMAC(51, true) }

// A tap has the frames that come in at a port of the switch.
type tap struct {
	*bench
	fd int
}

// tapPort listens at a port of the switch, port0.0 and so on.
func (b *bench) tapPort(port string) *tap {
	b.Helper()
	ifi, err := net.InterfaceByName(port)
	b.must(err)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	b.must(err)
	b.Cleanup(func() { unix.Close(fd) })
	b.must(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<20))
	const all = unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8
	b.must(unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: ifi.Index}))
	return &tap{b, fd}
}

// frames returns those that have come in since it was last asked.
func (t *tap) frames() (all []seen) {
	t.Helper()
	buf := make([]byte, 65536)
	for {
		n, from, err := unix.Recvfrom(t.fd, buf, 0)
		if errors.Is(err, unix.EAGAIN) {
			return all
		}
		if errors.Is(err, unix.EINTR) {
			continue
		}
		t.must(err)
		if l, ok := from.(*unix.SockaddrLinklayer); !ok || l.Pkttype == unix.PACKET_OUTGOING || n < 14 {
			continue
		}
		s := seen{at: time.Now(), kind: other, dst: [6]byte(buf), src: [6]byte(buf[6:]), raw: slices.Clone(buf[:n])}
		s.classify()
		all = append(all, s)
	}
}
