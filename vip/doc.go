// SPDX-License-Identifier: Apache-2.0

// Package vip puts virtual IP addresses on network devices and takes them off again: the part of a failover that makes
// this host answer for an address.
//
// A [Backend] is what a protocol needs of it, and is small so that anybody can write one, for the interface of a cloud
// provider or for a test (package viptest has one in memory, and the test that every backend must pass). A [Device] is
// the backend for a network device; [ByPrefix] spreads addresses over several, and [Answerer] has IPv6 addresses found that
// are on another device than the link. A [Keeper] holds the addresses of a
// Device true, whatever others do on the host, and is what a program that runs for long wants.
//
// A backend that is also a [Leaser] holds addresses for a time, which its user renews while it is alive: the kernel then
// removes the addresses of a process that was killed, or froze. On Linux, Device and Keeper are ones. A renewal costs
// about 6 µs an address, of which 4 are the kernel's. For IPv6 the kernel goes through all addresses of the network
// namespace each time, which with a thousand of them takes 16 µs more. Each renewal is also an event for every program
// that listens to rtnetlink(7). One call for many addresses costs less than many calls.
//
// The Keeper is for Linux, the Device for Linux and FreeBSD. On other systems [Open] returns an error that matches
// [errors.ErrUnsupported], as [Keep] does on all but Linux.
//
// # Field reports
//
// What users of other implementations have reported gives a rule each, which a test holds that is named after the number
// of the report. Package internal/fieldreports has the table of all of them, here and in the other packages.
package vip
