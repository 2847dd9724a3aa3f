// SPDX-License-Identifier: Apache-2.0

// Package vrrp implements the Virtual Router Redundancy Protocol: version 3 for
// IPv4 and IPv6 (RFC 9568 with its verified errata) and version 2 (RFC 3768).
// Two or more hosts share service addresses; one holds them, the Active Router,
// and when it fails the best of the others takes them.
//
// The package has three layers, each usable without the next:
//
//   - [Advertisement] is the message: it is appended to and parsed from bytes.
//   - [Machine] is the election of one virtual router: pure logic without clock,
//     goroutine or I/O, which takes inputs with their time and returns actions.
//   - [Router] runs any number of virtual routers on any number of links, from
//     one loop. What it needs of the system it takes through three small
//     interfaces: [Network], [Announcer] and [Backend]. Packages netif and vip
//     implement them for real, netif/netiftest and vip/viptest in memory.
//
// A program that shares an address with its peers needs this:
//
//	network, err := netif.Open(nil)
//	...
//	device, err := vip.Open("eth0", nil)
//	...
//	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network})
//	...
//	_, err = router.Add(vrrp.VirtualRouterConfig{
//		Link:    "eth0",
//		Backend: device,
//		Config: vrrp.Config{
//			VRID:      51,
//			Priority:  200,
//			Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/32")},
//		},
//	})
//	...
//	err = router.Run(ctx) // until ctx ends; then it hands over
//
// # What goes beyond the RFCs
//
// A planned stop is a hand-over without a gap: after its goodbye a router keeps
// the addresses until the successor has announced them, 50 ms after it was first
// heard, or for an interval and 100 ms, whichever comes first. The same holds for
// a router that yields to a better one. Nothing is announced after a goodbye.
//
// A packet that is rejected changes nothing: no timer, no state. Advertisements
// are due on a fixed grid, so that lateness doesn't add up, and never wait for
// addresses to be configured, for announcements or for the log. A router that
// can't configure its addresses gives up its role and tries again later, after a
// second at first and after a minute at most. One that stood still for longer
// than its peers wait comes back as Backup without a word.
//
// While another router is Active at the same time, and when it has gone, the
// addresses are announced anew, because its announcements have misled the
// neighbours.
//
// # Conditions, groups and control
//
// A virtual router can depend on conditions: a Tracker of package netif/track follows
// one, by a function or a check of package netif/check, and an Action says what is done
// about it: a weight on the priority, to leave the election, or to resign once. A [Group] moves
// several virtual routers as one, as keepalived's vrrp_sync_group does.
// [VirtualRouter.Resign], [VirtualRouter.Maintenance], [VirtualRouter.SetPriority],
// [VirtualRouter.SetTrackers] and [VirtualRouter.Reconfigure] change a virtual router
// while it takes part. Each transition that any of this leads to has a [Reason], and
// says by whose doing it came about.
//
// # Events and hooks
//
// [Router.Events] is the stream of what happens to all virtual routers, in order and
// with the state after it, for readers that may take their time: what one is too slow
// for is counted and told. [Hooks] are called before and after the service addresses
// come and go, within a time and never in the way of advertisements; the first of them
// can refuse the role. A [Trace] is called on the loop, and must not wait.
//
// # Status
//
// [VirtualRouter.Status] and [Router.Stats] are what is at one moment, and
// [Router.Rejected] are the packets that were rejected last, with the reason. These and
// events are objects in JSON, with the names of RFC 8347 where it has one.
//
// # Peers
//
// By default advertisements go to a group, which the network has to carry.
// [VirtualRouterConfig].Peers has them sent to each of a list of routers, in both
// families, and has nobody else listened to; with WithGroup, by the group as well.
// A peer behind routers needs a lower MinHopLimit, and in IPv6 a Source that it has a
// route to. All routers may have the same list.
//
// # Authentication
//
// [VirtualRouterConfig].HMAC signs advertisements of both versions with a key that the
// routers share (draft-cassen-vrrp-auth-hmac), and interoperates with keepalived from
// 2.4.2. A virtual router goes over to it by the modes of [HMACMode], and from one
// [Key] to the next by adding it, signing with it and removing the old one, each by
// [VirtualRouter.Reconfigure] and without leaving the state:
//
//	secret, err := vrrp.ReadSecret(os.DirFS("/etc/vrrp"), "key1")
//	...
//	cfg.HMAC = &vrrp.HMACConfig{Keys: []vrrp.Key{{ID: 1, Secret: secret}}}
//
// What is not signed, not by a known key, too old or heard before is rejected, counted
// by its [Fault], and changes nothing. Version 2 has the password and the
// authentication header of RFC 2338 besides, as keepalived has them, which protect
// against mistakes rather than against attacks.
//
// # From version 2 to version 3
//
// [Config].WithV2 has a router speak both (RFC 9568 section 8.4). Replace the routers
// of version 2 by such ones, one after the other; when all are, take WithV2 out by
// [VirtualRouter.Reconfigure], one after the other again. Begin with an interval of
// whole seconds, the same as before, and shorten it at the end: in version 2 an
// interval says whole seconds, and a router of version 2 drops what says another than
// its own. One of version 2 should not have the highest priority for long: it is
// waited for by its own, longer interval.
//
// # Errors
//
// A configuration that can't be is a [*ValueError], a packet that was rejected a
// [*PacketError] whose kind is a [Fault]. Errors of the system keep their cause,
// so that os.ErrPermission and errors.ErrUnsupported are found by errors.Is.
package vrrp
