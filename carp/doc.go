// SPDX-License-Identifier: Apache-2.0

// Package carp implements the Common Address Redundancy Protocol as OpenBSD,
// FreeBSD, NetBSD and ucarp speak it. Two or more hosts share service
// addresses; one holds them, the master, and when it fails the best of the
// others takes them.
//
// The package has three layers, each usable without the next:
//
//   - [Advertisement] is the message: it is appended to and parsed from bytes. An
//     [Authenticator] signs and verifies its digest, an HMAC-SHA1 with the
//     passphrase of the virtual host over its identifier and its addresses.
//   - [Machine] is the election of one virtual host: pure logic without clock,
//     goroutine or I/O, which takes inputs with their time and returns actions.
//   - [Host] runs any number of virtual hosts on any number of links, from one
//     loop. What it needs of the system it takes through three small interfaces:
//     [Network], [Announcer] and [Backend]. Packages netif and vip implement them
//     for real, netif/netiftest and vip/viptest in memory.
//
// A program that shares addresses with its peers needs this:
//
//	network, err := netif.Open(nil)
//	...
//	device, err := vip.Open("eth0", nil)
//	...
//	passphrase, err := carp.NewKey("mekmitasdigoat")
//	...
//	host, err := carp.NewHost(carp.HostConfig{Network: network})
//	...
//	_, err = host.Add(carp.VirtualHostConfig{
//		Link:    "eth0",
//		Key:     passphrase,
//		Backend: device,
//		Config: carp.Config{
//			VHID:    1,
//			AdvSkew: 100,
//			Addresses: []netip.Prefix{
//				netip.MustParsePrefix("192.0.2.100/24"),
//				netip.MustParsePrefix("2001:db8::100/64"),
//			},
//		},
//	})
//	...
//	err = host.Run(ctx) // until ctx ends; then it hands over
//
// # What the digest covers
//
// The interval and the demotion of an advertisement are not part of the digest,
// and no implementation refuses a replayed one: whoever can send to the network
// can end a master with a copy of an advertisement of its peer. Digests keep
// accidents apart, not attackers. Hosts that all run this package can be told to
// refuse such copies (VirtualHostConfig.Strict).
//
// The addresses are part of it. Hosts of which one has an address more than the
// other reject each other and are masters both: [Authenticator.Explain] tells
// that from a wrong passphrase, and [AuthenticatorConfig.AcceptAddresses] bridges
// the time while addresses change on one host after the other. A [Host] looks for
// the cause by itself, and tells it to its log, [Trace] and [Status].
//
// # What is otherwise than on the BSDs
//
// Addresses of both families are one virtual host: it advertises in each, with one
// election, and what is heard in either counts. A planned stop is a hand-over
// without a gap: after its bow-out a host keeps the addresses until the successor
// has announced them, 50 ms after it was first heard, or for an interval and 100
// ms, whichever comes first. Nothing is announced after a bow-out.
//
// A packet that is rejected changes nothing: no timer, no state. Advertisements of
// this host that come back are known again. A host that can't configure its
// addresses gives up its role and tries again later, one that stood still for
// longer than its peers wait comes back as Backup without a word, and a
// configuration can be changed without leaving the role.
//
// A host is demoted for reasons that have names, each once: a link that is down, a
// virtual host that can't send, and what the program says ([Host.Demote]).
//
// # Conditions, groups, events and hooks
//
// A virtual host can depend on conditions: a Tracker of package netif/track follows one,
// by a function or a check of package netif/check, for virtual routers of package vrrp
// as well, and an Action says what is done about it: a demotion, to leave the election, or to
// resign once. A [Group] moves several virtual hosts as one, by demotion.
// [VirtualHost.Maintenance] takes one out until it ends. Each transition that any of this
// leads to has a [Reason], and says by whose doing it came about. [Host.Events] is the
// stream of what happens, and [Hooks] are called before and after the service addresses
// come and go.
//
// # Status
//
// [VirtualHost.Status] and [Host.Stats] are what is at one moment, and [Host.Rejected]
// are the packets that were rejected last, with the reason. These and events are objects
// in JSON, with the names that netstat(1) of FreeBSD has for its counters.
//
// # Errors
//
// A configuration that can't be is a [*ValueError], a packet that was rejected a
// [*PacketError] whose kind is a [Fault]. Errors of the system keep their cause,
// so that os.ErrPermission and errors.ErrUnsupported are found by errors.Is.
package carp
