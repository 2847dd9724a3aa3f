// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// maxEndpoints bounds how many addresses one virtual server has.
const maxEndpoints = 4096

// endpoints returns what a virtual_server is for, by the words behind its name.
func (b *balancer) endpoints(d *Directive) []Endpoint {
	const allowed = "an address and a port, fwmark and a number, or group and a name"
	switch {
	case len(d.Args) == 2 && d.Args[0] == "fwmark":
		return b.mark(d, d.Args[1])
	case len(d.Args) == 2 && d.Args[0] == "group":
		group := b.groups[d.Args[1]]
		if group == nil {
			b.fail(d, ErrMissing, d.Args[1], "there is no virtual_server_group of that name", "")
			return nil
		}
		return b.group(group)
	case len(d.Args) == 1 || len(d.Args) == 2:
		if addr, ok := b.addrPort(d, d.Args); ok {
			return []Endpoint{{Addr: addr, IPv6: addr.Addr().Is6()}}
		}
	default:
		b.fail(d, ErrSyntax, strings.Join(d.Args, " "), "not one virtual server", allowed)
	}
	return nil
}

// mark returns the endpoint of a firewall mark, whose family the virtual server decides.
func (b *balancer) mark(d *Directive, word string) []Endpoint {
	n, err := strconv.ParseUint(word, 10, 32)
	if err != nil || n == 0 {
		b.fail(d, ErrValue, word, "not a firewall mark", "1 to 4294967295")
		return nil
	}
	return []Endpoint{{Mark: uint32(n)}}
}

// addrPort reads an address and, if there is a second word, a port.
func (b *balancer) addrPort(d *Directive, words []string) (netip.AddrPort, bool) {
	addr, err := netip.ParseAddr(words[0])
	if err != nil || addr.Zone() != "" || addr.Is4In6() || addr.IsUnspecified() || addr.IsMulticast() {
		b.fail(d, ErrValue, words[0], "not an address", "an IPv4 or IPv6 unicast address")
		return netip.AddrPort{}, false
	}
	port, ok := b.port(d, words[1:])
	return netip.AddrPortFrom(addr, port), ok
}

// port reads a port, 0 if there is no word for it.
func (b *balancer) port(d *Directive, words []string) (uint16, bool) {
	if len(words) == 0 {
		return 0, true
	}
	n, err := strconv.ParseUint(words[0], 10, 16)
	if err != nil || n == 0 || len(words) > 1 {
		b.fail(d, ErrValue, strings.Join(words, " "), "not a port", "1 to 65535")
		return 0, false
	}
	return uint16(n), true
}

// checkGroup reports a group that can't be read; those that are used are read where they are.
func (b *balancer) checkGroup(d *Directive) {
	if _, ok := b.lookup(d, known, ""); !ok {
		return
	}
	if len(d.Args) != 1 || b.groups[d.Args[0]] != d {
		b.fail(d, ErrConflict, strings.Join(d.Args, " "), "has no name of its own", "one word")
		return
	}
	b.group(d)
}

// group returns the endpoints of a virtual_server_group.
func (b *balancer) group(d *Directive) []Endpoint {
	var all []Endpoint
	for i := range d.Block {
		line := d.Block[i].as(d.Name)
		words := append([]string{d.Block[i].Name}, d.Block[i].Args...)
		if words[0] == "fwmark" && len(words) > 1 {
			endpoints := b.mark(line, words[1])
			if len(words) > 2 && endpoints != nil {
				endpoints[0].IPv6 = words[2] == "inet6"
			}
			all = append(all, endpoints...)
			continue
		}
		first, last, ok := b.span(line, words[0])
		port, portOK := b.port(line, words[1:])
		if !ok || !portOK {
			continue
		}
		for addr := first; addr.IsValid() && addr.Compare(last) <= 0; addr = addr.Next() {
			if len(all) == maxEndpoints {
				b.fail(line, ErrLimit, words[0], "too many addresses", fmt.Sprintf("up to %d", maxEndpoints))
				return all
			}
			all = append(all, Endpoint{Addr: netip.AddrPortFrom(addr, port), IPv6: addr.Is6()})
		}
	}
	if len(all) == 0 {
		b.fail(d, ErrMissing, "", "has no addresses and no marks", "")
	}
	return all
}

// span reads an address, a range of addresses, or a network.
func (b *balancer) span(d *Directive, word string) (first, last netip.Addr, ok bool) {
	refuse := func() (netip.Addr, netip.Addr, bool) {
		b.fail(d, ErrValue, word, "not an address or a range",
			"192.0.2.1, 192.0.2.1-10, 192.0.2.1-192.0.2.10, 192.0.2.0/29, the same for IPv6, or fwmark")
		return first, last, false
	}
	if p, err := netip.ParsePrefix(word); err == nil {
		first, last = p.Masked().Addr(), lastOf(p)
		return first, last, true
	}
	from, to, ranged := strings.Cut(word, "-")
	first, err := netip.ParseAddr(from)
	if err != nil || first.Zone() != "" || first.Is4In6() || first.IsMulticast() {
		return refuse()
	}
	if !ranged {
		return first, first, true
	}
	if last, err = netip.ParseAddr(to); err != nil {
		separator := "."
		if first.Is6() {
			separator = ":"
		}
		last, err = netip.ParseAddr(from[:strings.LastIndex(from, separator)+1] + to)
	}
	if err != nil || last.BitLen() != first.BitLen() || last.Less(first) {
		return refuse()
	}
	return first, last, true
}

// lastOf returns the last address of a network.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	addr, _ := netip.AddrFromSlice(b) // of the length of an address
	return addr
}
