// SPDX-License-Identifier: Apache-2.0

// Package fhrp is the overview of a module for first hop redundancy: two or more
// hosts share the address that others use as their gateway or service, one of
// them answers for it, and another takes over when that one leaves or fails. The
// package itself holds no code.
//
//   - [github.com/go-fhrp/fhrp/vrrp] is the protocol: VRRP version 3 (RFC 9568)
//     and version 2 (RFC 3768). A Router takes part in any number of virtual
//     routers; beneath it a Machine decides without clock, goroutine or I/O, and
//     can be used by itself, as can the codec of advertisements.
//   - [github.com/go-fhrp/fhrp/carp] is the other protocol, CARP, as the BSDs and
//     ucarp speak it.
//   - [github.com/go-fhrp/fhrp/netif] is the network of a host: packets of the
//     protocol, link and address events, gratuitous ARP and neighbour
//     advertisements.
//   - [github.com/go-fhrp/fhrp/netif/doctor] looks for what on a host will keep a
//     protocol from working.
//   - [github.com/go-fhrp/fhrp/netif/guard] is a second process that says goodbye
//     for one that was killed.
//   - [github.com/go-fhrp/fhrp/netif/netiftest] is a LAN in memory in its place,
//     which delays, loses, duplicates and reorders packets, and simulates a day in
//     less than a second: for tests of what a fail-over does to a program.
//   - [github.com/go-fhrp/fhrp/vip] puts service addresses on network devices,
//     holds them true, and takes them off again.
//   - [github.com/go-fhrp/fhrp/vip/viptest] is a backend in memory in its place, and
//     the test that every backend must pass.
//
// A protocol declares the interfaces that it needs, and imports neither netif nor
// vip: a program puts them together, in the few lines that the documentation of
// vrrp begins with, and can put something of its own in the place of each.
//
// Programs to run are in the folder examples, whose documentation is the operator's guide:
// which interval, to preempt or not, what each reason of a transition means. Of the
// programs failover shows a fail-over with nothing to install or configure, vrrpd runs the
// virtual routers of a keepalived.conf, carpd is CARP with ucarp's command line, embed is
// an HTTP service that fails over with its address, director balances load by IPVS,
// realserver makes a host ready to be a server behind it, observe tells who speaks either
// protocol on a link, metrics shows Prometheus and supervisors how it goes.
package fhrp
