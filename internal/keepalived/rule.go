// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Rule is a line of virtual_rules: a rule that is there while the instance is Master. Safe for concurrent reading.
type Rule struct {
	IPv6     bool         // the family
	Type     RouteType    // Unicast looks into Table
	Table    uint32       // of Unicast only
	Priority uint32       // rules are tried from the lowest on
	From, To netip.Prefix // not valid: any
	IIF, OIF string       // where a packet comes in and goes out; "": any
	Mark     uint32       // fwmark
	Mask     uint32       // what counts of Mark; 0: if Mark is 0 the mark doesn't matter, else all of it
	TOS      uint8
	Invert   bool // not: the rule is for all other packets
	NoTrack  bool // no_track: it stays away if somebody else removes it
}

// String returns the rule in the words of ip-rule(8).
func (u Rule) String() string {
	var b strings.Builder
	if u.IPv6 {
		b.WriteString("inet6 ")
	}
	fmt.Fprintf(&b, "priority %d", u.Priority)
	write := func(ask bool, format string, args ...any) {
		if ask {
			fmt.Fprintf(&b, format, args...)
		}
	}
	write(u.Invert, " not")
	write(u.From.IsValid(), " from %v", u.From)
	write(u.To.IsValid(), " to %v", u.To)
	write(u.TOS != 0, " tos %d", u.TOS)
	write(u.Mark != 0 || u.Mask != 0, " fwmark %#x", u.Mark)
	write(u.Mask != 0, "/%#x", u.Mask)
	write(u.IIF != "", " iif %s", u.IIF)
	write(u.OIF != "", " oif %s", u.OIF)
	write(u.Type == Unicast, " table %d", u.Table)
	write(u.Type != Unicast, " %v", u.Type)
	return b.String()
}

// ruleLine is a line of virtual_rules that is being read.
type ruleLine struct {
	wordLine
	Rule
	numbered bool // it has a priority
}

// firstPriority is what keepalived gives the first rule of a family that has no priority; the others follow downwards.
const firstPriority = 16384

// unsupportedRule are words of a rule that this package doesn't act on. A rule without what they ask for would be another one, so
// that they are errors.
var unsupportedRule = strings.Fields(`
	dport goto ipproto l3mdev nop realms sport sup_group sup_pl suppress_ifgroup suppress_prefixlength track_group tunnel-id type
	uidrange`)

// readRules reads virtual_rules.
func (in *draft) readRules(r *report, dir *Directive) {
	r.noArgs(dir)
	for i := range dir.Block {
		l := &ruleLine{wordLine: wordLine{report: r, line: dir.Block[i].as(dir.Name), tables: in.tables}}
		if l.words(&dir.Block[i], l.word) && l.complete() {
			in.rules = append(in.rules, l)
		}
	}
}

// word reads the word that args starts with, and what belongs to it, and returns what follows.
func (l *ruleLine) word(args []string) (rest []string, ok bool) {
	name, rest := args[0], args[1:]
	switch name {
	case "inet", "inet6":
		return rest, l.setFamily(name, map[string]family{"inet": ipv4, "inet6": ipv6}[name])
	case "not":
		l.Invert = true
		return rest, true
	case "no_track":
		l.NoTrack = true
		return rest, true
	case "blackhole", "unreachable", "prohibit":
		return rest, l.act(name, routeTypes[name])
	case "from", "to", "table", "lookup", "preference", "order", "priority", "tos", "dsfield", "fwmark", "dev", "iif", "oif", "protocol":
	default:
		if slices.Contains(unsupportedRule, name) {
			return nil, l.refuse(errors.ErrUnsupported, name, "not supported in a rule", "")
		}
		return nil, l.refuse(ErrUnknown, name, "not a word of a rule", "from, to, iif, oif, fwmark, tos, priority, table and others")
	}
	if len(rest) == 0 {
		return nil, l.refuse(ErrMissing, name, "the word has no value", "")
	}
	return rest[1:], l.valued(name, rest[0])
}

// act sets what the rule does, once.
func (l *ruleLine) act(name string, t RouteType) bool {
	if l.Type != 0 {
		return l.refuse(ErrConflict, name, "the rule does "+l.Type.String()+" already", "one of table, blackhole, unreachable, prohibit")
	}
	l.Type = t
	return true
}

// valued reads a word that has a value.
func (l *ruleLine) valued(name, value string) bool {
	switch name {
	case "from":
		return l.setTarget(&l.From, value)
	case "to":
		return l.setTarget(&l.To, value)
	case "table", "lookup":
		return l.setTable(&l.Table, value) && l.act(name, Unicast)
	case "dev", "iif":
		l.IIF = value
		return l.checkLink(l.line, value)
	case "oif":
		l.OIF = value
		return l.checkLink(l.line, value)
	case "tos", "dsfield":
		var tos uint32
		ok := l.setNumber(&tos, name, value, 255)
		l.TOS = uint8(tos)
		return ok
	case "fwmark":
		mark, mask, masked := strings.Cut(value, "/")
		return l.setNumber(&l.Mark, name, mark, 1<<32-1) && (!masked || l.setNumber(&l.Mask, name, mask, 1<<32-1))
	case "protocol":
		return l.remark(Adjusted, "protocol: rules have a protocol of their own: ignored, as in keepalived")
	}
	l.numbered = true
	return l.setNumber(&l.Priority, name, value, 1<<32-1)
}

// complete settles what the line says as a whole.
func (l *ruleLine) complete() bool {
	if l.Type == 0 {
		return l.refuse(ErrMissing, "", "the rule does nothing", "table, blackhole, unreachable or prohibit")
	}
	for _, p := range []*netip.Prefix{&l.From, &l.To} {
		l.target0(p)
		if p.Bits() == 0 {
			*p = netip.Prefix{} // any packet has one
		}
	}
	l.IPv6 = l.fam == ipv6
	return true
}

// completeRules gives rules without priority one, and takes each once.
func (d *decoder) completeRules(in *draft) {
	for _, l := range in.rules {
		if !l.numbered {
			l.Priority = firstPriority - uint32(d.unnumbered[l.IPv6])
			d.unnumbered[l.IPv6]++
			l.remark(Advice, fmt.Sprintf("the rule has no priority: %d, as in keepalived", l.Priority))
		}
		if slices.Contains(in.Rules, l.Rule) {
			l.remark(Adjusted, "the rule is there already: ignored")
			continue
		}
		in.Rules = append(in.Rules, l.Rule)
	}
}
