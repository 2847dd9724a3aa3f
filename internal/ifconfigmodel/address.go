// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel

import (
	"math/bits"
	"net/netip"
	"slices"
	"time"
)

// Options of neighbour discovery, by their values in the kernel.
const (
	nd6PerformNUD    = 0x1
	nd6AcceptRtAdv   = 0x2
	nd6IfDisabled    = 0x8
	nd6AutoLinkLocal = 0x20
	nd6NoDAD         = 0x100
)

// dadTime is how long duplicate address detection takes: one to two seconds.
const dadTime = 1500 * time.Millisecond

// An iface is a network interface.
type iface struct {
	name     string
	index    int
	up       bool
	loopback bool
	mtu      int
	ether    string
	options  string
	groups   string
	nd6      int
	addrs    []*address // of both families, in the kernel's order
	vhids    []*vhid
}

// An address is an address of an interface.
type address struct {
	ip        netip.Addr
	mask      uint32     // of IPv4
	broadcast netip.Addr // of IPv4; the zero Addr if there is none
	bits      int        // of IPv6

	words          []string      // such as anycast
	pltime, vltime *int          // preferred and valid lifetime in seconds; nil is for ever
	tentative      bool          // duplicate address detection has not ended,
	dadEnd         time.Duration // which it will then; 0: it has not begun
	duplicated     bool

	vhid int // 0: none
}

// prefix returns the network of an address; ok is false where the mask has holes.
func (a *address) prefix() (p netip.Prefix, ok bool) {
	length := a.bits
	if a.ip.Is4() {
		length = bits.LeadingZeros32(^a.mask)
		ok = a.mask == uint32(0xffffffff<<(32-length))
		return netip.PrefixFrom(a.ip, length).Masked(), ok
	}
	return netip.PrefixFrom(a.ip, length).Masked(), true
}

// get returns the address of that number, nil if the interface does not have it. A mask plays no part in it.
func (i *iface) get(ip netip.Addr) *address {
	for _, a := range i.addrs {
		if a.ip == ip {
			return a
		}
	}
	return nil
}

// insert adds an address at the end of the list, with its routes.
func (m *Model) insert(i *iface, a *address) {
	i.addrs = append(i.addrs, a)
	m.changed(i, a)
	m.addRoutes(i, a)
}

// remove takes an address off an interface, with its routes.
func (m *Model) remove(i *iface, a *address) {
	i.addrs = slices.DeleteFunc(i.addrs, func(b *address) bool { return a == b })
	m.removeRoutes(a)
	m.changed(i, a)
}

// addAddress adds an address, or changes one that is there.
func (m *Model) addAddress(i *iface, a address) error {
	if m.config.Unprivileged {
		return errPermissionDenied
	}
	if a.ip.IsUnspecified() {
		return errNoMemory
	}
	if a.ip.Is4() {
		m.addInet(i, &a)
		return nil
	}
	return m.addInet6(i, &a)
}

// addInet adds an IPv4 address. One that is there is deleted first, whatever its mask. The interface comes up.
func (m *Model) addInet(i *iface, a *address) {
	if !i.loopback && !a.broadcast.IsValid() {
		a.broadcast = inetAddr(number(a.ip) | ^a.mask)
	}
	if old := i.get(a.ip); old != nil {
		m.remove(i, old)
	}
	m.insert(i, a)
	if !i.up {
		i.up = true
		i.startDAD(m)
	}
	if !i.loopback && a.vhid == 0 {
		for range 1 + m.value("net.link.ether.inet.garp_rexmit_count") {
			m.announced = append(m.announced, a.ip)
		}
	}
}

// addInet6 adds an IPv6 address, or changes one of the same prefix length where it is.
func (m *Model) addInet6(i *iface, a *address) error {
	old := i.get(a.ip)
	if a.ip.IsLoopback() && !i.loopback || old != nil && old.bits != a.bits {
		return errInvalid
	}
	if a.vltime != nil && *a.vltime == 0 {
		return nil // its time is over already
	}
	if old != nil {
		before := *old
		old.words, old.pltime, old.vltime, old.vhid = a.words, a.pltime, a.vltime, a.vhid
		old.duplicated = false // without another detection
		m.changed(i, &before)
		m.changed(i, old)
		return nil
	}
	m.insert(i, a)
	a.startDAD(m, i)
	return nil
}

// deleteAddress deletes an address, whatever its mask and vhid. Where none is given, it is the first of IPv4.
func (m *Model) deleteAddress(i *iface, six bool, ip netip.Addr) error {
	if m.config.Unprivileged {
		return errPermissionDenied
	}
	for _, a := range i.addrs {
		if a.ip == ip || !ip.IsValid() && !six && a.ip.Is4() {
			m.remove(i, a)
			i.forgetVHID(a.vhid)
			return nil
		}
	}
	return errAddrNotAvail
}

// setUp takes an interface up or down. Unlike an IPv4 address that brings it up, this starts no duplicate address
// detection.
func (m *Model) setUp(i *iface, up bool) {
	if i.up == up {
		return
	}
	i.up = up
	for _, v := range i.vhids {
		m.linkVHID(i, v)
	}
}

// startDAD starts duplicate address detection for all addresses.
func (i *iface) startDAD(m *Model) {
	for _, a := range i.addrs {
		a.startDAD(m, i)
	}
}

// startDAD starts duplicate address detection. On an interface that is down it does not begin.
func (a *address) startDAD(m *Model, i *iface) {
	if !a.ip.Is6() || i.loopback || i.up && i.nd6&nd6NoDAD != 0 {
		return
	}
	a.tentative, a.dadEnd = true, 0
	if i.up {
		a.dadEnd = m.now + dadTime
	}
}

// endDAD ends duplicate address detection where it is time.
func (i *iface) endDAD(m *Model) {
	for _, a := range i.addrs {
		if i.up && a.tentative && a.dadEnd != 0 && m.now >= a.dadEnd {
			a.tentative, a.duplicated = false, m.neighbours[a.ip]
		}
	}
}
