// SPDX-License-Identifier: Apache-2.0

package carp

import "net/netip"

// HostStats counts what concerns no single virtual host, and all rejected packets
// once more by their fault. The names in parentheses are those of FreeBSD's struct
// carpstats (netstat -s -p carp).
type HostStats struct {
	HopLimitErrors uint64 // (carps_badttl)
	ShortErrors    uint64 // (carps_hdrops)
	LengthErrors   uint64 // (carps_badlen)
	VersionErrors  uint64 // (carps_badver)
	ChecksumErrors uint64 // (carps_badsum)
	VHIDErrors     uint64 // (carps_badvhid)
	DigestErrors   uint64 // (carps_badauth)
	VRRP           uint64 // advertisements of VRRP
	Rejected       uint64 // all, for whatever fault
	SendErrors     uint64 // packets that the network could not send
}

// rejected counts a fault.
func (s *HostStats) rejected(f Fault) {
	s.Rejected++
	switch f {
	case FaultHopLimit:
		s.HopLimitErrors++
	case FaultShort:
		s.ShortErrors++
	case FaultLength:
		s.LengthErrors++
	case FaultVersion:
		s.VersionErrors++
	case FaultChecksum:
		s.ChecksumErrors++
	case FaultVHID:
		s.VHIDErrors++
	case FaultDigest:
		s.DigestErrors++
	case FaultVRRP:
		s.VRRP++
	}
}

// Stats counts what concerns one virtual host. A rejected packet counts here if it
// bears the virtual host's identifier, whether or not it is meant for it. The names
// in parentheses are those of FreeBSD's struct carpstats.
type Stats struct {
	BecameMaster uint64
	Preemptions  uint64 // times that a Master that advertises less often was put down (carps_preempt)

	ReceivedIPv4    uint64 // accepted advertisements, bow-outs included (carps_ipackets)
	ReceivedIPv6    uint64 // (carps_ipackets6)
	SentIPv4        uint64 // packets handed to the network, one for each peer (carps_opackets)
	SentIPv6        uint64 // (carps_opackets6)
	BowOutsReceived uint64
	BowOutsSent     uint64

	HopLimitErrors uint64 // (carps_badttl)
	ShortErrors    uint64 // (carps_hdrops)
	LengthErrors   uint64 // (carps_badlen)
	VersionErrors  uint64 // (carps_badver)
	TypeErrors     uint64
	ChecksumErrors uint64 // (carps_badsum)
	DigestErrors   uint64 // wrong passphrase, or other addresses (carps_badauth)
	VRRP           uint64 // advertisements of VRRP with the same identifier: both use one virtual MAC address
	SourceErrors   uint64 // from none of the configured peers
	Replayed       uint64 // rejected by VirtualHostConfig.Strict
	Looped         uint64 // own packets that came back
	NotTakingPart  uint64 // heard in state Init

	Equals      uint64 // advertisements of a peer of the same rank
	Competitors uint64 // times that another host was Master as well
	Conflicts   uint64 // claims of other hosts to an address while Master

	SendErrors         uint64 // times that advertisements could not be sent in a family
	Announcements      uint64 // calls to the Announcer
	AnnouncementErrors uint64
}

// sent counts a packet to dst.
func (s *Stats) sent(dst netip.Addr) {
	if dst.Is4() {
		s.SentIPv4++
	} else {
		s.SentIPv6++
	}
}

// accepted counts an advertisement from src.
func (s *Stats) accepted(src netip.Addr, adv *Advertisement) {
	if src.Is4() {
		s.ReceivedIPv4++
	} else {
		s.ReceivedIPv6++
	}
	if (Rank{AdvBase: adv.AdvBase, AdvSkew: adv.AdvSkew}).IsBowOut() {
		s.BowOutsReceived++
	}
}

// rejected counts a fault.
func (s *Stats) rejected(f Fault) {
	for fault, counter := range [numFaults]*uint64{
		FaultHopLimit: &s.HopLimitErrors, FaultShort: &s.ShortErrors, FaultLength: &s.LengthErrors, FaultVersion: &s.VersionErrors,
		FaultType: &s.TypeErrors, FaultChecksum: &s.ChecksumErrors, FaultDigest: &s.DigestErrors, FaultVRRP: &s.VRRP,
		FaultSource: &s.SourceErrors, FaultReplayed: &s.Replayed, FaultLooped: &s.Looped, FaultInit: &s.NotTakingPart,
	} {
		if Fault(fault) == f && counter != nil {
			*counter++
		}
	}
}

// changed counts a transition.
func (s *Stats) changed(t Transition) {
	if t.To == Master {
		s.BecameMaster++
	}
	if t.Reason == ReasonPreempt {
		s.Preemptions++
	}
}

// noticed counts a notice.
func (s *Stats) noticed(n Notice) {
	switch n {
	case NoticeEqual:
		s.Equals++
	case NoticeCompetitor:
		s.Competitors++
	}
}
