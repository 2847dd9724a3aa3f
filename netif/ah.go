// SPDX-License-Identifier: Apache-2.0

package netif

import "time"

// AttachAH begins to send and receive packets of IP protocol 51, the authentication header (RFC 2402), on a port of
// IPv4: those to its groups and to the host. It is counted. It is for virtual routers of VRRP version 2 that
// authenticate by it, and on Linux only: elsewhere, and on a port of IPv6, the error matches [errors.ErrUnsupported].
// It matches [os.ErrPermission] if CAP_NET_RAW is missing.
func (n *Network) AttachAH(port int) error { return n.sys.attachAH(port) }

// DetachAH ends one AttachAH. It comes before the Detach of the port.
func (n *Network) DetachAH(port int) { n.sys.detachAH(port) }

// ReceiveAH calls f for the packets of protocol 51 that have arrived, each port's in order, and as many at most as
// [Network.Receive], which is to be called before. packet is an IPv4 packet from its header on, without padding, and cut
// short beyond 2048 octets. It is valid during the call only.
func (n *Network) ReceiveAH(f func(port int, at time.Time, packet []byte)) { n.sys.receiveAH(f) }

// QueueAH takes an IPv4 packet from its header on, to be sent as it is to the target in the header by the next Flush.
// The kernel puts in total length and header checksum, and an identification for one of 0 (raw(7)). packet is copied;
// one without a whole header is an error of Flush.
func (n *Network) QueueAH(port int, packet []byte) { n.sys.queueAH(port, packet) }
