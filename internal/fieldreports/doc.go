// SPDX-License-Identifier: Apache-2.0

// Package fieldreports tests the module against what has bitten the users of other implementations of VRRP: the reports
// that they have written of it, each of which gives a rule. The tests make the situation of the user, with real
// interfaces in network namespaces and, where that is what it was about, with processes that are killed and stopped and
// with keepalived as the peer; they look at the addresses that the kernel has, the packets that cross the switch, and the
// states that our routers tell. A test is named after the number of its report.
//
// The table says what holds each rule: tests of this package, tests of others where one part of the module is enough for
// it, or why nothing does.
//
// # A. Addresses left behind and taken away
//
//	 1  killed process
//	    TestFieldReport01KilledActive, TestFieldReport01KilledActiveWithGuard, TestFieldReport01KilledBesideKeepalived,
//	    vip.TestFieldReport01KilledProcessLeavesNoAddress, vip.TestFieldReport01FrozenProcessLeavesNoAddress
//	 2  started anew with another configuration
//	    TestFieldReport02RestartedWithOtherAddresses, vip.TestFieldReport02SweepFindsAddressesOfEarlierConfigurations
//	 3  swept what was alive
//	    vip.TestFieldReport03SweepSparesTheLiving
//	 4  Backup that has the addresses
//	    TestFieldReport04BackupFindsTheAddress, vip.TestFieldReport04RemoveWithoutAdd
//	 5  device deleted and made anew
//	    vip.TestFieldReport05DeviceMadeAnew, TestFieldReport28InterfaceMadeAnew
//	 6  another address removed
//	    vip.TestFieldReport06RemoveTakesNoOther
//	 7  networkd restarted
//	    TestFieldReport07ManagerStartsAnew, vip.TestFieldReport07RestartOfAnotherManager, netif/doctor.TestCheckNetworkd
//	 8  address removed by another, and nobody has it
//	    TestFieldReport08NeverActiveWithoutTheAddress, TestFieldReport08ResignsForALoss,
//	    vip.TestFieldReport08VIPRemovedByOther
//	 9  address lost by ifdown and ifup
//	    vip.TestFieldReport09DeviceDownAndUp, TestFieldReport10NotActiveWithoutTheLink
//	10  advertises although the link is down
//	    TestFieldReport10NotActiveWithoutTheLink
//	11  route comes back, address can't be added
//	    vip.TestFieldReport11NoRouteAndAnotherTry
//	12  address configured by an administrator
//	    TestFieldReport12AdministratorAddsTheAddress, vip.TestFieldReport12AddressOfAnother
//	13  IPv6 address lost with the link
//	    vip.TestFieldReport13RestoredForTheRestOfTheLease, TestFieldReport10NotActiveWithoutTheLink
//	14  effects of a transition depend on where it comes from
//	    TestFieldReport14AdvertisesFirst, TestFieldReport14EachTransition, TestFieldReport14Owner, TestFieldReport14OwnerAdds, vrrp.TestEveryInputInEveryState
//
// # B. Two Active Routers, late timers, starvation
//
//	15  a virtual machine that stood still goes on as Active
//	    TestFieldReport15TellsHowLate, TestFieldReport15FrozenUntilThePeerClaims,
//	    TestFieldReport15FrozenActive, TestFieldReport15FrozenBesideKeepalived, TestFieldReport15FrozenBackup,
//	    vrrp.TestSimulatedFreeze
//	16  roles move under load
//	    TestFieldReport16DownIntervals, TestFieldReport16LogDoesNotAnswer
//	17  eighty addresses hold up the advertisements
//	    TestFieldReport17AdvertisementsDoNotWaitForAddresses, TestFieldReport17ManyAddressesMove,
//	    vip.TestDeviceStopsBetweenBatches
//	18  rejected packets make an Active Router fall silent
//	    TestFieldReport18RejectedPacketsChangeNothing, vrrp.TestRejectedPacketsChangeNothing
//	19  two clusters with the same identifier
//	    TestFieldReport19AnotherClusterWithTheSameVRID, vrrp.TestSimulatedPasswords
//	20  priorities that differ by one
//	    TestFieldReport20AdjacentPriorities
//	21  equal priorities
//	    TestFieldReport21EqualPriority, TestFieldReport21EqualPriorityBesideKeepalived
//	22  nobody tells of a competitor
//	    TestFieldReport22CompetitorSeen
//	23  partition that does not heal
//	    TestFieldReport23PartitionHeals, TestFieldReport23PartitionHealsBesideKeepalived
//	24  Backup claims whose uplink is dead
//	    not held: it needs something that watches the uplink; a program can lower the priority (vrrp.TestSetPriority)
//	25  firewall drops protocol 112
//	    netif/doctor.TestFieldReport25FirewallDropsProtocol112
//	26  packets that the link has and the socket has not
//	    netif/doctor.TestFieldReport26SeenOnTheLinkOnly
//	27  claims before the switch forwards
//	    TestFieldReport27StartupHold, TestFieldReport27StartupHoldEnds, vrrp.TestStartupHold,
//	    netif.TestFieldReport27SwitchPortsForwardLater
//	28  interface deleted and made anew
//	    TestFieldReport28InterfaceMadeAnew, netif.TestLinkIsMadeAnew
//	29  groups forgotten after a flap
//	    TestFieldReport29HearsAfterLinkFlap,
//	    netif.TestLinkDownAndUp
//	30  ff02::12 is gone
//	    TestFieldReport30HearsAfterIPv6WasOff, TestFieldReport30HearsAfterGroupsAreForgotten,
//	    netif.TestFieldReport30LostMembership, netif.TestFieldReport30SourceAwayForAMoment
//	31  MAC address of the card changed
//	    netif.TestFieldReport31ParentKeepsItsMAC
//	32  advertisements that come in bursts
//	    TestFieldReport32AgeByTheTimeOfArrival, netif.TestArrivalIsWhenTheKernelHadIt
//	33  sending is refused
//	    TestFieldReport33RefusedPacketsAreTold, vrrp.TestUnsentAdvertisements,
//	    netif.TestFieldReport33RefusedByThePacketFilter, netif.TestFieldReport33NoRoom
//	34  intervals too short for a migration
//	    not held: there are no profiles; interval and down intervals are plain values (TestFieldReport16DownIntervals)
//
// # C. ARP, neighbour discovery and switch tables
//
//	35  hosts still go to the loser of a split
//	    TestFieldReport35WinnerAnnouncesAfterSplit, TestFieldReport35LoserIsNeverHeard, vrrp.TestAnnouncements
//	36  knobs for what a router says to a worse one
//	    TestFieldReport36KeepalivedOfEqualPriority, vrrp.TestSection6_4_3_LowerPriorityIsAnsweredAtOnce
//	37  refresh is not sent
//	    TestFieldReport37RefreshGoesOn, vrrp.TestAnnouncements
//	38  Active without an announcement
//	    TestFieldReport38EveryWayToTheRoleAnnounces, vrrp.TestEveryInputInEveryState
//	39  client keeps the old MAC address
//	    TestFieldReport39SecondBurstInBothForms, vrrp.TestAnnouncements, netif.TestNeighboursTakeNotice
//	40  switch learns the virtual MAC too late
//	    TestFieldReport40SwitchLearnsByTheFirstAdvertisement, vrrp.TestSection7_3_VirtualMAC,
//	    netif.TestFieldReport40TheSwitchFollows
//	41  switch learns from a Backup
//	    TestFieldReport41BackupSendsNothingFromTheVirtualMAC, netif.TestFieldReport41NoReportsFromVirtualMAC
//	42  provider does not relay unsolicited neighbour advertisements
//	    TestFieldReport42UnsolicitedAdvertisementsAreNotRelayed
//	43  fabric resets connections to a virtual MAC
//	    TestFieldReport43NoVirtualMACUnlessAskedFor
//	44  too many netlink messages
//	    TestFieldReport44ManyVirtualRouters, TestFieldReport44ManyVirtualMACs, vip.TestFieldReport44MessagesLost,
//	    netif.TestLostMessages
//	45  announced once only
//	    TestFieldReport45EachOfABurstIsEnough, vrrp.TestAnnouncements
//	46  macvlan that hears no rival
//	    TestFieldReport46RivalsHearEachOther, netif.TestFieldReport46AdvertisementsOfARival,
//	    netif.TestFieldReport46RivalsAreHeard
//
// # D. Packets and checksums
//
//	47  unicast with the checksum of the group
//	    TestFieldReport47UnicastWithTheChecksumOfTheGroup, vrrp.TestParseChecksumPseudoGroup,
//	    vrrp.TestUnicastMirrorsChecksumOfEachPeer, vrrp.TestKeepalived
//	48  pseudo-header or not
//	    TestFieldReport48EitherChecksumIsHeard, vrrp.TestVectors, vrrp.TestSimulatedChecksumAuto,
//	    examples/vrrpd.TestInterop
//	49  NAT breaks the checksum
//	    TestFieldReport49MessageChecksumSurvivesNAT, vrrp.TestVectors
//	50  check lost in a refactoring
//	    TestFieldReport50EachOctetCounts, vrrp.TestVectors, vrrp.TestParseRejectsEveryFlippedBit
//	51  padding taken for a part of the packet
//	    TestFieldReport51PaddingIsNoPartOfThePacket, netif.TestPadding
//	52  address count with both families
//	    TestFieldReport52AddressesOfBothFamilies, vrrp.TestAppendRejects, internal/instances.TestTranslate
//	53  intervals that the version can't say
//	    TestFieldReport53IntervalThatTheVersionCantSay, vrrp.TestAppendRejects, vrrp.TestAddRefuses
//	54  packets that make a decoder fail
//	    TestFieldReport54NoiseIsRejected, vrrp.FuzzParse, carp.FuzzParse, netif.FuzzDecode
//	55  interval of zero
//	    TestFieldReport55IntervalOfZero, vrrp.TestParseRejects
//	56  more addresses than expected
//	    TestFieldReport56AllThatAPacketHolds, vip.TestDeviceManyAddresses, vrrp.TestAppendRejects
//
// # E. IPv6 and virtual MAC addresses
//
//	57  link-local address missing or tentative
//	    TestFieldReport57TentativeSourceIsWaitedFor, netif.TestFieldReport57NoLinkLocalOfTheVirtualMAC,
//	    netif.TestSourcesIPv6
//	58  service address becomes the source
//	    TestFieldReport58SourceIsNoServiceAddress, TestFieldReport58SourceIsPinned, netif.TestSourcesIPv6, vrrp.TestSimulatedSource
//	59  link-local unicast, VRF
//	    TestFieldReport59SameLinkLocalOnBothLinks, TestFieldReport59LinkInAVRF,
//	    netif.TestPacketsOfOtherLinksAreNotReceived, vrrp.TestUnicastIPv6
//	60  same link-local address on several links
//	    TestFieldReport60SameLinkLocalVIPOnSeveralLinks, vip.TestFieldReport60SameLinkLocalOnSeveralDevices
//	61  link-local address gone after a flap
//	    TestFieldReport61LinkLocalBackAfterAFlap, vip.TestFieldReport61LinkLocalBackAfterFlap
//	62  one family waits for the other
//	    TestFieldReport62FamiliesAreReadyByThemselves, TestFieldReport62DuplicateSourceIsAFaultWithAReason,
//	    netif.TestTableIPv6Sources, netif.TestFieldReport62TentativeIsWaitedFor,
//	    netif.TestFieldReport62DuplicateIsAFault
//	63  service address with dadfailed
//	    vip.TestFieldReport63NoDuplicateAddressDetection
//	64  two Active Routers after shut, restart and up
//	    TestFieldReport64RestartWhileTheLinkIsDown, netif/doctor.TestFieldReport64LinkLocalNotReady
//	65  first address is not link-local
//	    TestFieldReport65FirstAddressIsLinkLocal, vrrp.TestAddRefuses
//	66  virtual MAC without its kernel settings
//	    TestFieldReport66NeighboursAndSettings, netif.TestFieldReport66VirtualMACAnswers,
//	    netif/doctor.TestFieldReport66RPFilter, netif/doctor.TestFieldReport66VirtualMACSettings
//	67  address there while not Active
//	    TestFieldReport67AddressesOnlyWhileActive, vip.TestFieldReport67OnlyWhatIsWishedFor,
//	    netif.TestFieldReport67ParentFlaps
//	68  VRF, network namespaces
//	    vip.TestFieldReport68NetworkNamespace, netif/doctor.TestFieldReport68VRF
//	69  macvlan that gets its MAC address later
//	    TestFieldReport69LinkThatBecomesWhatItIsToBe, netif.TestFieldReport69MACFromTheBeginning
//	70  virtual MAC where ports are bound to theirs
//	    netif/doctor.TestFieldReport70Environment
//
// # F. Preemption and tracking
//
//	71  a host that booted takes over in spite of nopreempt
//	    TestFieldReport27StartupHold, vrrp.TestSection6_4_2_LowerPriorityWithoutPreemption
//	72  nopreempt and a priority that sinks
//	    vrrp.TestTrackResignMovesWhereNobodyPreempts, carp.TestTrackResignMovesWhereNobodyPreempts, vrrp.TestResign
//	73  weights below zero
//	    internal/conditions.TestFieldReport73, vrrp.TestTrackWeightIsBounded, vrrp.TestSetPriority
//	74  check that runs out of time
//	    netif/track.TestFieldReport74, vrrp.TestTrackerThatHangs
//	75  check that prints its result
//	    netif/check.TestFieldReport75
//	76  Backup of equal priority preempts
//	    vrrp.TestSection6_4_3_EqualPriority, vrrp.TestSection6_4_1_StartupEager, vrrp.TestEveryInputInEveryState
//	77  two owners
//	    vrrp.TestErratum8298_SecondOwner
//	78  link comes back within seconds
//	    netif/check.TestFieldReport78, netif.TestFlapBetweenTwoLooks, netif.TestCarrierLostAndFound
//
// # G. Reload, groups, notifications
//
//	79  reload moves the role
//	    vrrp.TestReconfigure, vip.TestFieldReport03SweepSparesTheLiving
//	80  reload after addresses were taken out
//	    vrrp.TestReconfigure, vrrp.TestRemove
//	81  new member moves its group
//	    vrrp.TestGroupJoinOfABackupMovesNobody, vrrp.TestGroupJoinOfALoserMovesNobody,
//	    vrrp.TestGroupJoinOfAnActiveMovesNobody, internal/group.TestRandomWalks
//	82  group stays in its fault
//	    vrrp.TestGroupFaultOfOneIsThatOfAll, TestGroupBesideSyncGroup, TestSyncGroupFaultMovesToGroup,
//	    internal/group.TestRandomWalks
//	83  notifications overtake each other
//	    vrrp.TestTraceAndLog
//	84  two readers of notifications during a reload
//	    not held: a program is called, there is nothing to read
//	85  nobody tells that the role was defended
//	    TestFieldReport22CompetitorSeen, vrrp.TestConflictIsReportedAndDefended
//	86  something is to be done before the addresses go
//	    vrrp.TestHandOver, internal/holder.TestTimeout
//	87  told of a state that was never left
//	    vrrp.TestEveryInputInEveryState, vrrp.TestTraceAndLog
//	88  virtual router whose addresses are nobody's
//	    internal/holder.TestWithoutBackend
//
// # H. Operation, security, containers
//
//	89  packets to the service address are dropped
//	    not held: nothing here touches a packet filter
//	90  the identifier is in use on the link
//	    netif/doctor.TestForeignSpeaker, vrrp.TestLog, TestFieldReport19AnotherClusterWithTheSameVRID
//	91  capability missing
//	    netif.TestPermission, netif/doctor.TestCapabilities, vip.TestDeviceWithoutCapability
//	92  empty list of peers
//	    vrrp.TestPeersAreRefused, carp.TestPeersAreRefused
//	93  hears itself
//	    vrrp.TestOwnPacketIsDiscarded, vrrp.TestOwnAddressesAreLeftOut
//	94  no way to read the state
//	    vrrp.TestControlWhileRunning
//	95  change of priority, maintenance
//	    vrrp.TestSetPriority, vrrp.TestResign, vrrp.TestForce, vrrp.TestMaintenance, vrrp.TestSetTrackersKeepsTheState
//	96  read-only /proc/sys
//	    netif.TestSysctlsReadOnly, netif.TestSysctlsVerifyOnly
//	97  dummy interfaces, several paths
//	    netif.TestAddressesOnDummy, netif.TestDummy
package fieldreports
