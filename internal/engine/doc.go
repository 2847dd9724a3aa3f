// SPDX-License-Identifier: Apache-2.0

// Package engine is what the protocols of this module run on: one loop in which
// a host takes part in any number of elections on any number of links. It holds
// the mechanism that a virtual router of VRRP and a virtual host of CARP have in
// common, and knows neither protocol.
//
//   - [Engine] is the loop (engine.go). What it does in a turn, in which order, and
//     how it finds out that it stood still is in turn.go; what many seats do at
//     nearly the same time it does at once (grid.go).
//   - [Port] is a link in one address family as the network tells of it (port.go).
//   - [Seat] is the place of one virtual router or virtual host (seat.go), on a
//     [Leg] for each of its ports (leg.go); which address a leg sends from is in
//     source.go.
//   - [Member] is the protocol's side of a seat: its election (member.go).
//   - The work on service addresses is done by package holder; what becomes of its
//     outcome is in addresses.go, how addresses are leased for as long as the loop
//     lives in lease.go, and what the guard is told in will.go.
//   - How one engine gives everything to another one is in handover.go, how that takes it in
//     inherit.go.
//
// Events go from the engine to the member: a method of [Member] for each. The
// member puts them to its election, tells the outcome by [Seat.Follow], and carries
// out what the election wants by the methods of its seat.
package engine
