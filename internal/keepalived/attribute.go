// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"net/netip"
	"strconv"
	"strings"
)

// What is said of directives, and attributes of addresses, that were accepted without effect.
const (
	notSupported = "known to keepalived, not supported here yet"
	notUsed      = "accepted, not used here"
)

// attribute reads the attribute that args starts with, and returns what follows it.
func (l *addressLine) attribute(args []string) (rest []string, ok bool) {
	name, rest := args[0], args[1:]
	switch name {
	case "home", "-nodad", "mngtmpaddr", "noprefixroute", "autojoin", "use_vmac":
		return rest, l.remark(Unsupported, name+": "+notSupported)
	case "no_track":
		return rest, l.remark(Unused, name+": "+notUsed)
	case "dev", "label", "scope", "brd", "broadcast", "peer", "preferred_lft":
	default:
		return nil, l.refuse(ErrUnknown, name, "unknown attribute of an address", "one address a line, and its attributes")
	}
	if len(rest) == 0 {
		return nil, l.refuse(ErrMissing, name, "the attribute has no value", "")
	}
	return rest[1:], l.valued(name, rest[0])
}

// valued reads an attribute that has a value.
func (l *addressLine) valued(name, value string) bool {
	switch name {
	case "dev":
		return l.readDevice(value)
	case "label":
		return l.readLabel(value)
	case "scope":
		return l.readScope(value)
	case "preferred_lft":
		return l.readPreferred(value)
	case "peer":
		return l.readPeer(value)
	}
	return l.readBroadcast(value)
}

func (l *addressLine) readDevice(value string) bool {
	if l.Device != "" {
		return l.refuse(ErrConflict, value, "dev is given twice", "one dev")
	}
	l.Device = value
	return l.checkLink(l.line, value)
}

// readLabel reads a label; IPv6 addresses have none.
func (l *addressLine) readLabel(value string) bool {
	if len(value) > maxLink {
		return l.refuse(ErrValue, value, "the label is too long", "up to 15 octets")
	}
	if l.Prefix.Addr().Is6() {
		return l.remark(Adjusted, "an IPv6 address has no label: ignored, as in keepalived")
	}
	l.Label = value
	return true
}

// scopes are the scopes that have a name without /etc/iproute2/rt_scopes.
var scopes = map[string]uint8{"global": 0, "site": 200, "link": 253, "host": 254, "nowhere": 255}

// readScope reads a scope; that of an IPv6 address follows from the address.
func (l *addressLine) readScope(value string) bool {
	scope, ok := scopes[value]
	if !ok {
		base, digits := 10, value
		if hex, ok := strings.CutPrefix(value, "0x"); ok {
			base, digits = 16, hex
		}
		n, err := strconv.ParseUint(digits, base, 8)
		if err != nil {
			return l.refuse(ErrValue, value, "unknown scope", "global, site, link, host, nowhere, or 0 to 255")
		}
		scope = uint8(n)
	}
	if l.Prefix.Addr().Is6() {
		return l.remark(Adjusted, "the scope of an IPv6 address is its own: ignored, as in keepalived")
	}
	l.Scope = scope
	return true
}

func (l *addressLine) readPreferred(value string) bool {
	if _, err := strconv.ParseUint(value, 10, 32); err != nil && value != "forever" {
		return l.refuse(ErrValue, value, "not a lifetime", "seconds, or forever")
	}
	return l.remark(Unsupported, "preferred_lft: "+notSupported)
}

func (l *addressLine) readPeer(value string) bool {
	addr, err := netip.ParseAddr(value)
	if err != nil || addr.Zone() != "" || addr.Is4() != l.Prefix.Addr().Is4() {
		return l.refuse(ErrValue, value, "not a peer", "an address of the same family, without prefix length")
	}
	return l.remark(Unsupported, "peer: "+notSupported)
}

// readBroadcast reads a broadcast address: one that is written out, or one whose host bits are all 1 (+) or all 0 (-).
func (l *addressLine) readBroadcast(value string) bool {
	if l.Prefix.Addr().Is6() {
		return l.refuse(ErrValue, value, "an IPv6 address has no broadcast address", "brd with IPv4 only")
	}
	computed := value == "+" || value == "-"
	if addr, err := netip.ParseAddr(value); !computed && (err != nil || !addr.Is4()) {
		return l.refuse(ErrValue, value, "not a broadcast address", "+, - or an IPv4 address")
	}
	if computed && l.Prefix.Bits() > 30 {
		return l.remark(Adjusted, "brd: the prefix is too long for one: ignored, as in keepalived")
	}
	return l.remark(Unused, "brd: "+notUsed)
}
