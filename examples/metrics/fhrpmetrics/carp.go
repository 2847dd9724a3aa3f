// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/go-fhrp/fhrp/carp"
)

// NewCARP returns the metrics of a host, which begin with fhrp_carp_.
func NewCARP(host *carp.Host, cfg Config) *Collector {
	const prefix = "fhrp_carp_"
	of := func(s *carp.Status) []string { return []string{s.Link, strconv.Itoa(int(s.VHID))} }
	bounds := carp.LatenessBounds()
	each := newFamilies(prefix, []string{"interface", "vhid"}, of, bounds[:], slices.Concat(carpStatus(), margins(carpMargin), carpCounters()))
	all := newFamilies(prefix, nil, func(*carp.HostStats) []string { return nil }, nil, carpHost())
	describe := func(ch chan<- *prometheus.Desc) {
		all.describe(ch)
		each.describe(ch)
	}
	return newCollector(prefix, cfg, describe, func() reading {
		begin := time.Now()
		stats := host.Stats()
		took := time.Since(begin)
		var list []carp.Status
		for _, v := range host.VirtualHosts() {
			list = append(list, v.Status())
		}
		return reading{took, func(ch chan<- prometheus.Metric) {
			all.collect([]carp.HostStats{stats}, ch)
			each.collect(list, ch)
		}}
	})
}

// carpStatus is how a virtual host is.
func carpStatus() []spec[carp.Status] {
	type status = carp.Status
	type is = func(float64, ...string)
	const g = prometheus.GaugeValue
	return []spec[status]{
		each(g, "info", "Always 1: what a virtual host is called, and its group if it has one.", []string{"name", "group"},
			func(s *status, is is) { is(1, s.Name, s.Group) }),
		each(g, "state", "Whether the virtual host is in the state (1) or not (0).", []string{"state"}, func(s *status, is is) {
			for state := carp.Init; state <= carp.Master; state++ {
				is(truth(s.State == state), strings.ToLower(state.String()))
			}
		}),
		each(g, "last_transition_timestamp_seconds", "When the state changed last, and why.", []string{"reason"}, func(s *status, is is) {
			if !s.Last.At.IsZero() {
				is(seconds(s.Last.At), s.Last.Reason.String())
			}
		}),
		gauge("advbase", "advbase that is advertised.", func(s *status) float64 { return float64(s.Rank.AdvBase) }),
		gauge("advskew", "advskew that is advertised.", func(s *status) float64 { return float64(s.Rank.AdvSkew) }),
		gauge("demotion", "Sum of all demotions.", func(s *status) float64 { return float64(s.Demotion) }),
		each(g, "peer_advskew", "advskew of the advertisement that was heard last.", nil, func(s *status, is is) {
			if s.Peer.IsValid() {
				is(float64(s.PeerRank.AdvSkew))
			}
		}),
		gauge("barred", "Whether the virtual host is kept out of the election by maintenance, a condition or its group.",
			func(s *status) float64 { return truth(s.Barred != carp.ReasonNone) }),
		gauge("addresses_held", "Service addresses that are held.", func(s *status) float64 { return float64(len(s.Held)) }),
		each(g, "condition_up", "Whether a tracked condition is up. Absent while that is unknown.", []string{"condition"},
			func(s *status, is is) { conditions(s.Trackers, is) }),
		each(g, "path_usable", "Whether advertisements can be sent in an address family.", []string{"family"}, func(s *status, is is) {
			for _, p := range s.Paths {
				is(truth(p.Source.IsValid()), ipVersion(p.Group.Is6()))
			}
		}),
		gauge("advertisement_interval_seconds", "Interval of own advertisements.", func(s *status) float64 { return s.Interval.Seconds() }),
		gauge("down_interval_seconds", "How long the Master may be silent.", func(s *status) float64 { return s.DownInterval.Seconds() }),
	}
}

func carpMargin(s *carp.Status) margin {
	m := &s.Margin
	return margin{heard: m.Heard[:], sent: m.Sent[:], longestGap: m.LongestGap, lowest: m.Lowest, lowestAt: m.LowestAt, latest: m.Latest}
}
