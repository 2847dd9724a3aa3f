// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel

import (
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
)

// A listing is a run of ifconfig that lists interfaces.
type listing struct {
	all, names      bool
	lifetimes, keys bool
	inet, inet6     string // formats: cidr, dotted

	out, warnings strings.Builder
}

// flags takes the flags off the arguments.
func (l *listing) flags(args []string) (rest []string, err error) {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-a":
			l.all = true
		case "-l":
			l.names = true
		case "-L":
			l.lifetimes = true
		case "-k":
			l.keys = true
		case "-f":
			if len(args) == 1 {
				return nil, failure("option requires an argument -- f")
			}
			l.format(args[1])
			args = args[1:]
		default:
			return nil, failf("illegal option -- %s", args[0][1:])
		}
		args = args[1:]
	}
	return args, nil
}

// format takes a format, as inet:cidr,inet6:cidr.
func (l *listing) format(text string) {
	for part := range strings.SplitSeq(text, ",") {
		family, format, _ := strings.Cut(part, ":")
		switch {
		case format == "":
			fmt.Fprintf(&l.warnings, "ifconfig: Skipping invalid format specification: %s\n\n", part)
		case family == "inet":
			l.inet = format
		case family == "inet6":
			l.inet6 = format
		}
	}
}

// print lists an interface, or what it has of one family. The families come in the order in which they first appear
// among its addresses.
func (l *listing) print(m *Model, i *iface, family string) {
	fmt.Fprintf(&l.out, "%s: %s metric 0 mtu %d\n", i.name, i.flags(), i.mtu)
	l.line(i.options)
	if i.ether != "" && family == "" {
		l.line("ether " + i.ether)
	}
	four := slices.IndexFunc(i.addrs, func(a *address) bool { return a.ip.Is4() })
	six := slices.IndexFunc(i.addrs, func(a *address) bool { return a.ip.Is6() })
	for _, is6 := range []bool{six < four, six >= four} {
		for _, a := range i.addrs {
			if a.ip.Is6() == is6 && (family == "" || is6 == (family == "inet6")) {
				l.line(l.address(i, a))
			}
		}
	}
	if family == "" {
		for _, v := range i.vhids {
			l.line(v.describe(l.keys))
		}
		if i.groups != "" {
			l.line("groups: " + i.groups)
		}
	}
	if family != "inet" {
		l.line("nd6 options=" + flagWords(i.nd6, nd6Names()))
	}
}

// line prints one line below that of the interface, if there is anything to print.
func (l *listing) line(text string) {
	if text != "" {
		fmt.Fprintf(&l.out, "\t%s\n", text)
	}
}

// address returns the line of an address.
func (l *listing) address(i *iface, a *address) string {
	var w []string
	if a.ip.Is4() {
		w = l.inetWords(a)
	} else {
		w = l.inet6Words(i, a)
	}
	if a.vhid != 0 {
		w = append(w, fmt.Sprintf("vhid %d", a.vhid))
	}
	return strings.Join(w, " ")
}

func (l *listing) inetWords(a *address) []string {
	w := []string{"inet", a.ip.String()}
	switch l.inet {
	case "cidr":
		w[1] += fmt.Sprintf("/%d", 32-bits.TrailingZeros32(a.mask))
	case "dotted":
		w = append(w, "netmask", inetAddr(a.mask).String())
	default:
		w = append(w, fmt.Sprintf("netmask 0x%x", a.mask))
	}
	if a.broadcast.IsValid() {
		w = append(w, "broadcast", a.broadcast.String())
	}
	return w
}

func (l *listing) inet6Words(i *iface, a *address) []string {
	w := []string{"inet6", zoned(a.ip, i)}
	if l.inet6 == "cidr" {
		w[1] += fmt.Sprintf("/%d", a.bits)
	} else {
		w = append(w, fmt.Sprintf("prefixlen %d", a.bits))
	}
	has := func(word string) bool { return slices.Contains(a.words, word) }
	for _, f := range []struct {
		word string
		set  bool
	}{
		{"anycast", has("anycast")},
		{"tentative", a.tentative},
		{"duplicated", a.duplicated},
		{"deprecated", has("deprecated") || a.pltime != nil && *a.pltime == 0},
		{"prefer_source", has("prefer_source")},
	} {
		if f.set {
			w = append(w, f.word)
		}
	}
	if linkLocal(a.ip) {
		w = append(w, fmt.Sprintf("scopeid 0x%x", i.index))
	}
	preferred, valid := a.pltime == nil && !has("deprecated"), a.vltime == nil
	if l.lifetimes && !(preferred && valid) {
		w = append(w, "pltime", lifetime(preferred), "vltime", lifetime(valid))
	}
	return w
}

// lifetime returns a lifetime as the port prints it. Its clock is not that of the kernel: all that ends is over.
func lifetime(forEver bool) string {
	if forEver {
		return "infty"
	}
	return "0"
}

// linkLocal reports whether an address is valid on its link only.
func linkLocal(ip netip.Addr) bool { return ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast() }

// zoned returns an IPv6 address as it is printed.
func zoned(ip netip.Addr, i *iface) string {
	if linkLocal(ip) {
		ip = ip.WithZone(i.name)
	}
	return ip.String()
}

// flags returns the flags of an interface as they are printed.
func (i *iface) flags() string {
	value := 0x8000 // MULTICAST
	if i.loopback {
		value |= 0x8
	} else {
		value |= 0x2 | 0x800
	}
	if i.up {
		value |= 0x1 | 0x40
	}
	if len(i.vhids) > 0 {
		value |= 0x100
	}
	return "flags=" + flagWords(value, flagNames())
}

// A flagName is a bit and what it is printed as.
type flagName struct {
	bit  int
	name string
}

func flagNames() []flagName {
	return []flagName{
		{0x1, "UP"}, {0x2, "BROADCAST"}, {0x8, "LOOPBACK"}, {0x40, "RUNNING"}, {0x100, "PROMISC"}, {0x800, "SIMPLEX"},
		{0x8000, "MULTICAST"},
	}
}

func nd6Names() []flagName {
	return []flagName{
		{nd6PerformNUD, "PERFORMNUD"}, {nd6AcceptRtAdv, "ACCEPT_RTADV"}, {nd6IfDisabled, "IFDISABLED"},
		{nd6AutoLinkLocal, "AUTO_LINKLOCAL"}, {nd6NoDAD, "NO_DAD"},
	}
}

// flagWords returns a number and the names of its bits.
func flagWords(value int, names []flagName) string {
	var words []string
	for _, n := range names {
		if value&n.bit != 0 {
			words = append(words, n.name)
		}
	}
	return fmt.Sprintf("%x<%s>", value, strings.Join(words, ","))
}
