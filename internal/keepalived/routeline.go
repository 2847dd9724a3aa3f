// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
)

// routeLine is a line of virtual_routes that is being read.
type routeLine struct {
	wordLine
	Route
	hop   Hop // of the words outside nexthop
	hops  []Hop
	other netip.Addr // what follows or
	typed bool
}

// unsupportedRoute are words of a route that this package doesn't act on. A route without what they ask for would be another
// one, so that they are errors.
var unsupportedRoute = strings.Fields(`
	append as congctl cwnd encap expires fastopen_no_cookie features from hoplimit initcwnd initrwnd pref prepend quickack
	realms reordering rto_min rtt rttvar ssthresh track_group ttl-propagate vrf window`)

// readRoutes reads virtual_routes.
func (in *draft) readRoutes(r *report, dir *Directive) {
	r.noArgs(dir)
	for i := range dir.Block {
		l := &routeLine{wordLine: wordLine{report: r, line: dir.Block[i].as(dir.Name), tables: in.tables}, Route: Route{Table: mainTable}}
		if !l.words(&dir.Block[i], l.word) || !l.complete() {
			continue
		}
		if slices.ContainsFunc(in.Routes, func(o Route) bool { return o.String() == l.Route.String() }) {
			r.noteTwice(dir, &dir.Block[i])
			continue
		}
		in.Routes = append(in.Routes, l.Route)
	}
}

// word reads the word that args starts with, and what belongs to it, and returns what follows.
func (l *routeLine) word(args []string) (rest []string, ok bool) {
	name, rest := args[0], args[1:]
	switch name {
	case "inet", "inet6":
		return rest, l.setFamily(name, map[string]family{"inet": ipv4, "inet6": ipv6}[name])
	case "onlink":
		l.hop.OnLink = true
		return rest, true
	case "no_track":
		l.NoTrack = true
		return rest, true
	case "add": // as ip-route(8) does by itself
		return rest, true
	case "nexthop":
		return nil, l.nexthops(args)
	case "via", "gw":
		if len(rest) > 1 && (rest[0] == "inet" || rest[0] == "inet6") {
			rest = rest[1:]
		}
		return l.valued(name, rest)
	case "src", "or", "dev", "oif", "table", "metric", "priority", "preference", "scope", "tos", "dsfield", "mtu", "advmss", "protocol":
		return l.valued(name, rest)
	case "to":
		if len(rest) == 0 {
			return nil, l.refuse(ErrMissing, name, "the word has no value", "")
		}
		args = rest
	}
	if slices.Contains(unsupportedRoute, name) {
		return nil, l.refuse(errors.ErrUnsupported, name, "not supported in a route", "")
	}
	return l.target(args)
}

// target reads the destination, and the type before it.
func (l *routeLine) target(args []string) (rest []string, ok bool) {
	if typ, ok := routeTypes[args[0]]; ok {
		l.Type, l.typed, args = typ, true, args[1:]
	}
	if len(args) == 0 {
		return nil, l.refuse(ErrMissing, "", "the route has no destination", allowedTarget)
	}
	return args[1:], l.setTarget(&l.Dst, args[0])
}

// valued reads a word that has a value.
func (l *routeLine) valued(name string, args []string) (rest []string, ok bool) {
	if len(args) == 0 {
		return nil, l.refuse(ErrMissing, name, "the word has no value", "")
	}
	value, rest := args[0], args[1:]
	switch name {
	case "src":
		return rest, l.setAddr(&l.Source, value)
	case "via", "gw":
		return rest, l.setAddr(&l.hop.Via, value)
	case "or":
		return rest, l.setAddr(&l.other, value)
	case "dev", "oif":
		l.hop.Device = value
		return rest, l.checkLink(l.line, value)
	case "table":
		return rest, l.setTable(&l.Table, value)
	case "scope":
		return rest, l.setScope(&l.Scope, value)
	case "tos", "dsfield":
		var tos uint32
		ok = l.setNumber(&tos, name, value, 255)
		l.TOS = uint8(tos)
		return rest, ok
	case "protocol":
		return rest, l.remark(Adjusted, "protocol: routes have a protocol of their own: ignored, as in keepalived")
	}
	return rest, l.setNumber(map[string]*uint32{"mtu": &l.MTU, "advmss": &l.AdvMSS}[name], name, value, 1<<32-1)
}

// setNumber sets *to to a number; nil stands for the metric.
func (l *routeLine) setNumber(to *uint32, name, value string, most uint32) bool {
	if to == nil {
		to = &l.Metric
	}
	return l.wordLine.setNumber(to, name, value, most)
}

// nexthops reads all that follows the first nexthop: more of them.
func (l *routeLine) nexthops(args []string) bool {
	for len(args) > 0 {
		if args[0] != "nexthop" {
			return l.refuse(ErrUnknown, args[0], "not a word of a nexthop", "via, dev, weight, onlink")
		}
		hop := Hop{Weight: 1}
		for args = args[1:]; len(args) > 0 && args[0] != "nexthop"; {
			var ok bool
			if args, ok = l.nexthop(&hop, args); !ok {
				return false
			}
		}
		l.hops = append(l.hops, hop)
	}
	return true
}

// nexthop reads a word of a nexthop.
func (l *routeLine) nexthop(hop *Hop, args []string) (rest []string, ok bool) {
	name, rest := args[0], args[1:]
	switch {
	case name == "onlink":
		hop.OnLink = true
		return rest, true
	case !slices.Contains([]string{"via", "dev", "weight"}, name):
		return nil, l.refuse(errors.ErrUnsupported, name, "not supported in a nexthop", "via, dev, weight, onlink")
	case name == "via" && len(rest) > 1 && (rest[0] == "inet" || rest[0] == "inet6"):
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return nil, l.refuse(ErrMissing, name, "the word has no value", "")
	}
	value, rest := rest[0], rest[1:]
	switch name {
	case "via":
		return rest, l.setAddr(&hop.Via, value)
	case "dev":
		hop.Device = value
		return rest, l.checkLink(l.line, value)
	}
	weight := uint32(0)
	if l.setNumber(&weight, name, value, 256); weight == 0 {
		return nil, l.refuse(ErrValue, value, "not a weight", "1 to 256")
	}
	hop.Weight = int(weight)
	return rest, true
}

// complete settles what the line says as a whole.
func (l *routeLine) complete() bool {
	if !l.typed {
		l.Type = Unicast
	}
	l.hop.Weight = 1
	switch {
	case !l.target0(&l.Dst):
		return l.refuse(ErrMissing, "", "the route has no destination", allowedTarget)
	case l.other.IsValid() && (len(l.hops) > 0 || !l.hop.Via.IsValid()):
		return l.refuse(ErrConflict, "or", "does not go without via, nor with nexthop", "nexthop for each")
	case l.other.IsValid():
		second := l.hop
		second.Via = l.other
		l.hops = []Hop{l.hop, second}
	case len(l.hops) > 0 && l.hop != Hop{Weight: 1}:
		return l.refuse(ErrConflict, "nexthop", "does not go with a via, dev or onlink before it", "one or the other")
	case len(l.hops) == 0 && l.hop != Hop{Weight: 1}:
		l.hops = []Hop{l.hop}
	}
	if l.Type == Unicast && len(l.hops) == 0 {
		return l.refuse(ErrMissing, destination(l.Dst), "the route leads nowhere", "via, dev, or a type as blackhole")
	}
	if l.Type != Unicast && len(l.hops) > 0 {
		return l.refuse(ErrConflict, l.Type.String(), "does not go with via, dev or nexthop", "one or the other")
	}
	l.Hops = l.hops
	if l.fam == ipv6 && (l.Scope != 0 || l.TOS != 0) {
		l.remark(Adjusted, "an IPv6 route has no scope and no tos: ignored, as in the kernel")
		l.Scope, l.TOS = 0, 0
	}
	return true
}
