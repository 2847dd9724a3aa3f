// SPDX-License-Identifier: Apache-2.0

// Package explore tries everything that can happen in a small world, up to a
// number of steps, and finds the shortest way to a state that must not be.
//
// [Run] knows worlds only as states with steps between them. [Cluster] is the
// world of a few nodes that run an election: packets between them arrive at any
// moment within a bound, nodes fail in all the ways that the [Rules] allow, and
// what every protocol of this module promises is checked in every state. A
// protocol's machine takes part as a [Member], for which [Codec] copies it and
// writes it down. Package exploretest is how those of this module do.
//
// Time is that of the events. Nothing happens between two of them, but the time
// from one to the next is whatever the timers of the machines make it, and each
// packet may take nothing, its whole bound, or until any event within it.
//
// The worlds of packages vrrp and carp are explored by TestExplore there, which
// prints for each how many states there are and to which depth it is complete: a
// pair to 14 steps and three to 9 with up to two faults of any kind at any time, both
// to less with more faults and with any number of them. With FHRP_LONG=1 it goes
// further.
//
// # When two are Active
//
// Neither protocol has a vote: who hears nobody better is Active. That two which hear
// each other are so at the same time, each with the addresses, is permitted by RFC
// 9568 and by CARP in the cases below, and the worlds hold the machines to how long it
// lasts ([Rules].TwoActive). A packet takes d at most.
//
//   - Their timers run out within d of each other, as those of two that start together
//     with the same Skew_Time, and of all that hear a bow-out of CARP. Section 6.4 of
//     RFC 9568 has them both claim, and the first advertisement of the better one, or
//     of the one that wins among equals, ends it: after d. That is a bound that is met
//     (TestExploreTwoActive in vrrp, TestExploreTwoMasters in carp).
//   - A better one preempts one that hasn't heard it yet: d. With three in CARP the
//     third may be preempted by the second while that is preempted by the first: 2d.
//   - What should have kept one from claiming was lost or was overtaken by a packet of
//     another: until the next advertisement, an interval and d. In CARP, and in VRRP if
//     the better one hasn't advertised within a tenth of an interval, it answers the
//     claim: a tenth of an interval and 2d.
//   - They could not hear each other, and can again: an interval and d from then. One of
//     equal rank in CARP which has yielded before and then timed out, as two do that yield
//     to each other, stands up to the first advertisement: another interval.
//   - The better one has become worse: until it hears the other, an interval and d.
//     With version 2, where two are forced to be Active, until that of one ends.
//
// Everything else that leaves two Active is a fault. After the last fault exactly one
// is, twice the down interval later at the latest ([Rules].Settle), and where nothing
// is lost the neighbours have heard it last ([Rules].Told).
package explore
