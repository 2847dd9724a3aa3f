// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// A route is a route of IPv4. It vanishes with the address it is bound to.
type route struct {
	dst     netip.Prefix
	gateway netip.Addr // the zero Addr where it is the link itself
	flags   string
	netif   string
	owner   *address
	static  bool // not made for an address
}

// addRoutes makes the routes of an address: one to its network, and one to itself. A static route in the place of one
// of them is replaced.
func (m *Model) addRoutes(i *iface, a *address) {
	network, ok := a.prefix()
	if !a.ip.Is4() || !ok {
		return
	}
	self := netip.PrefixFrom(a.ip, 32)
	switch {
	case i.loopback:
		m.addRoute(&route{dst: self, gateway: a.ip, flags: "UH", netif: i.name, owner: a})
	case network.IsSingleIP():
		m.addRoute(&route{dst: self, gateway: a.ip, flags: "UH", netif: i.name, owner: a})
	default:
		m.addRoute(&route{dst: network, flags: "U", netif: i.name, owner: a})
		if v := i.getVHID(a.vhid); v == nil || v.state == stateMaster {
			m.addRoute(&route{dst: self, gateway: a.ip, flags: "UHS", netif: "lo0", owner: a})
		}
	}
}

// addRoute adds a route, unless there is one that was made for another address.
func (m *Model) addRoute(r *route) {
	for n, old := range m.routes {
		if old.dst == r.dst {
			if old.static {
				m.routes[n] = r
			}
			return
		}
	}
	m.routes = append(m.routes, r)
}

// removeRoutes removes all that is bound to an address, static routes too. Another address of the same network takes
// over the route to it.
func (m *Model) removeRoutes(a *address) {
	m.routes = slices.DeleteFunc(m.routes, func(r *route) bool { return r.owner == a })
	network, ok := a.prefix()
	if !ok {
		return
	}
	for _, i := range m.interfaces {
		for _, other := range i.addrs {
			if p, ok := other.prefix(); ok && p == network && other.ip.Is4() {
				m.addRoutes(i, other)
			}
		}
	}
}

// setSelfRoute makes or removes the route of an address of a vhid to itself: only a master has it.
func (m *Model) setSelfRoute(i *iface, a *address, master bool) {
	if master {
		m.addRoutes(i, a)
		return
	}
	m.routes = slices.DeleteFunc(m.routes, func(r *route) bool { return r.owner == a && r.flags == "UHS" })
}

// addStatic adds a route by hand. It is bound to the address that the gateway is near to; ok is false if there is none.
func (m *Model) addStatic(dst netip.Prefix, gateway netip.Addr, flags string) (ok bool) {
	for _, i := range m.interfaces {
		for _, a := range i.addrs {
			if p, ok := a.prefix(); ok && p.Contains(gateway) {
				m.addRoute(&route{dst: dst, gateway: gateway, flags: flags, netif: i.name, owner: a, static: true})
				return true
			}
		}
	}
	return false
}

// routeAdd runs route add.
func (m *Model) routeAdd(kind, dst, gateway string) Result {
	gw, err := netip.ParseAddr(gateway)
	network, flags := dst, "UGS"
	if kind == "-host" {
		network, flags = dst+"/32", "UGHS"
	}
	p, prefixErr := netip.ParsePrefix(network)
	if err != nil || prefixErr != nil || !m.addStatic(p, gw, flags) {
		return Result{Stderr: "route: not in the model\n", Exit: 1}
	}
	return Result{Stdout: fmt.Sprintf("add %s %v: gateway %v fib 0\n", kind[1:], p.Addr(), gw)}
}

// netstat runs netstat -rn -f inet. The port prints the gateway of the line above for that of a link, and so does this.
func (m *Model) netstat() string {
	var out strings.Builder
	out.WriteString("Routing tables\n\nInternet:\n")
	out.WriteString("Destination        Gateway            Flags     Netif Expire\n")
	slices.SortFunc(m.routes, func(a, b *route) int {
		return cmp.Or(a.dst.Addr().Compare(b.dst.Addr()), a.dst.Bits()-b.dst.Bits())
	})
	gateway := ""
	for _, r := range m.routes {
		if r.gateway.IsValid() {
			gateway = r.gateway.String()
		}
		fmt.Fprintf(&out, "%-18s %-18s %-6s %8.8s\n", r.destination(), gateway, r.flags, r.netif)
	}
	return out.String()
}

// destination returns the destination of a route as it is printed.
func (r *route) destination() string {
	switch r.dst.Bits() {
	case 0:
		return "default"
	case 32:
		return r.dst.Addr().String()
	}
	return r.dst.String()
}
