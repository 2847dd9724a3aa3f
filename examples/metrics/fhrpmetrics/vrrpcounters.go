// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import "github.com/go-fhrp/fhrp/vrrp"

// vrrpRouter is what is counted for no single virtual router.
func vrrpRouter() []spec[vrrp.RouterStats] {
	type stats = vrrp.RouterStats
	return []spec[stats]{
		counter("router_packets_rejected_total", "Packets that were rejected, for whatever reason and virtual router.", func(s *stats) uint64 { return s.Rejected }),
		counters("router_packet_errors_total", "Packets that were rejected for the reasons that RFC 8347 counts by router.", "reason", func(s *stats) map[string]uint64 {
			return map[string]uint64{"hop_limit": s.HopLimitErrors, "version": s.VersionErrors, "checksum": s.ChecksumErrors, "vrid": s.VRIDErrors}
		}),
		counter("router_send_errors_total", "Packets that the network could not send.", func(s *stats) uint64 { return s.SendErrors }),
	}
}

// vrrpCounters is what is counted for a virtual router.
func vrrpCounters() []spec[vrrp.Status] {
	type status = vrrp.Status
	return []spec[status]{
		counter("became_active_total", "Times that the virtual router became Active.", func(s *status) uint64 { return s.Stats.BecameActive }),
		counter("advertisements_received_total", "Advertisements that were accepted, goodbyes included.", func(s *status) uint64 { return s.Stats.Received }),
		counter("advertisements_sent_total", "Advertisements that were sent, goodbyes included.", func(s *status) uint64 { return s.Stats.Sent }),
		counter("goodbyes_received_total", "Advertisements with priority 0 that were accepted.", func(s *status) uint64 { return s.Stats.GoodbyesReceived }),
		counter("goodbyes_sent_total", "Advertisements with priority 0 that were sent.", func(s *status) uint64 { return s.Stats.GoodbyesSent }),
		counters("packets_rejected_total", "Packets with the virtual router's identifier that were rejected.", "reason",
			func(s *status) map[string]uint64 { return vrrpRejected(&s.Stats) }),
		counters("advertisements_odd_total", "Advertisements that were accepted, or passed over, though something is odd about them.", "notice", func(s *status) map[string]uint64 {
			return map[string]uint64{"address_list": s.Stats.AddressListMismatches, "interval": s.Stats.IntervalMismatches,
				"superseded": s.Stats.Superseded, "unauthenticated": s.Stats.Unauthenticated}
		}),
		counters("advertisement_checksums_total", "Accepted advertisements of version 3 over IPv4 by the form of their checksum.", "form", func(s *status) map[string]uint64 {
			return map[string]uint64{"message": s.Stats.ChecksumMessage, "pseudo_header": s.Stats.ChecksumPseudoHeader, "pseudo_group": s.Stats.ChecksumPseudoGroup}
		}),
		counter("competitors_total", "Times that another router was Active as well.", func(s *status) uint64 { return s.Stats.Competitors }),
		counter("conflicts_total", "Claims of other hosts to a service address while Active.", func(s *status) uint64 { return s.Stats.Conflicts }),
		counter("send_errors_total", "Advertisements that could not be built.", func(s *status) uint64 { return s.Stats.SendErrors }),
		counter("announcements_total", "Announcements of service addresses.", func(s *status) uint64 { return s.Stats.Announcements }),
		counter("announcement_errors_total", "Announcements that failed.", func(s *status) uint64 { return s.Stats.AnnouncementErrors }),
	}
}

// vrrpRejected is what a virtual router has rejected.
func vrrpRejected(s *vrrp.Stats) map[string]uint64 {
	return map[string]uint64{
		"checksum": s.ChecksumErrors, "version": s.VersionErrors, "hop_limit": s.HopLimitErrors, "type": s.TypeErrors, "length": s.LengthErrors,
		"interval": s.IntervalErrors, "address_list": s.AddressListErrors, "auth_type": s.AuthTypeErrors, "auth_data": s.AuthDataErrors,
		"looped": s.Looped, "not_taking_part": s.NotTakingPart, "source": s.SourceErrors, "unsigned": s.UnsignedErrors, "trailer": s.TrailerErrors,
		"unknown_key": s.UnknownKeyErrors, "digest": s.DigestErrors, "stale": s.StaleErrors, "replay": s.ReplayErrors, "header": s.HeaderErrors,
	}
}
