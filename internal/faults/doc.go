// SPDX-License-Identifier: Apache-2.0

// Package faults tests programs on a real kernel while something goes wrong: examples/vrrpd, examples/carpd and a small
// program that embeds package vrrp with a guard. Each runs as processes on two hosts in network namespaces, and on a
// third one as a control that nothing befalls.
//
// TestFaults has each fault befall the Active member of a pair of each program, and looks at who is Active and which
// addresses are where while it lasts and afterwards, at descriptors, goroutines, sockets, interfaces and processes.
// TestFaults/Chaos has faults in a random order befall a mixed pair and a pair of CARP in one network. TestDays has
// three days pass by a clock of its own, with real sockets and addresses.
//
// What a fault means to one part of the module is tested there; with other implementations in the network, by the tests
// of package fieldreports that the table names.
//
//	Partition            fieldreports.TestFieldReport23PartitionHeals
//	AsymmetricLoss       fieldreports.TestFieldReport22CompetitorSeen
//	Firewall             netif.TestFieldReport33RefusedByThePacketFilter, fieldreports.TestFieldReport33RefusedPacketsAreTold
//	RejectedPackets      fieldreports.TestFieldReport18RejectedPacketsChangeNothing
//	Stopped              fieldreports.TestFieldReport15FrozenActive, guard.TestFrozen
//	Killed               fieldreports.TestFieldReport01KilledActive, carpd.TestHandbook
//	KilledWithGuard      fieldreports.TestFieldReport01KilledActiveWithGuard, guard.TestDeath, carpd.TestGuard
//	KilledAfterItsGuard  guard.TestLost
//	Crash                guard.TestDeath, guard.TestSignals
//	NewBinary            guard.TestExecDies, guard.TestExecLives
//	InterfaceMadeAnew    fieldreports.TestFieldReport28InterfaceMadeAnew, vip.TestFieldReport05DeviceMadeAnew
//	LinkDown             fieldreports.TestFieldReport10NotActiveWithoutTheLink, fieldreports.TestFieldReport29HearsAfterLinkFlap
//	AddressRemoved       fieldreports.TestFieldReport08ResignsForALoss, vip.TestFieldReport08VIPRemovedByOther
//	NetlinkOverrun       netif.TestLostMessages, vip.TestFieldReport44MessagesLost
//	OutOfDescriptors     -
package faults
