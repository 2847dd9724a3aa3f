// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"log/slog"
	"net/netip"
)

// A NeighborProxy answers neighbour solicitations on a link for IPv6 addresses that this host has on another one, a dummy
// interface as a rule: the kernel answers ARP requests for those, but solicitations for the addresses of the link only.
//
// It answers as long as the process lives and runs. The kernel's own proxy (ip-neighbour(8), proxy) goes on answering for a
// process that was killed or froze, when another host has the address already, and takes a host that is a router; this one
// needs no setting. It is safe for concurrent use.
//
// It stays in the network namespace of the thread that called OpenNeighborProxy. The link need not exist yet: it is known
// by its name, also when it is made anew.
type NeighborProxy struct {
	sys *neighborProxy
}

// OpenNeighborProxy returns a proxy that answers for nothing yet. The logger takes what is not worth an error, nil means
// silent.
//
// It needs CAP_NET_RAW, and the error matches [os.ErrPermission] if that is missing, and [errors.ErrUnsupported] if the link
// is no Ethernet, or this is not Linux.
func OpenNeighborProxy(link string, log *slog.Logger) (*NeighborProxy, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	sys, err := openNeighborProxy(link, log)
	if err != nil {
		return nil, err
	}
	return &NeighborProxy{sys}, nil
}

// Answer has it answer for an address from now on: that it is at mac, or at the MAC address that the link has by then if
// that is the zero value. One that it answers for already is changed.
func (p *NeighborProxy) Answer(addr netip.Addr, mac [6]byte) error {
	addr = addr.WithZone("")
	if !addr.Is6() || addr.Is4In6() || addr.IsMulticast() || addr.IsUnspecified() {
		return fmt.Errorf("netif: neighbour proxy: %v is no IPv6 unicast address", addr)
	}
	return p.sys.answer(addr, mac)
}

// Ignore ends Answer. An address that it doesn't answer for is no error. No answer leaves after it has returned.
func (p *NeighborProxy) Ignore(addr netip.Addr) { p.sys.ignore(addr.WithZone("")) }

// Close ends all of it. It must be the last call; a second one does nothing.
func (p *NeighborProxy) Close() error { return p.sys.close() }
