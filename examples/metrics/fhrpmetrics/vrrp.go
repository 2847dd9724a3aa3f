// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vrrp"
)

// NewVRRP returns the metrics of a router, which begin with fhrp_vrrp_.
func NewVRRP(router *vrrp.Router, cfg Config) *Collector {
	const prefix = "fhrp_vrrp_"
	of := func(s *vrrp.Status) []string { return []string{s.Link, strconv.Itoa(int(s.VRID)), ipVersion(s.IPv6)} }
	bounds := vrrp.LatenessBounds()
	each := newFamilies(prefix, []string{"interface", "vrid", "family"}, of, bounds[:], slices.Concat(vrrpStatus(), margins(vrrpMargin), vrrpCounters()))
	all := newFamilies(prefix, nil, func(*vrrp.RouterStats) []string { return nil }, nil, vrrpRouter())
	describe := func(ch chan<- *prometheus.Desc) {
		all.describe(ch)
		each.describe(ch)
	}
	return newCollector(prefix, cfg, describe, func() reading {
		begin := time.Now()
		stats := router.Stats()
		took := time.Since(begin)
		var list []vrrp.Status
		for _, v := range router.VirtualRouters() {
			list = append(list, v.Status())
		}
		return reading{took, func(ch chan<- prometheus.Metric) {
			all.collect([]vrrp.RouterStats{stats}, ch)
			each.collect(list, ch)
		}}
	})
}

// vrrpStatus is how a virtual router is.
func vrrpStatus() []spec[vrrp.Status] {
	type status = vrrp.Status
	type is = func(float64, ...string)
	const g = prometheus.GaugeValue
	return []spec[status]{
		each(g, "info", "Always 1: what a virtual router is called, its version, and its group if it has one.", []string{"name", "version", "group"},
			func(s *status, is is) { is(1, s.Name, strconv.Itoa(int(s.Version)), s.Group) }),
		each(g, "state", "Whether the virtual router is in the state (1) or not (0).", []string{"state"}, func(s *status, is is) {
			for state := vrrp.Initialize; state <= vrrp.Active; state++ {
				is(truth(s.State == state), strings.ToLower(state.String()))
			}
		}),
		each(g, "last_transition_timestamp_seconds", "When the state changed last, and why.", []string{"reason"}, func(s *status, is is) {
			if !s.Last.At.IsZero() {
				is(seconds(s.Last.At), s.Last.Reason.String())
			}
		}),
		gauge("priority", "Priority that is advertised.", func(s *status) float64 { return float64(s.Priority) }),
		gauge("owner", "Whether this router is the address owner.", func(s *status) float64 { return truth(s.Owner) }),
		each(g, "peer_priority", "Priority of the advertisement that was heard last.", nil, func(s *status, is is) {
			if s.Peer.IsValid() {
				is(float64(s.PeerPriority))
			}
		}),
		gauge("barred", "Whether the virtual router is kept out of the election by maintenance, a condition or its group.",
			func(s *status) float64 { return truth(s.Barred != vrrp.ReasonNone) }),
		gauge("addresses_held", "Service addresses that are held.", func(s *status) float64 { return float64(len(s.Held)) }),
		gauge("weight", "What tracked conditions add to the priority.", func(s *status) float64 { return float64(s.Weight) }),
		each(g, "condition_up", "Whether a tracked condition is up. Absent while that is unknown.", []string{"condition"},
			func(s *status, is is) { conditions(s.Trackers, is) }),
		gauge("advertisement_interval_seconds", "Interval of the Active Router's advertisements.", func(s *status) float64 { return s.Interval.Seconds() }),
		gauge("down_interval_seconds", "Active_Down_Interval: how long it may be silent.", func(s *status) float64 { return s.DownInterval.Seconds() }),
		gauge("skew_time_seconds", "Skew_Time, which is a part of that.", func(s *status) float64 { return s.SkewTime.Seconds() }),
	}
}

// conditions tells which are up. Of two that are called the same the first one counts.
func conditions(list []track.Status, is func(float64, ...string)) {
	seen := map[string]bool{}
	for _, c := range list {
		if !seen[c.Name] && c.Reading.State != track.Unknown {
			is(truth(c.Reading.State == track.Up), c.Name)
		}
		seen[c.Name] = true
	}
}

func vrrpMargin(s *vrrp.Status) margin {
	m := &s.Margin
	return margin{heard: m.Heard[:], sent: m.Sent[:], longestGap: m.LongestGap, lowest: m.Lowest, lowestAt: m.LowestAt, latest: m.Latest}
}
