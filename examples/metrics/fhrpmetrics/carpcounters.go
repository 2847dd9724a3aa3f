// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import "github.com/go-fhrp/fhrp/carp"

// carpHost is what is counted for no single virtual host.
func carpHost() []spec[carp.HostStats] {
	type stats = carp.HostStats
	return []spec[stats]{
		counter("host_packets_rejected_total", "Packets that were rejected, for whatever reason and virtual host.", func(s *stats) uint64 { return s.Rejected }),
		counters("host_packet_errors_total", "Packets that were rejected for the reasons that netstat counts by host.", "reason", func(s *stats) map[string]uint64 {
			return map[string]uint64{"hop_limit": s.HopLimitErrors, "short": s.ShortErrors, "length": s.LengthErrors, "version": s.VersionErrors,
				"checksum": s.ChecksumErrors, "vhid": s.VHIDErrors, "digest": s.DigestErrors, "vrrp": s.VRRP}
		}),
		counter("host_send_errors_total", "Packets that the network could not send.", func(s *stats) uint64 { return s.SendErrors }),
	}
}

// carpCounters is what is counted for a virtual host.
func carpCounters() []spec[carp.Status] {
	type status = carp.Status
	return []spec[status]{
		counter("became_master_total", "Times that the virtual host became Master.", func(s *status) uint64 { return s.Stats.BecameMaster }),
		counter("preemptions_total", "Times that a Master that advertises less often was put down.", func(s *status) uint64 { return s.Stats.Preemptions }),
		counters("advertisements_received_total", "Advertisements that were accepted, bow-outs included.", "family", func(s *status) map[string]uint64 {
			return map[string]uint64{"ipv4": s.Stats.ReceivedIPv4, "ipv6": s.Stats.ReceivedIPv6}
		}),
		counters("advertisements_sent_total", "Packets that were sent, bow-outs included, one for each peer.", "family", func(s *status) map[string]uint64 {
			return map[string]uint64{"ipv4": s.Stats.SentIPv4, "ipv6": s.Stats.SentIPv6}
		}),
		counter("bowouts_received_total", "Advertisements that give up the role, accepted.", func(s *status) uint64 { return s.Stats.BowOutsReceived }),
		counter("bowouts_sent_total", "Advertisements that give up the role, sent.", func(s *status) uint64 { return s.Stats.BowOutsSent }),
		counters("packets_rejected_total", "Packets with the virtual host's identifier that were rejected.", "reason",
			func(s *status) map[string]uint64 { return carpRejected(&s.Stats) }),
		counter("equals_total", "Advertisements of a peer of the same rank.", func(s *status) uint64 { return s.Stats.Equals }),
		counter("competitors_total", "Times that another host was Master as well.", func(s *status) uint64 { return s.Stats.Competitors }),
		counter("conflicts_total", "Claims of other hosts to a service address while Master.", func(s *status) uint64 { return s.Stats.Conflicts }),
		counter("send_errors_total", "Times that advertisements could not be sent in an address family.", func(s *status) uint64 { return s.Stats.SendErrors }),
		counter("announcements_total", "Announcements of service addresses.", func(s *status) uint64 { return s.Stats.Announcements }),
		counter("announcement_errors_total", "Announcements that failed.", func(s *status) uint64 { return s.Stats.AnnouncementErrors }),
	}
}

// carpRejected is what a virtual host has rejected.
func carpRejected(s *carp.Stats) map[string]uint64 {
	return map[string]uint64{
		"hop_limit": s.HopLimitErrors, "short": s.ShortErrors, "length": s.LengthErrors, "version": s.VersionErrors, "type": s.TypeErrors,
		"checksum": s.ChecksumErrors, "digest": s.DigestErrors, "vrrp": s.VRRP, "source": s.SourceErrors, "replayed": s.Replayed,
		"looped": s.Looped, "not_taking_part": s.NotTakingPart,
	}
}
