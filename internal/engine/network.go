// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// The interfaces of a protocol's own that describe its surroundings have the same
// methods as these, and are described there.

// Network is the links of a host.
type Network interface {
	Attach(link string, group netip.Addr) (port int, err error)
	Detach(port int)

	Bind() (unbind func(), err error)
	Wait(until time.Time)
	Wake()

	Links(f func(port int, up bool, addrs []netip.Addr, err error))
	Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte))
	Claims(f func(port int, addr netip.Addr, mac [6]byte))

	Queue(port int, mac [6]byte, src, dst netip.Addr, payload []byte)
	Flush(f func(port int, err error))
}

// AHNetwork is a Network that sends and receives whole packets with an authentication
// header, too.
type AHNetwork interface {
	AttachAH(port int) error
	DetachAH(port int)
	ReceiveAH(f func(port int, at time.Time, packet []byte))
	QueueAH(port int, packet []byte)
}

// HopLimiter is a Network that can send to a host with another hop limit than 255.
type HopLimiter interface {
	QueueTo(port int, hopLimit uint8, src, dst netip.Addr, payload []byte)
}

// Suspender is a Network that knows for how long the host was suspended.
type Suspender interface {
	Suspended() time.Duration
}

// Selector is a Network that has the kernel drop packets that nobody here wants.
type Selector interface {
	Select(port int, wanted *[256]bool)
}

// Guard keeps the last wills.
type Guard interface {
	Set(id int, link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration)
	Clear(id int)
	Beat()
}

// Announcer tells neighbours where addresses are.
type Announcer = holder.Announcer

// Backend configures addresses.
type Backend = holder.Backend
