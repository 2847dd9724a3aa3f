// SPDX-License-Identifier: Apache-2.0

// Package explore tries everything that can happen in a small world, up to a
// number of steps, and finds the shortest way to a state that must not be.
//
// [Run] knows worlds only as states with steps between them. [Cluster] is the
// world of a few nodes that run an election: packets between them arrive at any
// moment within a bound, nodes fail in all the ways that the [Rules] allow, and
// what every protocol of this module promises is checked in every state. A
// protocol's machine takes part as a [Member], for which [Codec] copies it and
// writes it down.
//
// Time is that of the events. Nothing happens between two of them, but the time
// from one to the next is whatever the timers of the machines make it, and each
// packet may take nothing, its whole bound, or until any event within it.
package explore
