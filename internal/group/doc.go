// SPDX-License-Identifier: Apache-2.0

// Package group moves several members of an election, virtual routers of VRRP or virtual hosts of CARP, as one. It is pure
// and knows neither protocol: a [Member] tells its [Standing], and the [Group] says to each what to do about the others.
//
// The rules:
//
//   - Whether the group takes part depends on how many of its members could by themselves ([Policy]). If it doesn't, all
//     make way.
//   - A member that loses the role takes the others with it: each [Member.Yield]s.
//   - While none is Active, a claim waits until every member that can take part would make one. Then all are made at
//     once. (keepalived: "Only sync to master if everyone wants to, i.e. prefer backup state to avoid thrashing".)
//   - While one is Active the others take part each on its own: one that comes back from a fault has to win its own
//     election.
//   - Who joins belongs to the group from the moment it is in the group's role, and moves nobody before.
//   - Who leaves moves nobody.
package group
