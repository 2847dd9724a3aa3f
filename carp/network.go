// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"context"
	"net/netip"
	"time"
)

// Network is the links of a host as a [Host] sees them. The Network of
// package netif is the system's own, the one of netif/netiftest a LAN in memory.
//
// All methods but Wake are called by one goroutine at a time: the one in
// [Host.Run], and before that whoever calls a method of the Host.
type Network interface {
	// Attach begins to take part, on the link of that name, in the protocol
	// of this multicast group, whose address family is the port's. It returns
	// the port: a small number counted from 0 that names link and family in
	// the other methods. The link need not exist yet. An error wraps
	// os.ErrPermission where a privilege is missing.
	Attach(link string, group netip.Addr) (port int, err error)
	// Detach ends one Attach.
	Detach(port int)

	// Bind is called before the first Wait by the goroutine that will wait,
	// unbind after the last.
	Bind() (unbind func(), err error)
	// Wait blocks until something has arrived, a link has changed, Wake was
	// called or the time has come; never, if until is zero. It may return
	// early.
	Wait(until time.Time)
	// Wake ends a Wait, or the next one if none is under way. It is safe for
	// concurrent use.
	Wake()

	// Links calls f for each port that may have changed since the last call:
	// whether packets can be sent and received on it, the addresses of the
	// link that can be their source, the best one first, and why it is not up,
	// where that is known. addrs is valid until f returns.
	Links(f func(port int, up bool, addrs []netip.Addr, err error))
	// Receive hands over what has arrived, in order, with the time of its
	// arrival by the loop's clock. payload is valid until f returns.
	Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte))
	// Claims hands over the addresses that other hosts have claimed as theirs
	// since the last call, and the MAC address by which they did.
	Claims(f func(port int, addr netip.Addr, mac [6]byte))

	// Queue takes a packet to be sent with hop limit 255 to a group, to a peer or
	// to 255.255.255.255, from the MAC address of a virtual host or, if mac is
	// zero, that of the link; payload is copied.
	Queue(port int, mac [6]byte, src, dst netip.Addr, payload []byte)
	// Flush sends what is queued, and calls f for each packet that could not be
	// sent.
	Flush(f func(port int, err error))
}

// Suspender is a [Network] that knows for how long in all the host has been
// suspended, which the loop's clock doesn't count: a host that wakes from that
// has to know that its peers went on. The Network of netif is one.
type Suspender interface {
	Suspended() time.Duration
}

// Selector is a [Network] that can have the kernel drop advertisements that arrive at
// a port unless their virtual host is wanted, by VHID. That of netif is one.
type Selector interface {
	Select(port int, wanted *[256]bool)
}

// Announcer tells the neighbours on a link that addresses are at this host now,
// by gratuitous ARP and unsolicited neighbour advertisement, once each, which name
// mac or, if that is zero, the MAC address of the link. The addresses may be those of
// several virtual hosts, see [Leaser]; the slice is the caller's, and is neither changed
// nor kept. It is safe for concurrent use. The Networks of netif and netif/netiftest are ones.
type Announcer interface {
	Announce(ctx context.Context, link string, mac [6]byte, addrs []netip.Addr) error
}

// Backend configures service addresses on a device. Both methods are idempotent,
// try every address, and join the errors of those that failed. They return soon
// after ctx has ended: one that doesn't keeps [Host.Run] from returning. They are
// called by any goroutine, and must not call methods of the Host. The slice is the
// caller's: they neither change nor keep it. Package vip has implementations.
type Backend interface {
	Add(ctx context.Context, addrs []netip.Prefix) error
	Remove(ctx context.Context, addrs []netip.Prefix) error
}

// Leaser is a [Backend] whose addresses can be made to go by themselves: a
// [Host] uses Lease in the place of Add where there is it, so that the kernel
// takes the addresses from a process that was killed or stands still. Its methods
// get the addresses of several virtual hosts in one call, those that have the Leaser in
// common, at most 64 at a time. If such a call fails, each is asked for alone.
type Leaser interface {
	Backend
	// Lease makes sure that the addresses are there, and stay for lifetime, in
	// whole seconds, from now unless they are leased again.
	Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error
}
