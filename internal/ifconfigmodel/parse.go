// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// parse reads an address of the command's family.
func (c *command) parse(word string) (netip.Addr, error) {
	if c.six {
		return parseInet6(word)
	}
	return parseInet(word)
}

// parsePrefix reads the address to be added, and its prefix length if it has one.
func (c *command) parsePrefix(word string) (err error) {
	address, length, found := cutLast(word, '/')
	if found {
		c.masked = true
		if c.six {
			c.addr.bits, err = prefixLength(length)
		} else {
			c.addr.mask, err = maskLength(word, length)
		}
	}
	if err == nil {
		c.addr.ip, err = c.parse(address)
	}
	if err != nil || c.masked {
		return err
	}
	c.addr.bits, c.addr.mask = 64, classMask(c.addr.ip)
	return nil
}

// cutLast cuts a string at the last of some octet.
func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// maskLength reads the length of an IPv4 mask.
func maskLength(word, length string) (uint32, error) {
	n, err := strconv.Atoi(length)
	if length == "" || length[0] < '0' || length[0] > '9' || err != nil {
		return 0, failf("%s: bad value (width invalid)", word)
	}
	if n > 32 {
		return 0, failf("%s: bad value (width too large)", word)
	}
	return uint32(0xffffffff << (32 - n)), nil
}

// prefixLength reads the length of an IPv6 prefix as atoi(3) does. 0 means 128.
func prefixLength(length string) (int, error) {
	n, _ := strconv.Atoi(length)
	if n < 0 || n > 128 {
		return 0, failf("%s: bad value", length)
	}
	if n == 0 {
		n = 128
	}
	return n, nil
}

// classMask returns the mask of an IPv4 address by its class, which is assumed where none is given.
func classMask(ip netip.Addr) uint32 {
	switch {
	case !ip.Is4():
		return 0
	case ip.As4()[0] < 128:
		return 0xff000000
	case ip.As4()[0] < 192:
		return 0xffff0000
	}
	return 0xffffff00
}

// parseInet6 reads an IPv6 address, as inet_pton(3) does.
func parseInet6(word string) (netip.Addr, error) {
	ip, err := netip.ParseAddr(word)
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return netip.Addr{}, failf("%s: bad value", word)
	}
	return ip, nil
}

// parseInet reads an IPv4 address as inet_aton(3) does: one to four numbers, of which the last fills what is left of
// the address.
func parseInet(word string) (netip.Addr, error) {
	parts := strings.Split(word, ".")
	var value uint64
	for n, part := range parts {
		bits := 8
		if n == len(parts)-1 {
			bits = 32 - 8*n
		}
		v, err := strconv.ParseUint(part, 0, 32)
		if err != nil || n > 3 || v >= 1<<bits || strings.Contains(part, "_") {
			return netip.Addr{}, failf("%s: bad value", word)
		}
		value = value<<bits | v
	}
	return inetAddr(uint32(value)), nil
}

// number returns an IPv4 address as a number; 0 for the zero Addr.
func number(ip netip.Addr) uint32 {
	if !ip.Is4() {
		return 0
	}
	four := ip.As4()
	return binary.BigEndian.Uint32(four[:])
}

// inetAddr returns the IPv4 address of a number.
func inetAddr(n uint32) netip.Addr {
	var four [4]byte
	binary.BigEndian.PutUint32(four[:], n)
	return netip.AddrFrom4(four)
}
