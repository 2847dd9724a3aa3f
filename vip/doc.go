// SPDX-License-Identifier: Apache-2.0

// Package vip puts virtual IP addresses on network devices and takes them off again: the part of a failover that makes
// this host answer for an address.
//
// A [Backend] is what a protocol needs of it, and is small so that anybody can write one, for the interface of a cloud
// provider or for a test (package viptest has one in memory, and the test that every backend must pass). A [Device] is
// the backend for a network device; [ByPrefix] spreads addresses over several. A [Keeper] holds the addresses of a
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
// of the report: of addresses left behind and taken away (A), of IPv6 and virtual MAC addresses (E), and a few others.
//
//	 1  killed process              TestFieldReport01KilledProcessLeavesNoAddress, …01FrozenProcessLeavesNoAddress
//	 2  earlier configuration       TestFieldReport02SweepFindsAddressesOfEarlierConfigurations
//	 3  sweep at the start only     TestFieldReport03SweepSparesTheLiving
//	 4  removed without being added TestFieldReport04RemoveWithoutAdd
//	 5  device deleted, made anew   TestFieldReport05DeviceMadeAnew
//	 6  another one removed         TestFieldReport06RemoveTakesNoOther
//	 7  networkd restarted          TestFieldReport07RestartOfAnotherManager
//	 8  lost, and nobody told       TestFieldReport08VIPRemovedByOther
//	 9  ifdown, ifup                TestFieldReport09DeviceDownAndUp
//	11  route comes back, add fails TestFieldReport11NoRouteAndAnotherTry
//	12  configured by another       TestFieldReport12AddressOfAnother
//	13  IPv6 lost with the link     TestFieldReport13RestoredForTheRestOfTheLease
//	17  slow address work (B)       TestDeviceStopsBetweenBatches
//	44  netlink overrun (C)         TestFieldReport44MessagesLost
//	56  many addresses (D)          TestDeviceManyAddresses
//	60  same link-local address     TestFieldReport60SameLinkLocalOnSeveralDevices
//	61  link-local gone after flap  TestFieldReport61LinkLocalBackAfterFlap
//	63  dadfailed                   TestFieldReport63NoDuplicateAddressDetection
//	67  there while not Active      TestFieldReport67OnlyWhatIsWishedFor
//	68  network namespaces          TestFieldReport68NetworkNamespace
//
// Of the others in A, 10 (the role needs a link that is up) and 14 (addresses of each transition) are the protocol's.
// Of those in E, 57 to 59, 62 and 64 are about the source address and the sockets of advertisements, 66, 69 and 70 about
// the virtual MAC address, all of package netif, and 65 is about the configuration of the protocol. The VRF of 68 needs
// a driver that is not everywhere.
package vip
