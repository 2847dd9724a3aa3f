// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"net"
)

// VirtualMAC returns the MAC address of a virtual router: 00-00-5E-00-01 and the VRID in IPv4, 00-00-5E-00-02 and the
// VRID in IPv6 (RFC 9568 section 7.3). CARP has the same, with its VHID.
func VirtualMAC(vrid uint8, ipv6 bool) [6]byte {
	if ipv6 {
		return [6]byte{0x00, 0x00, 0x5e, 0x00, 0x02, vrid}
	}
	return [6]byte{0x00, 0x00, 0x5e, 0x00, 0x01, vrid}
}

// MacvlanConfig says what a [Macvlan] is like.
type MacvlanConfig struct {
	// Parent is the name of the link that the virtual router is on. Its own MAC address stays as it is.
	Parent string

	// VRID is the number of the virtual router, from 1 to 255, and IPv6 its family. They make the MAC address.
	VRID uint8
	IPv6 bool

	// Name is the name of the new interface. Empty stands for vmac4-INDEX-VRID or vmac6-INDEX-VRID, where INDEX is
	// the kernel's number of the parent.
	Name string

	// Sysctls sets the kernel settings, see [MacvlanSettings]. All virtual routers of a program are to share one,
	// as they have settings in common. nil stands for one of its own.
	Sysctls *Sysctls
}

// validate returns why c can't be that of a Macvlan.
func (c *MacvlanConfig) validate() error {
	if c.VRID == 0 {
		return fmt.Errorf("netif: %s: virtual MAC: VRID is 0", c.Parent)
	}
	return nil
}

// name returns the name of the interface.
func (c *MacvlanConfig) name(parent int) string {
	switch {
	case c.Name != "":
		return c.Name
	case c.IPv6:
		return fmt.Sprintf("vmac6-%d-%d", parent, c.VRID)
	}
	return fmt.Sprintf("vmac4-%d-%d", parent, c.VRID)
}

// alias returns the mark that the interface gets.
func (c *MacvlanConfig) alias() string {
	mac := VirtualMAC(c.VRID, c.IPv6)
	return fmt.Sprintf("%s virtual MAC %v on %s", ownAlias, net.HardwareAddr(mac[:]), c.Parent)
}

// A Macvlan is an interface with the MAC address of a virtual router, on the link of that router: a macvlan in private
// mode. Service addresses that are on it are answered for with the virtual MAC, and packets to it arrive.
//
// It is down when it is made, and is to be up only while the router is Active: an interface that is up makes
// membership reports of its own, which would have the switches send the traffic of the virtual MAC to the wrong host.
// While it is up the kernel hands multicast packets that come from the virtual MAC to it alone and not to the parent,
// the advertisements of a rival among them: a [Network] that is attached to the parent takes them from where they come
// in, see [Network.Queue].
//
// It stays in the network namespace of the thread that called AddMacvlan, whichever thread calls its methods.
// It is safe for concurrent use.
type Macvlan struct {
	sys *macvlan
}

// AddMacvlan makes the interface, unless there is one that is just like it, and sets the kernel settings. It makes no
// address of its own, in IPv6 neither a link-local one nor by router advertisement (RFC 9568 section 7.4).
//
// It needs CAP_NET_ADMIN and a writable /proc/sys, or settings that are right already. The error matches
// [os.ErrPermission] if one of them is missing; [errors.ErrUnsupported] if the kernel has no driver for it, or this is
// not Linux; [ErrNoLink] if there is no parent; [ErrLinkExists] if another link has the name; or is a
// [*SettingError].
func AddMacvlan(cfg MacvlanConfig) (*Macvlan, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Sysctls == nil {
		cfg.Sysctls = new(Sysctls)
	}
	sys, err := addMacvlan(&cfg)
	if err != nil {
		return nil, err
	}
	return &Macvlan{sys}, nil
}

// Name returns the name of the interface.
func (m *Macvlan) Name() string { return m.sys.name }

// Made reports whether the interface is one that this module made, see [Dummy.Made].
func (m *Macvlan) Made() bool { return m.sys.own }

// SetUp sets the interface administratively up or down. With the latter it loses its IPv6 addresses.
func (m *Macvlan) SetUp(up bool) error { return m.sys.setUp(up) }

// Undo takes back what AddMacvlan did: an interface that it made is removed, one that was there stays as it is. It must
// be the last call.
func (m *Macvlan) Undo() error { return m.sys.takeBack() }

// Leave leaves the interface and the kernel settings as they are, for another process that has added the same one. What
// the settings were before nobody knows then. It must be the last call.
func (m *Macvlan) Leave() { m.sys.leave() }

// Remove removes the interface with all its addresses if this module made it, and puts the kernel settings
// back. It must be the last call; a second one does nothing.
func (m *Macvlan) Remove() error { return m.sys.remove() }
