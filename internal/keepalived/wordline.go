// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

const allowedTarget = "default, or an address with or without prefix length"

// wordLine is a line of virtual_routes or virtual_rules that is being read.
type wordLine struct {
	*report
	line   *Directive // with the name of the block, for messages
	tables *tableNames
	fam    family // by the addresses so far; 0: of either
}

// words reads the words of a line.
func (l *wordLine) words(dir *Directive, read func(args []string) (rest []string, ok bool)) bool {
	if dir.Block != nil {
		return l.refuse(ErrSyntax, dir.Name, "takes no block", "one route or rule a line")
	}
	for args, ok := append([]string{dir.Name}, dir.Args...), true; len(args) > 0; {
		if args, ok = read(args); !ok {
			return false
		}
	}
	return true
}

// refuse reports why the line is not accepted.
func (l *wordLine) refuse(cause error, value, reason, allowed string) bool {
	l.fail(l.line, cause, value, reason, allowed)
	return false
}

// remark notes something about the line.
func (l *wordLine) remark(kind WarningKind, text string) bool {
	l.note(l.line, kind, "%s", text)
	return true
}

// setFamily gives the line its address family; the first word that has one decides.
func (l *wordLine) setFamily(value string, f family) bool {
	if l.fam != 0 && l.fam != f {
		return l.refuse(ErrConflict, value, fmt.Sprintf("the words before are %v", l.fam), "one family")
	}
	l.fam = f
	return true
}

// setAddr sets *to to an address.
func (l *wordLine) setAddr(to *netip.Addr, value string) bool {
	addr, err := netip.ParseAddr(value)
	if err != nil || addr.Zone() != "" || addr.Is4In6() || addr.IsUnspecified() || addr.IsMulticast() {
		return l.refuse(ErrValue, value, "not an address", "an IPv4 or IPv6 unicast address")
	}
	*to = addr
	return l.setFamily(value, familyOf(addr))
}

// setTarget sets *to to a destination or a source. One of length 0 stands for everything, of the family that the line has in the
// end: target0 settles that.
func (l *wordLine) setTarget(to *netip.Prefix, value string) bool {
	if value == "default" || value == "any" || value == "all" {
		*to = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		return true
	}
	s, length, given := strings.Cut(value, "/")
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" || addr.Is4In6() {
		return l.refuse(ErrValue, value, "not an address, and not a word that is known here", allowedTarget)
	}
	bits := uint64(addr.BitLen())
	if given {
		if bits, err = strconv.ParseUint(length, 10, 8); err != nil || int(bits) > addr.BitLen() {
			return l.refuse(ErrValue, value, "not a prefix", allowedTarget)
		}
	}
	*to = netip.PrefixFrom(addr, int(bits)).Masked()
	if to.Addr() != addr {
		l.remark(Adjusted, fmt.Sprintf("%s is taken as %v", quote(value), *to))
	}
	return l.setFamily(value, familyOf(addr))
}

// target0 gives a target of length 0 the family of the line, and returns whether there is a target.
func (l *wordLine) target0(p *netip.Prefix) bool {
	if l.fam == 0 {
		l.fam = ipv4
	}
	if p.IsValid() && p.Bits() == 0 && l.fam == ipv6 {
		*p = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	return p.IsValid()
}

// setNumber sets *to to a number, which may be hexadecimal or octal as in C.
func (l *wordLine) setNumber(to *uint32, name, value string, most uint32) bool {
	n, err := strconv.ParseUint(value, 0, 32)
	if err != nil || n > uint64(most) || strings.Contains(value, "_") {
		return l.refuse(ErrValue, value, "not a "+name, fmt.Sprintf("0 to %d", most))
	}
	*to = uint32(n)
	return true
}

// setTable sets *to to the number of a table.
func (l *wordLine) setTable(to *uint32, value string) bool {
	n, err := strconv.ParseUint(value, 0, 32)
	if err != nil || strings.Contains(value, "_") {
		named, _ := l.tables.number(value)
		n = uint64(named)
	}
	if *to = uint32(n); n == 0 {
		return l.refuse(ErrValue, value, "not a table", "1 to 4294967295, main, default, local, or a name of /etc/iproute2/rt_tables")
	}
	return true
}

// setScope sets *to to a scope.
func (l *wordLine) setScope(to *uint8, value string) bool {
	if scope, ok := scopes[value]; ok {
		*to = scope
		return true
	}
	var n uint32
	ok := l.setNumber(&n, "scope", value, 255)
	*to = uint8(n)
	return ok
}
