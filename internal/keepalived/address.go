// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Address is an address that an instance holds while it is Master. Safe for concurrent reading.
type Address struct {
	Prefix netip.Prefix // the address and the length of its prefix, /32 or /128 if none is given; host bits are kept
	Device string       // dev, where the address goes to; "": the interface of the instance
	Label  string       // label of an IPv4 address, up to 15 octets; "": none
	Scope  uint8        // scope of an IPv4 address as the kernel numbers them, 0 (global) to 255 (nowhere)
}

// readAddresses reads virtual_ipaddress: the first address decides the family of the instance.
func (in *draft) readAddresses(r *report, dir *Directive) {
	r.noArgs(dir)
	in.lines += len(dir.Block)
	for i := range dir.Block {
		a, ok := newAddressLine(r, dir, &dir.Block[i]).read()
		if !ok || !in.setFamily(r, dir.Block[i].as(dir.Name), familyOf(a.Prefix.Addr()), dir.Block[i].Name) {
			continue
		}
		if holds(in.Addresses, a, false) || holds(in.Excluded, a, true) {
			r.noteTwice(dir, &dir.Block[i])
			continue
		}
		in.Addresses = append(in.Addresses, a)
	}
}

// readExcluded reads virtual_ipaddress_excluded.
func (in *draft) readExcluded(r *report, dir *Directive) {
	r.noArgs(dir)
	for i := range dir.Block {
		a, ok := newAddressLine(r, dir, &dir.Block[i]).read()
		if !ok {
			continue
		}
		if holds(in.Addresses, a, true) || holds(in.Excluded, a, true) {
			r.noteTwice(dir, &dir.Block[i])
			continue
		}
		in.Excluded = append(in.Excluded, a)
	}
}

// holds reports whether a is among addrs, whatever the prefix lengths; on the same device only, if devices count.
func holds(addrs []Address, a Address, devices bool) bool {
	return slices.ContainsFunc(addrs, func(other Address) bool {
		return other.Prefix.Addr() == a.Prefix.Addr() && (!devices || other.Device == a.Device)
	})
}

// noteTwice notes an address that is there already.
func (r *report) noteTwice(dir, line *Directive) {
	r.note(line.as(dir.Name), Adjusted, "%s is there already: ignored, as in keepalived 2.4", line.value(line.Name))
}

// noArgs reports words between the name of a block of values and its brace.
func (r *report) noArgs(dir *Directive) {
	if len(dir.Args) > 0 {
		r.fail(dir, ErrSyntax, dir.Args[0], "words before the block", "nothing")
	}
}

// addressLine is a line of virtual_ipaddress or virtual_ipaddress_excluded that is being read: an address and its attributes.
type addressLine struct {
	*report
	line *Directive // with the name of the block, for messages
	addr string
	Address
}

func newAddressLine(r *report, dir, line *Directive) *addressLine {
	return &addressLine{report: r, line: line.as(dir.Name), addr: line.Name}
}

// read returns the address, and false if there is none.
func (l *addressLine) read() (Address, bool) {
	if l.line.Block != nil {
		l.refuse(ErrSyntax, l.addr, "takes no block", "one address a line")
		return Address{}, false
	}
	prefix, ok := parsePrefix(l.addr)
	if !ok {
		l.refuse(ErrValue, l.addr, "not an address", "an IPv4 or IPv6 unicast address, with or without /prefix length")
		return Address{}, false
	}
	l.Prefix = prefix
	for args := l.line.Args; len(args) > 0; {
		if args, ok = l.attribute(args); !ok {
			return Address{}, false
		}
	}
	return l.Address, true
}

// refuse reports why the line is not accepted.
func (l *addressLine) refuse(cause error, value, reason, allowed string) bool {
	l.fail(l.line, cause, value, reason, allowed)
	return false
}

// remark notes something about an attribute.
func (l *addressLine) remark(kind WarningKind, text string) bool {
	l.note(l.line, kind, "%s: %s", l.line.value(l.addr), text)
	return true
}

// parsePrefix reads an address with or without a prefix length.
func parsePrefix(s string) (netip.Prefix, bool) {
	s, length, given := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" || addr.Is4In6() || addr.IsUnspecified() || addr.IsMulticast() {
		return netip.Prefix{}, false
	}
	bits := addr.BitLen()
	if given {
		n, err := strconv.ParseUint(length, 10, 8)
		if err != nil || int(n) > bits {
			return netip.Prefix{}, false
		}
		bits = int(n)
	}
	return netip.PrefixFrom(addr, bits), true
}
