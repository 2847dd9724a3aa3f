// SPDX-License-Identifier: Apache-2.0

// Command bench compares whole daemons: examples/vrrpd of this module and, if it is
// installed, keepalived. As root on Linux, with nobody else using the machine:
//
//	go run ./internal/bench
//
// It makes two hosts in network namespaces for itself, runs a pair of routers on
// them, and prints Markdown tables. -only picks some of the measurements, -secs says
// how long each takes. The codec and what runs in one process is measured by
// go test -bench . in the packages; that it allocates nothing is tested there.
//
// # How to read it
//
// Figures of two programs can be compared where they stand in one row: they were
// taken one after the other. The machine's own speed is in all of them, so compare
// ratios, repeat, and take no row that has a "sent" below 99 %: that program didn't
// do its work.
//
//   - CPU is the time that all threads of a program had on a processor, divided by
//     the advertisements that left the host meanwhile. On a link in memory the sender
//     pays for the way through the kernel up to the receiver's socket as well.
//   - Memory is the proportional set size (PSS) of all processes: pages that are
//     shared count in parts.
//   - A gap is the time between two advertisements as the receiving host's kernel
//     stamps them; lateness is a gap less the interval. "False" counts
//     advertisements of the backup, which should be silent.
//   - The fail-over is that of all virtual routers at once, after the master was
//     killed: from the first advertisement of the backup to the last first
//     announcement of an address.
//   - The claim is the time from the last advertisement of a master that was killed to
//     the first of its backup. The ratio is that to what RFC 9568 has for a backup of
//     priority 100.
//
// # How cost grows
//
// The last table has one row for each number of virtual routers. What bends the
// curve of CPU for one advertisement, which falls first and then stays:
//
//   - One router wakes its process for each advertisement. A wake-up costs more than
//     ten advertisements, and is all that is measured at 1 and at 10.
//   - Above 16 routers advertisements leave on a grid of a 128th of the interval, at
//     most 128 wake-ups an interval however many there are, and what comes in swarms
//     is read at most 500 times a second. From some hundred routers on the wake-ups
//     are gone, and what is left is the kernel's work on a packet, which is the same
//     for each.
//   - At thousands the state of the routers doesn't fit the processor's caches: a
//     router is visited once an interval, and has to come from memory. That is the
//     rise at the end.
//   - Lateness grows with how many are due at the same time: the last one leaves
//     when the kernel has taken all others. A thousand take some milliseconds.
//   - Memory grows evenly, by what a virtual router with its addresses is.
package main
