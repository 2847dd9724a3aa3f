// SPDX-License-Identifier: Apache-2.0

package vrrp

// RouterStats counts what concerns no single virtual router, and all rejected
// packets once more by their fault. The names in JSON are those of the statistics
// of RFC 8347 (container vrrp), but for the last two.
type RouterStats struct {
	HopLimitErrors uint64 `json:"ip-ttl-errors"`      // TTL or hop limit that wasn't 255, or not what a peer may have
	VersionErrors  uint64 `json:"version-errors"`     // unknown version, or not the configured one
	ChecksumErrors uint64 `json:"checksum-errors"`    // wrong checksum
	VRIDErrors     uint64 `json:"vrid-errors"`        // no such virtual router on the link
	Rejected       uint64 `json:"rejected-pkts-rcvd"` // all, for whatever fault
	SendErrors     uint64 `json:"send-errors"`        // packets that the network could not send
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
//
// The names in JSON from master-transitions to packet-length-errors are those of RFC 8347: of the
// statistics of a virtual router, and for three faults, that RFC 8347 counts for all
// virtual routers together, of [RouterStats]. The others are this package's.
type Stats struct {
	BecameActive      uint64 `json:"master-transitions"`      // transitions to Active
	Received          uint64 `json:"advertisement-rcvd"`      // accepted advertisements, goodbyes included
	Sent              uint64 `json:"advertisement-sent"`      // handed to the network, each once for all its copies
	GoodbyesReceived  uint64 `json:"priority-zero-pkts-rcvd"` // accepted with priority 0
	GoodbyesSent      uint64 `json:"priority-zero-pkts-sent"` // sent with priority 0
	ChecksumErrors    uint64 `json:"checksum-errors"`         // rejected: wrong checksum
	VersionErrors     uint64 `json:"version-errors"`          // rejected: not the configured version
	HopLimitErrors    uint64 `json:"ip-ttl-errors"`           // rejected: TTL or hop limit that wasn't 255, or not what the peer may have
	TypeErrors        uint64 `json:"invalid-type-pkts-rcvd"`  // rejected: no advertisement
	IntervalErrors    uint64 `json:"interval-errors"`         // rejected: interval of 0, or in version 2 not the configured one
	AddressListErrors uint64 `json:"address-list-errors"`     // rejected: no address, or in version 2 not the configured ones
	LengthErrors      uint64 `json:"packet-length-errors"`    // rejected: not the length that version and address count give

	AuthTypeErrors uint64 `json:"auth-type-errors"`       // rejected: version 2 authentication of another type than configured
	AuthDataErrors uint64 `json:"auth-data-errors"`       // rejected: wrong password of version 2
	Looped         uint64 `json:"looped-pkts-rcvd"`       // rejected: own packets that came back
	NotTakingPart  uint64 `json:"initialize-pkts-rcvd"`   // rejected: heard in state Initialize
	SourceErrors   uint64 `json:"unknown-peer-pkts-rcvd"` // rejected: not from one of the peers

	Unauthenticated  uint64 `json:"unauthenticated-rcvd"` // accepted without a trailer, though HMAC is set: not in HMACEnforce
	UnsignedErrors   uint64 `json:"auth-missing-errors"`  // rejected: without a trailer (keepalived: auth_ext_missing)
	TrailerErrors    uint64 `json:"auth-trailer-errors"`  // rejected: malformed trailer (auth_ext_malformed)
	UnknownKeyErrors uint64 `json:"auth-key-errors"`      // rejected: unknown key (auth_ext_unknown_key)
	DigestErrors     uint64 `json:"auth-digest-errors"`   // rejected: wrong digest (auth_ext_invalid_hmac; auth_failure with AH)
	StaleErrors      uint64 `json:"auth-stale-errors"`    // rejected: signed too long ago, or ahead of the clock here (auth_ext_stale)
	ReplayErrors     uint64 `json:"auth-replay-errors"`   // rejected: sequence number heard before (auth_ext_replay; auth_failure with AH)
	HeaderErrors     uint64 `json:"auth-header-errors"`   // rejected: the authentication header, but for its digest and sequence number

	ChecksumMessage       uint64 `json:"checksum-message-rcvd"`       // accepted version 3 packets over IPv4 whose checksum is over the message
	ChecksumPseudoHeader  uint64 `json:"checksum-pseudo-header-rcvd"` // the same, over pseudo-header and message
	ChecksumPseudoGroup   uint64 `json:"checksum-pseudo-group-rcvd"`  // the same, over a pseudo-header with the group though sent to another address
	AddressListMismatches uint64 `json:"address-list-mismatches"`     // accepted though the addresses differ
	IntervalMismatches    uint64 `json:"interval-mismatches"`         // accepted though the interval differs
	Superseded            uint64 `json:"superseded-pkts-rcvd"`        // version 2 of what was heard in version 3, with WithV2; ignored, and no error
	Competitors           uint64 `json:"competitors"`                 // times that another router was Active as well
	Conflicts             uint64 `json:"address-conflicts"`           // claims of other hosts to an address while Active

	SendErrors         uint64 `json:"send-errors"`         // advertisements that could not be built
	Announcements      uint64 `json:"announcements"`       // calls to the Announcer
	AnnouncementErrors uint64 `json:"announcement-errors"` // of these, those that failed
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
