// SPDX-License-Identifier: Apache-2.0

// Package carp implements the Common Address Redundancy Protocol as OpenBSD,
// FreeBSD, NetBSD and ucarp speak it. Two or more hosts share service
// addresses; one holds them, the master, and when it fails the best of the
// others takes them.
//
// [Advertisement] is the message: it is appended to and parsed from bytes. An
// [Authenticator] signs and verifies its digest, an HMAC-SHA1 with the
// passphrase of the virtual host over its identifier and its addresses.
//
// # What the digest covers
//
// The interval and the demotion of an advertisement are not part of the digest,
// and no implementation refuses a replayed one: whoever can send to the network
// can end a master with a copy of an advertisement of its peer. Digests keep
// accidents apart, not attackers.
//
// The addresses are part of it. Hosts of which one has an address more than the
// other reject each other and are masters both: [Authenticator.Explain] tells
// that from a wrong passphrase, and [AuthenticatorConfig.AcceptAddresses] bridges
// the time while addresses change on one host after the other.
//
// # Errors
//
// A configuration that can't be is a [*ValueError], a packet that was rejected a
// [*PacketError] whose kind is a [Fault].
package carp
