// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/netif/track"
)

// VirtualHostConfig is one virtual host of a [Host]: what its election needs, and
// where it takes place. Advertisements go out in each address family that it has
// addresses of, and one that is heard in either counts.
type VirtualHostConfig struct {
	Config

	// Name stands for the virtual host in logs; default is link and VHID.
	Name string
	// Link is the name of the network interface (carpdev of OpenBSD's
	// ifconfig). It need not exist yet.
	Link string

	// Key is the passphrase (pass of ifconfig(8)); without one any host can
	// take part. Profile, LinkLayer, AcceptAddresses and AcceptProfiles are as
	// in [AuthenticatorConfig].
	Key             Key
	Profile         Profile
	LinkLayer       [6]byte
	AcceptAddresses [][]netip.Addr
	AcceptProfiles  []Profile

	// SourceIPv4 and SourceIPv6 are the addresses that advertisements come from,
	// of the link's; default is its primary IPv4 and its lowest link-local IPv6
	// address, each for as long as it has it. In a family in which the link has
	// none nothing is sent.
	SourceIPv4, SourceIPv6 netip.Addr
	// GroupIPv4 and GroupIPv6 are where advertisements are sent to; default is
	// the functions of the same names (peer of FreeBSD's ifconfig, carppeer of
	// OpenBSD's, ucarp --mcast).
	GroupIPv4, GroupIPv6 netip.Addr
	// Peers are sent to instead of the group, in each family that has some (peer
	// and peer6 of FreeBSD's ifconfig, carppeer of OpenBSD's). Nobody else's
	// advertisements are accepted in that family. The source address of this
	// host itself is left out, so that all hosts can have the same list; an
	// empty list that is not nil is an error. IPv6 peers that run this package
	// send from link-local addresses.
	Peers []netip.Addr
	// MinHopLimit is what a packet from one of Peers must arrive with at least:
	// 255 for peers on the same link, one less for each router between. The
	// default is any, as on FreeBSD. Packets to a group must have 255.
	MinHopLimit uint8
	// Broadcast has IPv4 advertisements sent to 255.255.255.255, for links that
	// lose multicast and hosts that run this package: the Network must be
	// permitted to. (ucarp --nomcast sends to the group, in Ethernet frames to
	// everybody, and accepts nothing that is sent to another IP address. There
	// is no way to ask a [Network] for such frames. To receive them nothing has
	// to be set.)
	Broadcast bool
	// AcceptFrom are the only source addresses that advertisements to a group
	// are accepted from; default is any. Without Strict it is no protection: a
	// source address is easily forged.
	AcceptFrom []netip.Addr
	// Strict rejects an advertisement whose digest was heard before with another
	// interval or demotion, which the digest doesn't cover: without it whoever
	// can send to the link can end a Master with a copy of any advertisement, as
	// with all other implementations. Not beside OpenBSD, which has the same
	// digest in all its advertisements. Of copies that are not changed, or are
	// older than the last 3600 advertisements, it knows nothing.
	Strict bool

	// Backend configures the service addresses. Without one nothing is
	// configured, and the role is for [Trace] to act on.
	Backend Backend
	// Hooks are called around the coming and going of the service addresses.
	Hooks Hooks `json:"-"`
	// Devices names the devices of addresses that Backend configures elsewhere
	// than on Link, for the [Guard] to find them.
	Devices map[netip.Prefix]string
	// VirtualMAC has advertisements and announcements come from the MAC address
	// of the virtual host, 00-00-5E-00-01 and the VHID in both families, as on
	// the BSDs, and not from that of the link. The service addresses must then
	// be on an interface that has it, and Backend be one on that: else nothing
	// that is sent to the announced address arrives. A netif.Macvlan for IPv4 is
	// such an interface for IPv4 addresses. The goodbye of the [Guard], and on
	// Linux and FreeBSD what is sent to Peers, comes from the link's own.
	VirtualMAC bool
	// Trackers are the conditions that the virtual host depends on. A negative weight
	// demotes by so much, as [VirtualHost.Demote] does with the reason "conditions"; a
	// positive one makes up for other demotions. A condition that is a fault keeps the
	// virtual host in Init, also before its first outcome unless track.Config.Initial
	// says otherwise.
	Trackers []track.Track
	// NoLease has addresses held until they are removed, although Backend is a
	// [Leaser]. They then stay on a host whose process was killed.
	NoLease bool
}

// Validate reports what is wrong with the configuration; each error is a
// [*ValueError].
func (c VirtualHostConfig) Validate() error {
	_, err := c.prepare()
	return err
}

// prepared is a valid configuration with defaults in the place of zero values,
// with slices and maps of its own, and what is made of it.
type prepared struct {
	VirtualHostConfig
	auth *Authenticator
}

// prepare returns the configuration as a virtual host works with it.
func (c VirtualHostConfig) prepare() (prepared, error) {
	if err := errors.Join(c.Config.Validate(), c.check(), validateTrackers(c.Trackers)); err != nil {
		return prepared{}, err
	}
	p := prepared{VirtualHostConfig: c.complete()}
	auth, err := NewAuthenticator(AuthenticatorConfig{VHID: c.VHID, Key: c.Key, Addresses: c.addrs(), Profile: c.Profile,
		LinkLayer: c.LinkLayer, AcceptAddresses: c.AcceptAddresses, AcceptProfiles: c.AcceptProfiles})
	p.auth = auth
	return p, err
}

// check reports what is wrong with where the election takes place.
func (c *VirtualHostConfig) check() error {
	var errs []error
	wrong := func(bad bool, name string, value any, allowed string) {
		if bad {
			errs = append(errs, &ValueError{Name: name, Value: value, Allowed: allowed})
		}
	}
	wrong(c.Link == "", "link", `""`, "the name of a network interface")
	for i, source := range []netip.Addr{c.SourceIPv4, c.SourceIPv6} {
		wrong(source.IsValid() && !ofFamily(source, i), "source address", source, "one of its family")
	}
	for i, group := range []netip.Addr{c.GroupIPv4, c.GroupIPv6} {
		wrong(group.IsValid() && !(ofFamily(group, i) && group.IsMulticast()), "group", group, "a multicast address of its family")
	}
	wrong(c.Peers != nil && len(c.Peers) == 0, "number of peers", 0, "1 and more, or no list for the group")
	wrong(c.Broadcast && len(c.Peers) > 0, "broadcast", true, "without peers")
	for i, peer := range c.Peers {
		wrong(!c.canBePeer(peer), "peer", peer, "unicast addresses of the families that the virtual host has addresses of, without a zone, and none of these")
		wrong(slices.Contains(c.Peers[:i], peer), "peer", peer, "each once")
	}
	for _, source := range c.AcceptFrom {
		wrong(!source.IsValid() || source.Zone() != "" || source.Is4In6() || source.IsMulticast(), "accepted source address", source, "unicast addresses without a zone")
	}
	return errors.Join(errs...)
}

// ofFamily reports whether an address is of IPv4, for 0, or of IPv6, for 1.
func ofFamily(a netip.Addr, i int) bool { return a.Is4() && i == 0 || a.Is6() && !a.Is4In6() && i == 1 }

// canBePeer reports whether a can be sent to.
func (c *VirtualHostConfig) canBePeer(a netip.Addr) bool {
	return a.IsValid() && a.Zone() == "" && !a.Is4In6() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() &&
		a != broadcast() && c.has(a.Is6()) && !slices.Contains(c.addrs(), a)
}

// has reports whether there are addresses of IPv6, or of IPv4.
func (c *VirtualHostConfig) has(ipv6 bool) bool {
	return slices.ContainsFunc(c.Addresses, func(p netip.Prefix) bool { return p.Addr().Is6() == ipv6 })
}

// addrs returns the service addresses.
func (c *VirtualHostConfig) addrs() []netip.Addr {
	var list []netip.Addr
	for _, p := range c.Addresses {
		list = append(list, p.Addr())
	}
	return list
}

// complete returns c with defaults in the place of zero values, and with slices and
// maps of its own. NewAuthenticator copies what is its.
func (c VirtualHostConfig) complete() VirtualHostConfig {
	c.Config = c.withDefaults()
	c.Peers, c.AcceptFrom, c.Devices = slices.Clone(c.Peers), slices.Clone(c.AcceptFrom), maps.Clone(c.Devices)
	c.Trackers = slices.Clone(c.Trackers)
	c.GroupIPv4 = cmp.Or(c.GroupIPv4, GroupIPv4())
	c.GroupIPv6 = cmp.Or(c.GroupIPv6, GroupIPv6())
	c.Name = cmp.Or(c.Name, fmt.Sprintf("%s VHID %d", c.Link, c.VHID))
	return c
}

// virtualMAC returns the MAC address of the virtual host (carp_set_enaddr).
func (c *VirtualHostConfig) virtualMAC() [6]byte {
	return [6]byte{0x00, 0x00, 0x5e, 0x00, 0x01, c.VHID}
}

// seat returns what a virtual host asks of the engine: a leg for each family.
func (c *VirtualHostConfig) seat() engine.SeatConfig {
	s := engine.SeatConfig{Terms: engine.Terms{ID: c.VHID, NoLease: c.NoLease,
		Place:    holder.Place{Link: c.Link, Backend: c.Backend, Hooks: c.Hooks.holder()},
		Settings: c.settings(interval(0, c.AdvSkew))}}
	for _, p := range c.paths() {
		s.Legs = append(s.Legs, engine.LegConfig{Group: p.group, Source: p.source})
	}
	if c.VirtualMAC {
		s.MAC = c.virtualMAC()
	}
	return s
}

// settings returns the part of it that can be changed. The interval, by which
// leases are reckoned, is what peers wait three times for at least: what is
// advertised less often, for advskew or a demotion, doesn't make them wait longer.
// Where advbase is 0 it is the pace of the advertisements.
func (c *VirtualHostConfig) settings(pace time.Duration) engine.Settings {
	if c.AdvBase > 0 {
		pace = time.Duration(c.AdvBase) * time.Second
	}
	return engine.Settings{Name: c.Name, Interval: pace, Addresses: c.Addresses, Devices: c.Devices}
}
