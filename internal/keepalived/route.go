// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"net/netip"
	"strings"
)

// Route is a line of virtual_routes: a route that is there while the instance is Master. Safe for concurrent reading.
type Route struct {
	Type    RouteType
	Dst     netip.Prefix // without host bits; a length of 0 is the default route
	Hops    []Hop        // of a Unicast route, one at least
	Source  netip.Addr   // src, the preferred source of what is sent; not valid: the kernel chooses
	Table   uint32       // 254 (main) if none is given
	Metric  uint32       // 0: the kernel's own
	Scope   uint8        // of an IPv4 route, as the kernel numbers them
	TOS     uint8        // of an IPv4 route
	MTU     uint32       // 0: that of the device
	AdvMSS  uint32       // 0: the kernel's own
	NoTrack bool         // no_track: it stays away if somebody else removes it
}

// Hop is where a route leads to. Safe for concurrent use.
type Hop struct {
	Via    netip.Addr // not valid: the destination is on the link
	Device string     // "": the one that leads to Via
	OnLink bool       // Via is on the link, whatever its address
	Weight int        // share among several, 1 to 256
}

// RouteType is what a route or a rule does with a packet, as the kernel numbers them.
type RouteType uint8

// The types, by the word that names them.
const (
	Unicast     RouteType = 1 // send it to a hop; of a rule: look into a table
	Blackhole   RouteType = 6 // drop it
	Unreachable RouteType = 7 // drop it, and tell the sender that the host is unreachable
	Prohibit    RouteType = 8 // drop it, and tell the sender that it is prohibited
	Throw       RouteType = 9 // leave the table, to the next rule; of routes only
)

// routeTypes are the types by name.
var routeTypes = map[string]RouteType{
	"unicast": Unicast, "blackhole": Blackhole, "unreachable": Unreachable, "prohibit": Prohibit, "throw": Throw,
}

// String returns the word that names the type.
func (t RouteType) String() string {
	for name, typ := range routeTypes {
		if typ == t {
			return name
		}
	}
	return fmt.Sprintf("RouteType(%d)", uint8(t))
}

// String returns the route in the words of ip-route(8).
func (t Route) String() string {
	var b strings.Builder
	if t.Type != Unicast {
		fmt.Fprintf(&b, "%v ", t.Type)
	}
	b.WriteString(destination(t.Dst))
	write := func(word string, value uint32, otherwise uint32) {
		if value != otherwise {
			fmt.Fprintf(&b, " %s %d", word, value)
		}
	}
	if len(t.Hops) == 1 {
		t.Hops[0].write(&b)
	}
	if t.Source.IsValid() {
		fmt.Fprintf(&b, " src %v", t.Source)
	}
	write("table", t.Table, mainTable)
	write("metric", t.Metric, 0)
	write("scope", uint32(t.Scope), 0)
	write("tos", uint32(t.TOS), 0)
	write("mtu", t.MTU, 0)
	write("advmss", t.AdvMSS, 0)
	for _, hop := range t.Hops {
		if len(t.Hops) > 1 {
			b.WriteString(" nexthop")
			hop.write(&b)
			write("weight", uint32(hop.Weight), 1)
		}
	}
	return b.String()
}

// write writes a hop in the words of ip-route(8), but for its weight.
func (h Hop) write(b *strings.Builder) {
	if h.Via.IsValid() {
		fmt.Fprintf(b, " via %v", h.Via)
	}
	if h.Device != "" {
		b.WriteString(" dev " + h.Device)
	}
	if h.OnLink {
		b.WriteString(" onlink")
	}
}

// destination writes where a packet goes to, or comes from.
func destination(p netip.Prefix) string {
	switch {
	case p.Bits() > 0:
		return p.String()
	case p.Addr().Is6():
		return "inet6 default"
	}
	return "default"
}
