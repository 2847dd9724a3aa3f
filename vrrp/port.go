// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"slices"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// port is a link in one address family, as far as the network has told of it.
type port struct {
	number int
	link   string
	up     bool
	addrs  []netip.Addr // that can be the source, the best one first
	err    error        // why it isn't up

	virtual [256]*VirtualRouter // by VRID
	count   int
	limits  [numFaults]quietlog.Limit
}

// linkChanged notes the state of a port and settles its virtual routers.
func (r *Router) linkChanged(number int, up bool, addrs []netip.Addr, err error) {
	p := r.ports[number]
	if p == nil {
		return
	}
	p.up, p.err = up, err
	p.addrs = append(p.addrs[:0], addrs...)
	for _, v := range p.virtual {
		if v != nil {
			r.settle(v)
		}
	}
}

// settle starts the virtual router if its link has come to be usable and shuts
// it down if it isn't any more. It follows from the state of the link alone, not
// from the events that led to it.
func (r *Router) settle(v *VirtualRouter) {
	if r.stopping || v.removing {
		return
	}
	source := r.source(v)
	switch {
	case !v.port.up:
		r.leave(v, ReasonLinkDown)
	case !source.IsValid():
		r.leave(v, ReasonNoAddress)
	case source != v.source:
		v.source, v.willStale = source, true
		r.perform(v, v.machine.Startup(r.now, source))
	}
}

// leave shuts v down. The goodbye, for what it is worth, has the last source.
func (r *Router) leave(v *VirtualRouter, reason Reason) {
	r.perform(v, v.machine.Shutdown(r.now, reason))
	v.source = netip.Addr{}
}

// source returns the address that v's advertisements come from (RFC 9568
// sections 5.1.1.1 and 5.1.2.1): the configured one if the link has it, else the
// best that is no service address. With a service address as its source a router
// would change its identity, and so its rank, on becoming Active.
func (r *Router) source(v *VirtualRouter) netip.Addr {
	for _, a := range v.port.addrs {
		switch {
		case v.cfg.Source.IsValid() && a != v.cfg.Source:
		case r.reserved[reservation{v.cfg.Link, a}] > 0:
		default:
			return a
		}
	}
	return netip.Addr{}
}

// reservation is a service address on a link.
type reservation struct {
	link string
	addr netip.Addr
}

// available returns a [*ValueError] if one of the addresses of cfg is another
// virtual router's on the same link: whichever gave it up would take it from the
// other.
func (r *Router) available(cfg VirtualRouterConfig, v *VirtualRouter) error {
	if cfg.fixed() {
		return nil
	}
	own := map[netip.Addr]bool{}
	if v != nil {
		for _, p := range v.machine.held {
			own[p.Addr()] = true
		}
	}
	for _, p := range cfg.held() {
		if a := p.Addr(); r.reserved[reservation{cfg.Link, a}] > 0 && !own[a] {
			return &ValueError{Name: "address", Value: a, Allowed: "one that no other virtual router on the link has"}
		}
	}
	return nil
}

// reserve counts the service addresses of v, which are no sources. Fixed ones are
// addresses of the link as any other.
func (r *Router) reserve(v *VirtualRouter, n int) {
	if v.cfg.fixed() {
		return
	}
	for _, p := range slices.Concat(v.cfg.Addresses, v.cfg.Excluded) {
		key := reservation{v.cfg.Link, p.Addr()}
		if r.reserved[key] += n; r.reserved[key] == 0 {
			delete(r.reserved, key)
		}
	}
}
