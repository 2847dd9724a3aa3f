// SPDX-License-Identifier: Apache-2.0

package vrrp

// RouterStats counts what concerns no single virtual router, and all rejected
// packets once more by their fault. The names in parentheses are those of RFC
// 8347.
type RouterStats struct {
	HopLimitErrors uint64 // (ip-ttl-errors)
	VersionErrors  uint64 // (version-errors)
	ChecksumErrors uint64 // (checksum-errors)
	VRIDErrors     uint64 // (vrid-errors)
	Rejected       uint64 // all, for whatever fault
	SendErrors     uint64 // packets that the network could not send
}

// rejected counts a fault.
func (s *RouterStats) rejected(f Fault) {
	s.Rejected++
	switch f {
	case FaultHopLimit:
		s.HopLimitErrors++
	case FaultVersion:
		s.VersionErrors++
	case FaultChecksum:
		s.ChecksumErrors++
	case FaultVRID:
		s.VRIDErrors++
	}
}

// Stats counts what concerns one virtual router. A rejected packet counts here
// if it bears the virtual router's identifier, whether or not it is meant for it.
type Stats struct {
	BecameActive     uint64 // (master-transitions)
	Received         uint64 // accepted advertisements, goodbyes included (advertisement-rcvd)
	Sent             uint64 // handed to the network, each once for all its copies (advertisement-sent)
	GoodbyesReceived uint64 // (priority-zero-pkts-rcvd)
	GoodbyesSent     uint64 // (priority-zero-pkts-sent)

	ChecksumErrors    uint64
	VersionErrors     uint64
	HopLimitErrors    uint64
	TypeErrors        uint64 // (invalid-type-pkts-rcvd)
	LengthErrors      uint64 // (packet-length-errors)
	IntervalErrors    uint64 // (interval-errors)
	AddressListErrors uint64 // (address-list-errors)
	AuthTypeErrors    uint64
	AuthDataErrors    uint64
	Looped            uint64 // own packets that came back
	NotTakingPart     uint64 // heard in state Initialize
	SourceErrors      uint64 // not from one of the peers

	Unauthenticated  uint64 // accepted without a trailer, though HMAC is set: not in HMACEnforce
	UnsignedErrors   uint64 // rejected without a trailer (keepalived: auth_ext_missing)
	TrailerErrors    uint64 // malformed (auth_ext_malformed)
	UnknownKeyErrors uint64 // (auth_ext_unknown_key)
	DigestErrors     uint64 // (auth_ext_invalid_hmac; auth_failure with AH)
	StaleErrors      uint64 // (auth_ext_stale)
	ReplayErrors     uint64 // (auth_ext_replay; auth_failure with AH)
	HeaderErrors     uint64 // of the authentication header, but for its digest and sequence number

	ChecksumMessage       uint64 // accepted version 3 packets over IPv4, by the form of their checksum
	ChecksumPseudoHeader  uint64
	ChecksumPseudoGroup   uint64
	AddressListMismatches uint64 // accepted though the addresses differ
	IntervalMismatches    uint64 // accepted though the interval differs
	Superseded            uint64 // version 2 of what was heard in version 3, with WithV2; ignored, and no error
	Competitors           uint64 // times that another router was Active as well
	Conflicts             uint64 // claims of other hosts to an address while Active

	SendErrors         uint64 // advertisements that could not be built
	Announcements      uint64 // calls to the Announcer
	AnnouncementErrors uint64
}

// accepted counts an advertisement.
func (s *Stats) accepted(adv *Advertisement, form ChecksumForm) {
	s.Received++
	if adv.Priority == PriorityGoodbye {
		s.GoodbyesReceived++
	}
	if adv.Version != V3 || !adv.Addresses[0].Is4() {
		return
	}
	switch form {
	case ChecksumMessage:
		s.ChecksumMessage++
	case ChecksumPseudoHeader:
		s.ChecksumPseudoHeader++
	case ChecksumPseudoGroup:
		s.ChecksumPseudoGroup++
	}
}

// rejected counts a fault.
func (s *Stats) rejected(f Fault) {
	for fault, counter := range [numFaults]*uint64{
		FaultHopLimit: &s.HopLimitErrors, FaultVersion: &s.VersionErrors, FaultType: &s.TypeErrors, FaultLength: &s.LengthErrors,
		FaultChecksum: &s.ChecksumErrors, FaultInterval: &s.IntervalErrors, FaultAddressList: &s.AddressListErrors,
		FaultAuthType: &s.AuthTypeErrors, FaultAuthData: &s.AuthDataErrors, FaultLooped: &s.Looped, FaultInitialize: &s.NotTakingPart,
		FaultSource: &s.SourceErrors, FaultUnsigned: &s.UnsignedErrors, FaultTrailer: &s.TrailerErrors,
		FaultUnknownKey: &s.UnknownKeyErrors, FaultDigest: &s.DigestErrors, FaultStale: &s.StaleErrors, FaultReplay: &s.ReplayErrors,
		FaultSPI: &s.HeaderErrors, FaultNextHeader: &s.HeaderErrors,
	} {
		if Fault(fault) == f && counter != nil {
			*counter++
		}
	}
}

// noticed counts a notice.
func (s *Stats) noticed(n Notice) {
	switch n {
	case NoticeAddressList:
		s.AddressListMismatches++
	case NoticeInterval:
		s.IntervalMismatches++
	case NoticeCompetitor:
		s.Competitors++
	}
}
