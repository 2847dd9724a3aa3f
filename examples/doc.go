// SPDX-License-Identifier: Apache-2.0

// Package examples is the operator's guide to the programs in the folders below, and to programs that embed the library:
// what to choose, what each reason of a transition means, and what to do then. It holds no code. Settings are named as
// in packages vrrp and carp; vrrpd/MIGRATION.md and carpd/MIGRATION.md have a table each of what keepalived, ucarp and
// FreeBSD's carp(4) call the same.
//
// Before anything else have the host examined, on each host, with the file that is to run:
//
//	vrrpd -f FILE -doctor
//	carpd --config FILE --doctor
//
// It names what will keep the addresses from moving, with the fix in a line: a firewall that drops IP protocol 112, a manager
// of the network that removes addresses, other speakers with the same identifier, missing privileges. The other first
// look is at the link, from any host on it, and changes nothing: observe LINK.
//
// # The interval
//
// A router that fails is missed after three intervals and the skew time, which is (256 - priority)/256 of an interval: after
// 3 to 4 intervals. A planned stop doesn't depend on the interval: the successor comes after the goodbye and its skew time,
// and no packet is lost meanwhile. So the interval is a matter of failures only.
//
//   - 1 s, the default, suits nearly all: what fails once a year may take four seconds.
//   - 100 ms takes a network that loses no two packets in succession, and hosts that stand still for less than 300 ms: no
//     live migration, no snapshots of virtual machines. Give the program -realtime.
//   - 10 ms, the least that version 3 has, is for a link of its own between hosts of their own, with -realtime.
//   - Version 2 has whole seconds only.
//
// All members of a virtual router have the same interval. A Backup of version 3 learns that of the Active Router, one of
// version 2 drops what says another than its own. CARP has advbase in seconds, and advskew in 1/256 s besides, by
// which its hosts are ranked: the same advbase everywhere, advskew 0 for the first and 100 for the second.
//
// The lease on which the kernel holds an address is two seconds at least, whatever the interval: below 0.7 s an address
// stays on a host whose process was killed for longer than its peers wait. With -guard it goes at once.
//
// # Margins
//
// Status.Margin of a virtual router says how near it came to a fail-over that nobody wanted, since it was added: vrrpd writes it
// on SIGUSR1 and carpd on USR1, as JSON to the file of -status or --status; metrics shows it to Prometheus, and observe the
// same from outside. Look at it before the interval is made shorter, after the busiest hours there are:
//
//   - Lowest, on a Backup: what was left of the down interval when an advertisement came. About two thirds of it is as it
//     should be. A third is one advertisement lost, or as late; leave the interval, or lengthen it. Near 0 the next
//     disturbance is a fail-over.
//   - Heard above 100 per cent of an interval: advertisements are lost on the way, or the sender is late; which of them
//     its Sent says.
//   - Sent above 10 per cent: the sending host has too much to do. Give the program -realtime, or fewer neighbours.
//
// Where packets are lost in bursts raise DownIntervals (CARP: DeadRatio) rather than the interval, on all members alike.
//
// # Priorities, and to preempt or not
//
// Leave 50 between the priorities of two members: the skew times then differ by a fifth of an interval, and the second
// of them hears the first before it claims the role too. Equal priorities work, by the higher address, but then
// nobody can say who is to have the role. 255 is for the owner, which has the address configured for good.
//
// By default in VRRP the better member takes the role back when it returns: the address is where it is expected to be, and
// the way back is a hand-over without loss. Set NoPreempt where the move itself is dear, as for connections that end with
// it, and where the members are equals. PreemptDelay is between the two: the returning member waits until its caches
// are warm. StartupHold has a member that just booted wait for a port of a switch, or a bond, that doesn't forward yet.
//
// CARP is the other way round: without Preempt nobody is put down. Have it on all members or on none, as the
// sysctl net.inet.carp.preempt of the BSDs.
//
// Weights of tracked conditions are added to the priority. A condition that is to move the role needs a weight
// greater than the difference to the next member, or none at all: then it is a fault, and the member leaves the election.
//
// # A group, or peers
//
// Advertisements go to a multicast group. Name Peers instead where that is not carried: in most clouds, between
// sites, on wireless links. Everybody has the same list, oneself included. Peers has nobody else listened to, which keeps
// accidents out; who can forge a source address needs more: HMAC.
//
// A cloud that carries no gratuitous ARP moves no address either: have a hook tell its interface, see Hooks and
// the notify commands of a keepalived.conf.
//
// # A virtual MAC address or not
//
// Without one, which is the default, clients learn the new holder from gratuitous ARP and neighbour advertisements, and that
// works with every switch and hypervisor. With VirtualMAC (use_vmac) the address keeps its MAC address when it moves, and
// only switches have to learn: for clients that don't listen to gratuitous ARP, or are thousands. It takes a macvlan
// interface, a switch that lets a MAC address move between ports, and a hypervisor that lets a guest send from a MAC address
// that it wasn't given ("forged transmits", "MAC spoofing"). Two virtual routers on a link with the same identifier, of
// whatever cluster, have the same MAC address.
//
// # Addresses
//
// Hold them as /32 and /128, unless the service network has no other address on the link. An address of IPv6 that peers check
// for duplicates needs ReleaseFirst. Addresses that are for the host alone, or too many for a packet, go to Excluded.
//
// # Reasons of transitions
//
// Each change of state is logged with its reason, the peer and its priority, and by whose doing it came about. The
// reasons of VRRP, those of CARP that say the same, and what to do:
//
//   - "none": there was no transition yet.
//   - "startup": the program has started, or its link has become usable. Nothing is to be done. If it comes again and
//     again the link goes up and down: see the kernel's log.
//   - "address owner": it started with priority 255. Look whether the addresses are configured on the link for good; if they
//     aren't, the priority is wrong.
//   - "no advertisement heard", "master timed out": silence for the down interval. If the peer had failed, that is
//     what all this is for. If it runs and says it is Active too, packets get lost between the two: a firewall that drops
//     IP protocol 112, a switch that drops multicast (snooping without a querier), a VLAN; see -doctor on both, and
//     observe. If it comes and goes by itself see Margins.
//   - "master will time out" (CARP): the master advertises less often than this host waits. Give both the same
//     advbase.
//   - "active router left", "master bowed out": the peer said goodbye; the log of the peer has the reason.
//   - "active router has lower priority", "preempting a slower master": this member is the better one and has returned. If
//     that is not wanted: NoPreempt, or no Preempt in CARP.
//   - "master is more demoted" (CARP with the octet of OpenBSD): the master has trouble of its own, which its log tells.
//   - "forced": somebody called Force. Its log line names nobody: look for who has access to the program.
//   - "peer has higher priority", "more frequent advertisement received": a better member has returned. This is the other half of
//     a preemption. If no other member should be there, another cluster on the link has the same identifier: take
//     one that observe lists as free, or passwords and keys that differ.
//   - "peer of equal priority has higher address", "peer of equal rank has lower address": two had the role at the same
//     time, with the same priority, and one had to yield. Give them priorities that differ, and look why they had not heard each
//     other.
//   - "peer is less demoted" (CARP with the octet of OpenBSD): the peer has less trouble than this host.
//   - "peer has equal rank", "peer of equal rank stays" (CARP): the peer has the same advbase and advskew. Give them others.
//   - "resigned": asked for, by Resign, or the signal USR2 of carpd. It stays away for the time it was given, or until it is the better one.
//   - "addresses could not be added": the line has the system's error. The member tries again, after a second at first
//     and after a minute at most. Usual are: no privilege, no such device, the address is on another device already,
//     a hook that refused, IPv6 that is off on the link (disable_ipv6).
//   - "slept": the program, the virtual machine or the host stood still for longer than three intervals. Meanwhile a peer took
//     over; that is as it should be. If it comes again: a host with too little memory or processors, snapshots, live migration;
//     lengthen the interval, or -realtime.
//   - "link down": the interface is down, without carrier, or gone. Look at the cable, the switch, the bond.
//   - "no usable source address": the link has no IPv4 address, or no link-local one of IPv6 that has passed
//     duplicate address detection. Configure one: a service address is none.
//   - "shutdown": the program was asked to stop.
//   - "maintenance": Maintenance was called. It lasts until it is called off.
//   - "tracked condition": the condition that the line names failed, and is to be a fault or to be resigned for. Mend what
//     it checks.
//   - "moved with its group": another member of the group lost the role, or can't take part. The line names it; its own
//     log line has the reason.
//
// # Another file, or a new program
//
// vrrpd, director and metrics take another file on SIGHUP: what is the same in both goes on untouched, and a file with an error is
// refused while the old one stays in force. In a program that embeds the library that is Reconfigure.
//
// A new version is put in the place of the old one on disk, and takes over on SIGUSR2 (vrrpd) or SIGPWR (carpd), without
// leaving the role: no advertisement is missing and no address is touched, and if the new process can't start the old one goes
// on as if nothing had happened. Under systemd:
//
//	systemctl kill --kill-whom=main --signal=USR2 vrrpd
//
// It takes less than an interval, or doesn't happen: where that is some tens of milliseconds, and the host is busy, try
// again. The file may have changed, too. In a program that embeds the library that is HandOver in the old process and
// Inherit in the new one.
//
// # Two at the same time
//
// When both say that they hold the role, each doesn't hear the other. In this order: -doctor on both hosts; observe on
// a third; the counters of Status.Stats, which say why packets were rejected, and the last of these themselves in Rejected of
// the Router or Host. A wrong checksum beside keepalived or
// FRR is version 3 of IPv4 without v3_checksum_as_v2: set Checksum. A wrong digest in CARP is another passphrase or
// another list of addresses, and the log says which. A wrong interval in version 2 is that.
//
// # Limits
//
//   - FreeBSD has never been booted with it: vip was tested with a model of ifconfig(8), netif in its pure parts.
//   - OpenBSD and NetBSD were never peers: their digests are tested by vectors, FreeBSD's by captures too, the elections of the
//     three by a model of theirs.
//   - Measured on one kernel of Linux and one architecture, in network namespaces: hardware, switches and drivers
//     have times of their own.
//   - A host that is cut off keeps the address on its side of the cut: that is so with every protocol of two members.
//   - An advertisement without HMAC, or a digest in CARP, can be forged by whoever is on the link: see SECURITY.md.
//   - BFD, SNMP and D-Bus of keepalived are not there; go doc ./internal/keepalived lists what is done with each directive.
package examples
