// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// VirtualRouterConfig is one virtual router of a [Router]: what its election
// needs, and where it takes place.
type VirtualRouterConfig struct {
	Config

	// Name stands for the virtual router in logs; default is link, family and
	// VRID.
	Name string
	// Link is the name of the network interface. It need not exist yet.
	Link string
	// Source is the address that advertisements come from, one of the link's;
	// default is its primary IPv4 or its lowest link-local IPv6 address, and
	// then that one for as long as the link has it.
	Source netip.Addr
	// Group is where advertisements are sent to; default is [GroupIPv4] or
	// [GroupIPv6], which all routers of the virtual router must agree on.
	Group netip.Addr
	// Backend configures the service addresses. Without one nothing is
	// configured, and the role is for [Trace] to act on.
	Backend Backend
	// Hooks are called around the coming and going of the service addresses.
	Hooks Hooks `json:"-"`
	// Devices names the devices of addresses that Backend configures elsewhere
	// than on Link, for the [Guard] to find them.
	Devices map[netip.Prefix]string
	// VirtualMAC has advertisements and announcements come from the MAC address
	// of the virtual router, 00-00-5E-00-01 and the VRID in IPv4 and
	// 00-00-5E-00-02 and the VRID in IPv6 (RFC 9568 section 7.3), and not from
	// that of the link. The service addresses must then be on an interface that
	// has it, for which see netif.Macvlan, and Backend be one on that: else
	// nothing that is sent to the announced address arrives. The goodbye of the
	// [Guard] comes from the link's own.
	VirtualMAC bool
	// NoLease has addresses held until they are removed, although Backend is a
	// [Leaser]. They then stay on a host whose process was killed.
	NoLease bool
	// Trackers are the conditions that the virtual router depends on.
	Trackers []Track
	// Checksum is the form of the checksum of sent version 3 packets over IPv4.
	// Beside keepalived or FRR choose ChecksumPseudoHeader; see [ChecksumAuto].
	Checksum ChecksumForm
	// AuthType and AuthData authenticate version 2; see [Password]. It is no
	// protection: the password is readable for everybody on the link.
	AuthType AuthType
	AuthData AuthData
}

// Validate reports what is wrong with the configuration; each error is a
// [*ValueError], or wraps errors.ErrUnsupported for [AuthAH].
func (c VirtualRouterConfig) Validate() error {
	errs := []error{c.Config.Validate()}
	if c.Link == "" {
		errs = append(errs, &ValueError{Name: "link", Value: `""`, Allowed: "the name of a network interface"})
	}
	if c.Source.IsValid() && (c.Source.Is6() != c.ipv6() || c.ipv6() && !c.Source.IsLinkLocalUnicast()) {
		errs = append(errs, &ValueError{Name: "source address", Value: c.Source, Allowed: "one of the virtual router's family, link-local for IPv6"})
	}
	if c.Group.IsValid() && (c.Group.Is6() != c.ipv6() || !c.Group.IsMulticast()) {
		errs = append(errs, &ValueError{Name: "group", Value: c.Group, Allowed: "a multicast address of the virtual router's family"})
	}
	if c.Checksum > ChecksumPseudoHeader {
		errs = append(errs, &ValueError{Name: "checksum form", Value: c.Checksum, Allowed: "auto, message and pseudo-header"})
	}
	errs = append(errs, validateTrackers(c.Trackers))
	switch {
	case c.AuthType == AuthAH:
		errs = append(errs, fmt.Errorf("vrrp: authentication type AH: %w", errors.ErrUnsupported))
	case c.AuthType > AuthAH:
		errs = append(errs, &ValueError{Name: "authentication type", Value: uint8(c.AuthType), Allowed: "none and password"})
	case c.AuthType != AuthNone && c.withDefaults().Version != V2:
		errs = append(errs, &ValueError{Name: "authentication type", Value: uint8(c.AuthType), Allowed: "none in version 3"})
	}
	return errors.Join(errs...)
}

// complete returns c with defaults in the place of zero values, and with slices and
// maps of its own.
func (c VirtualRouterConfig) complete() VirtualRouterConfig {
	c.Config = c.withDefaults()
	c.Devices = maps.Clone(c.Devices)
	c.Trackers = slices.Clone(c.Trackers)
	family, group := "IPv4", GroupIPv4()
	if c.ipv6() {
		family, group = "IPv6", GroupIPv6()
	}
	if !c.Group.IsValid() {
		c.Group = group
	}
	c.Name = cmp.Or(c.Name, fmt.Sprintf("%s %s VRID %d", c.Link, family, c.VRID))
	return c
}

// virtualMAC returns the MAC address of the virtual router (RFC 9568 section 7.3).
func (c *VirtualRouterConfig) virtualMAC() [6]byte {
	if c.ipv6() {
		return [6]byte{0x00, 0x00, 0x5e, 0x00, 0x02, c.VRID}
	}
	return [6]byte{0x00, 0x00, 0x5e, 0x00, 0x01, c.VRID}
}

// seat returns what a virtual router asks of the engine.
func (c VirtualRouterConfig) seat() engine.SeatConfig {
	s := engine.SeatConfig{ID: c.VRID, Link: c.Link, Backend: c.Backend, NoLease: c.NoLease, Hooks: c.Hooks.holder(),
		Legs: []engine.LegConfig{{Group: c.Group, Source: c.Source}}, Settings: c.settings()}
	if c.VirtualMAC {
		s.MAC = c.virtualMAC()
	}
	return s
}

// settings returns the part of it that can be changed.
func (c VirtualRouterConfig) settings() engine.Settings {
	s := engine.Settings{Name: c.Name, Interval: c.Interval, Devices: c.Devices}
	if !c.fixed() {
		s.Addresses = c.held()
	}
	return s
}
