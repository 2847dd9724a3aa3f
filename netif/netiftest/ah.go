// SPDX-License-Identifier: Apache-2.0

package netiftest

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Where an IPv4 header has the TTL and the addresses (RFC 791 section 3.1).
const (
	ipv4TTL    = 8
	ipv4Source = 12
	ipv4Target = 16
	ipv4Len    = 20
)

// AttachAH begins to receive packets with an authentication header on a port; see
// vrrp.AHNetwork. The error of a port of IPv6 wraps errors.ErrUnsupported.
func (n *Network) AttachAH(number int) error {
	n.host.lan.mu.Lock()
	defer n.host.lan.mu.Unlock()
	p := n.host.port(number)
	if p == nil || p.group.Is6() {
		return fmt.Errorf("netiftest: authentication header on port %d: %w", number, errors.ErrUnsupported)
	}
	p.ahUsers++
	return nil
}

// DetachAH ends one AttachAH.
func (n *Network) DetachAH(number int) {
	n.host.lan.mu.Lock()
	defer n.host.lan.mu.Unlock()
	if p := n.host.port(number); p != nil {
		p.ahUsers--
	}
}

// ReceiveAH hands over the packets with an authentication header that Receive has
// found.
func (n *Network) ReceiveAH(f func(port int, at time.Time, packet []byte)) {
	for _, d := range n.headed {
		f(d.port, d.at, d.packet.Payload)
	}
	clear(n.headed)
	n.headed = n.headed[:0]
}

// QueueAH takes a whole packet to be sent, from the MAC address of the host. What is
// shorter than an IPv4 header is lost.
func (n *Network) QueueAH(number int, packet []byte) {
	if len(packet) < ipv4Len {
		return
	}
	n.outgoing = append(n.outgoing, outgoing{number, Packet{From: n.host, MAC: n.host.mac, AH: true,
		Src: netip.AddrFrom4([4]byte(packet[ipv4Source:])), Dst: netip.AddrFrom4([4]byte(packet[ipv4Target:])),
		HopLimit: packet[ipv4TTL], Payload: slices.Clone(packet)}})
}
