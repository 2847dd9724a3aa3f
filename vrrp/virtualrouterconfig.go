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
	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/netif/track"
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
	// then that one for as long as the link has it. Without Peers it must be
	// link-local in IPv6. With them it should be set to one that they have a route
	// to, unless they are on the same link.
	Source netip.Addr
	// Group is where advertisements are sent to; default is [GroupIPv4] or
	// [GroupIPv6], which all routers of the virtual router must agree on.
	Group netip.Addr
	// Peers are sent to instead of the group, and nobody else's advertisements are
	// accepted. This host's own addresses are left out, with [NoticeOwnAddress], so
	// that all routers can have the same list. An empty list that is not nil is an
	// error. The Network sends on Link; what arrives there counts. With VirtualMAC
	// what is sent to peers comes from the link's own MAC address.
	Peers []Peer
	// HopLimit is that of what is sent to Peers, default 255, which they take unless
	// they ask for less. It needs a [HopLimiter]. The goodbye of the [Guard] has 255.
	HopLimit uint8
	// WithGroup has the group sent and listened to besides Peers: for going over
	// from one to the other. What comes by the group is accepted from anybody then.
	WithGroup bool

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
	// FromLink has advertisements come from the link's own MAC address although there is
	// VirtualMAC, which is then that of announcements alone: for a network that drops
	// what comes from another address than the link's, or switches that can't have one at
	// two ports. RFC 9568 section 7.3 wants the virtual one.
	FromLink bool
	// NoLease has addresses held until they are removed, although Backend is a
	// [Leaser]. They then stay on a host whose process was killed.
	NoLease bool
	// IgnoreLinkDown has it take part although Link is down or missing, where it hears
	// nobody and so becomes Active: for a Link between two routers alone, which goes
	// down with the other one, and service addresses on other devices. Both are Active
	// while a cable is cut.
	IgnoreLinkDown bool
	// Trackers are the conditions that the virtual router depends on. A weight is
	// added to the priority, kept between 1 and 254; an address owner stays 255. A
	// condition that is a fault keeps the virtual router in Initialize, also before its
	// first outcome unless track.Config.Initial says otherwise.
	Trackers []track.Track
	// Checksum is the form of the checksum of sent version 3 packets over IPv4.
	// Beside keepalived or FRR choose ChecksumPseudoHeader; see [ChecksumAuto],
	// which goes by each of several peers. ChecksumPseudoGroup is for Peers only.
	Checksum ChecksumForm
	// AuthType and AuthData authenticate version 2; see [Password]. AuthPassword is
	// no protection: the password is readable for everybody on the link. [AuthAH],
	// for which see [AH], needs a Network that is an [AHNetwork].
	AuthType AuthType
	AuthData AuthData
	// HMAC authenticates both versions by a trailer, as keepalived does from 2.4.2
	// (auth_hmac); nil is without. The zero Window is [DefaultWindow] of Interval.
	// What it verifies by is the wall clock that [RouterConfig].Now shows. The
	// [Guard] is given another goodbye with each advertisement, and none with AuthAH.
	HMAC *HMACConfig
}

// Validate reports what is wrong with the configuration; each error is a
// [*ValueError], or wraps errors.ErrUnsupported for [AuthAH] in a program that
// allows no MD5.
func (c VirtualRouterConfig) Validate() error {
	errs := []error{c.Config.Validate()}
	wrong := func(bad bool, name string, value any, allowed string) {
		if bad {
			errs = append(errs, &ValueError{Name: name, Value: value, Allowed: allowed})
		}
	}
	wrong(c.Link == "", "link", `""`, "the name of a network interface")
	wrong(c.Source.IsValid() && (c.Source.Is6() != c.ipv6() || c.ipv6() && (len(c.Peers) == 0 || c.WithGroup) && !c.Source.IsLinkLocalUnicast()),
		"source address", c.Source, "one of the virtual router's family, link-local for IPv6 to a group")
	wrong(c.Group.IsValid() && (c.Group.Is6() != c.ipv6() || !c.Group.IsMulticast()), "group", c.Group, "a multicast address of the virtual router's family")
	wrong(c.Checksum > ChecksumPseudoGroup || c.Checksum == ChecksumPseudoGroup && (len(c.Peers) == 0 || c.WithGroup),
		"checksum form", c.Checksum, "auto, message and pseudo-header, and the one with group for peers only")
	c.checkPeers(wrong)
	errs = append(errs, c.checkAuthentication(wrong), validateTrackers(c.Trackers))
	return errors.Join(errs...)
}

// complete returns c with defaults in the place of zero values, and with slices and
// maps of its own.
func (c VirtualRouterConfig) complete() VirtualRouterConfig {
	c.Config = c.withDefaults()
	c.Devices, c.Peers = maps.Clone(c.Devices), slices.Clone(c.Peers)
	if c.HMAC != nil {
		own := *c.HMAC
		own.Keys = slices.Clone(own.Keys)
		c.HMAC = &own
	}
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
func (c *Config) virtualMAC() [6]byte {
	if c.ipv6() {
		return [6]byte{0x00, 0x00, 0x5e, 0x00, 0x02, c.VRID}
	}
	return [6]byte{0x00, 0x00, 0x5e, 0x00, 0x01, c.VRID}
}

// seat returns what a virtual router asks of the engine.
func (c VirtualRouterConfig) seat() engine.SeatConfig {
	s := engine.SeatConfig{Legs: []engine.LegConfig{{Group: c.Group, Source: c.Source}},
		Terms: engine.Terms{ID: c.VRID, AH: c.AuthType == AuthAH, NoLease: c.NoLease,
			Place: holder.Place{Link: c.Link, Backend: c.Backend, Hooks: c.Hooks.holder()}, Settings: c.settings()}}
	if c.VirtualMAC {
		s.MAC, s.Plain = c.virtualMAC(), c.FromLink
	}
	return s
}

// settings returns the part of it that can be changed.
func (c VirtualRouterConfig) settings() engine.Settings {
	s := engine.Settings{Name: c.Name, Interval: c.Interval, Devices: c.Devices, Unlinked: c.IgnoreLinkDown}
	if !c.fixed() {
		s.Addresses = c.held()
	}
	return s
}
