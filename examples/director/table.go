// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// serviceKey is what the kernel knows a service by.
type serviceKey struct {
	keepalived.Endpoint
	protocol keepalived.Protocol // 0 for a mark
}

// String returns the key for logs.
func (k serviceKey) String() string {
	if k.Mark != 0 {
		return fmt.Sprintf("fwmark %d", k.Mark)
	}
	return fmt.Sprintf("%v %v", k.protocol, k.Addr)
}

// service is a service of IPVS. Two that are equal need no change.
type service struct {
	serviceKey
	scheduler string
	flags     uint32 // as the kernel has them, but for what it says of itself
	timeout   uint32 // of the persistence, in seconds
	bits      int    // of clients' addresses that count for it
	engine    string // of the persistence; it can't be read back
}

// Flags of services, as in linux/ip_vs.h.
const (
	flagPersistent = 0x1
	flagHashed     = 0x2 // the kernel's own
	flagOnePacket  = 0x4
	flagSched1     = 0x8 // and the two after it
)

// server is a destination of a service. Two that are equal need no change.
type server struct {
	addr         netip.AddrPort
	method       keepalived.Method
	weight       int
	upper, lower uint32
}

// table is the kernel's table of services. What changes a service that is not there fails.
type table interface {
	services() ([]service, error)
	servers(s service) ([]server, error)
	addService(s service) error
	setService(s service) error
	removeService(s service) error
	addServer(s service, r server) error
	setServer(s service, r server) error
	removeServer(s service, r server) error
}

// wish is a service that there is to be, with its servers.
type wish struct {
	service
	servers []server
}

// newService returns the service of an endpoint of a virtual server.
func newService(v *keepalived.VirtualServer, e keepalived.Endpoint) service {
	s := service{serviceKey: serviceKey{Endpoint: e, protocol: v.Protocol}, scheduler: v.Scheduler, engine: v.Engine}
	s.bits = 32
	if e.IPv6 {
		s.bits = 128
	}
	if e.Mark != 0 {
		s.protocol = 0
	}
	if v.Persistence > 0 {
		s.flags |= flagPersistent
		s.timeout = uint32(v.Persistence.Seconds())
		if v.PersistenceBits > 0 {
			s.bits = min(s.bits, v.PersistenceBits)
		}
	}
	if v.OnePacket {
		s.flags |= flagOnePacket
	}
	for _, n := range v.Flags {
		s.flags |= flagSched1 << (n - 1)
	}
	return s
}
