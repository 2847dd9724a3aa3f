// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// An ifStatus is what ifconfig prints about an interface, as far as it matters here.
type ifStatus struct {
	up           bool
	noDAD        bool // IPv6 addresses are used without duplicate address detection
	ipv6Disabled bool
	addrs        []ifAddr
}

// An ifAddr is an address of an interface.
type ifAddr struct {
	addr       netip.Addr // without a zone
	length     int        // of the prefix, or withHoles
	broadcast  netip.Addr // the zero Addr if there is none
	vhid       int        // of carp(4); 0 if there is none
	duplicated bool       // duplicate address detection found another host that has the address
}

// What stands for a prefix length where there is none.
const (
	withHoles = -1 // an IPv4 mask that is not that of a prefix
	unknown   = -2 // not read yet
)

// parseStatus reads what "ifconfig device" prints. Lines that aren't about addresses, flags or IPv6 options are passed
// over, and so are words of an address line that it does not know: each release has more of them. What it can't
// understand otherwise is an error, never a guess.
func parseStatus(device, output string) (*ifStatus, error) {
	var s *ifStatus
	for line := range strings.Lines(output) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case s == nil:
			flags, ok := parseFlags(words)
			if words[0] != device+":" || !ok {
				return nil, fmt.Errorf("line %q does not begin the list of %s", strings.TrimSpace(line), device)
			}
			s = &ifStatus{up: slices.Contains(flags, "UP")}
		default:
			if err := s.parseLine(words); err != nil {
				return nil, fmt.Errorf("line %q: %w", strings.TrimSpace(line), err)
			}
		}
	}
	if s == nil {
		return nil, errors.New("nothing was printed")
	}
	return s, nil
}

// parseFlags returns the names in a word such as flags=8843<UP,BROADCAST>; ok is false if there is no such word.
func parseFlags(words []string) (names []string, ok bool) {
	for _, w := range words {
		value, found := strings.CutPrefix(w, "flags=")
		_, list, open := strings.Cut(value, "<")
		list, closed := strings.CutSuffix(list, ">")
		if found && open && closed {
			return strings.Split(list, ","), true
		}
	}
	return nil, false
}

// parseLine reads one of the lines below the first.
func (s *ifStatus) parseLine(words []string) error {
	switch words[0] {
	case "inet", "inet6":
		a, err := parseIfAddr(words[0], words[1:])
		if err == nil {
			s.addrs = append(s.addrs, a)
		}
		return err
	case "nd6":
		for _, w := range words[1:] {
			_, list, _ := strings.Cut(strings.TrimSuffix(w, ">"), "<")
			names := strings.Split(list, ",")
			s.noDAD = s.noDAD || slices.Contains(names, "NO_DAD")
			s.ipv6Disabled = s.ipv6Disabled || slices.Contains(names, "IFDISABLED")
		}
	default:
		if len(words) > 1 && strings.HasSuffix(words[0], ":") && strings.HasPrefix(words[1], "flags=") {
			return errors.New("a second interface")
		}
	}
	return nil
}

// parseIfAddr reads the words of an address line that come after the family. Prefix lengths are printed as /24,
// netmask 0xffffff00, netmask 255.255.255.0 or prefixlen 64, by release and format.
func parseIfAddr(family string, words []string) (a ifAddr, err error) {
	if len(words) == 0 {
		return a, errors.New("no address")
	}
	text, length, found := strings.Cut(words[0], "/")
	a.addr, err = netip.ParseAddr(text)
	if err != nil {
		return a, err
	}
	a.addr = a.addr.WithZone("")
	if a.addr.Is4() != (family == "inet") {
		return a, fmt.Errorf("not an address of family %s", family)
	}
	a.length = unknown
	if found {
		a.length, err = parseLength(a.addr, length)
	}
	for words = words[1:]; len(words) > 0 && err == nil; words = words[1:] {
		switch {
		case words[0] == "duplicated":
			a.duplicated = true
		case takesValue(words[0]) && len(words) == 1:
			err = fmt.Errorf("%s without a value", words[0])
		case takesValue(words[0]):
			err = a.parsePair(words[0], words[1])
			words = words[1:]
		}
	}
	if err == nil && a.length == unknown {
		err = errors.New("no prefix length")
	}
	return a, err
}

// takesValue reports whether a word of an address line is followed by its value.
func takesValue(word string) bool {
	switch word {
	case "-->", "netmask", "prefixlen", "broadcast", "vhid", "scopeid", "pltime", "vltime":
		return true
	}
	return false
}

// parsePair reads a word and its value.
func (a *ifAddr) parsePair(word, value string) (err error) {
	switch word {
	case "-->": // the other end of a point-to-point link. The format with a slash has the prefix length there.
		if _, length, found := strings.Cut(value, "/"); found {
			a.length, err = parseLength(a.addr, length)
		}
	case "prefixlen":
		a.length, err = parseLength(a.addr, value)
	case "netmask":
		a.length, err = parseNetmask(value)
	case "broadcast":
		a.broadcast, err = netip.ParseAddr(value)
	case "vhid":
		a.vhid, err = strconv.Atoi(value)
		if err == nil && a.vhid <= 0 {
			err = errors.New("vhid out of range")
		}
	}
	return err
}

// parseLength reads a prefix length.
func parseLength(a netip.Addr, text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > a.BitLen() {
		return 0, fmt.Errorf("prefix length %q", text)
	}
	return n, nil
}

// parseNetmask reads a mask of IPv4 in hexadecimal or dotted form and returns its length, or withHoles.
func parseNetmask(text string) (int, error) {
	mask, err := strconv.ParseUint(text, 0, 32)
	if dotted, dottedErr := netip.ParseAddr(text); dottedErr == nil && dotted.Is4() {
		mask, err = 0, nil
		for _, octet := range dotted.As4() {
			mask = mask<<8 | uint64(octet)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("netmask %q", text)
	}
	length := bits.LeadingZeros32(^uint32(mask))
	if uint32(mask)<<length != 0 {
		return withHoles, nil
	}
	return length, nil
}

// find returns the address of that number, whatever its prefix length: an interface of FreeBSD has room for one.
func (s *ifStatus) find(a netip.Addr) (ifAddr, bool) {
	for _, h := range s.addrs {
		if h.addr == a {
			return h, true
		}
	}
	return ifAddr{}, false
}

// prefixes returns all addresses but those that have no prefix length.
func (s *ifStatus) prefixes() []netip.Prefix {
	list := make([]netip.Prefix, 0, len(s.addrs))
	for _, a := range s.addrs {
		if a.length >= 0 {
			list = append(list, netip.PrefixFrom(a.addr, a.length))
		}
	}
	return list
}
