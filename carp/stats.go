// SPDX-License-Identifier: Apache-2.0

package carp

import "net/netip"

// HostStats counts what concerns no single virtual host, and all rejected packets
// once more by their fault. In parentheses are the members of FreeBSD's struct
// carpstats that count the same; the names in JSON are those that netstat(1) -s -p carp
// has for them (with --libxo), but for dropped-bad-length, and this package's where there is none.
type HostStats struct {
	HopLimitErrors uint64 `json:"dropped-wrong-ttl"`          // TTL or hop limit that wasn't 255, or not what a peer may have (carps_badttl)
	ShortErrors    uint64 `json:"dropped-short-header"`       // shorter than the header of 36 octets (carps_hdrops)
	LengthErrors   uint64 `json:"dropped-bad-length"`         // longer than that (carps_badlen, which netstat calls dropped-short-packet)
	VersionErrors  uint64 `json:"dropped-bad-version"`        // neither CARP's version nor one of VRRP (carps_badver)
	ChecksumErrors uint64 `json:"dropped-bad-checksum"`       // wrong checksum (carps_badsum)
	VHIDErrors     uint64 `json:"dropped-bad-vhid"`           // 0, or no such virtual host on the link, unless HostConfig.Select drops them (carps_badvhid)
	DigestErrors   uint64 `json:"dropped-bad-authentication"` // wrong passphrase, or other addresses (carps_badauth)
	VRRP           uint64 `json:"dropped-vrrp"`               // advertisements of VRRP; with HostConfig.Select those with the identifier of a virtual host here
	Rejected       uint64 `json:"dropped"`                    // all, for whatever fault
	SendErrors     uint64 `json:"send-errors"`                // packets that the network could not send
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
// bears the virtual host's identifier, whether or not it is meant for it. Names in
// parentheses and in JSON are as those of [HostStats].
type Stats struct {
	BecameMaster uint64 `json:"master-transitions"` // transitions to Master
	Preemptions  uint64 `json:"preemptions"`        // times that a Master that advertises less often was put down (carps_preempt)

	ReceivedIPv4    uint64 `json:"received-inet-packets"`  // accepted advertisements, bow-outs included (carps_ipackets)
	ReceivedIPv6    uint64 `json:"received-inet6-packets"` // the same over IPv6 (carps_ipackets6)
	SentIPv4        uint64 `json:"sent-inet-packets"`      // packets handed to the network, one for each peer (carps_opackets)
	SentIPv6        uint64 `json:"sent-inet6-packets"`     // the same over IPv6 (carps_opackets6)
	BowOutsReceived uint64 `json:"received-bow-outs"`      // accepted advertisements that say so
	BowOutsSent     uint64 `json:"sent-bow-outs"`          // advertisements sent that say so

	HopLimitErrors uint64 `json:"dropped-wrong-ttl"`          // TTL or hop limit that wasn't 255, or not what a peer may have (carps_badttl)
	ShortErrors    uint64 `json:"dropped-short-header"`       // shorter than the header of 36 octets (carps_hdrops)
	LengthErrors   uint64 `json:"dropped-bad-length"`         // longer than that (carps_badlen)
	VersionErrors  uint64 `json:"dropped-bad-version"`        // neither CARP's version nor one of VRRP (carps_badver)
	TypeErrors     uint64 `json:"dropped-bad-type"`           // no advertisement
	ChecksumErrors uint64 `json:"dropped-bad-checksum"`       // wrong checksum (carps_badsum)
	DigestErrors   uint64 `json:"dropped-bad-authentication"` // wrong passphrase, or other addresses (carps_badauth)
	VRRP           uint64 `json:"dropped-vrrp"`               // advertisements of VRRP with the same identifier: both use one virtual MAC address
	SourceErrors   uint64 `json:"dropped-unknown-peer"`       // from none of the configured peers
	Replayed       uint64 `json:"dropped-replayed"`           // rejected by VirtualHostConfig.Strict
	Looped         uint64 `json:"dropped-looped"`             // own packets that came back
	NotTakingPart  uint64 `json:"dropped-init"`               // heard in state Init

	Equals      uint64 `json:"equals"`            // advertisements of a peer of the same rank
	Competitors uint64 `json:"competitors"`       // times that another host was Master as well
	Conflicts   uint64 `json:"address-conflicts"` // claims of other hosts to an address while Master

	SendErrors         uint64 `json:"send-errors"`         // times that advertisements could not be sent in a family
	Announcements      uint64 `json:"announcements"`       // calls to the Announcer
	AnnouncementErrors uint64 `json:"announcement-errors"` // of these, those that failed
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
