// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// margin is the Margin of a Status, of either protocol.
type margin struct {
	heard, sent                []uint64
	longestGap, lowest, latest time.Duration
	lowestAt                   time.Time
}

// margins is how near an S came to a failover that nobody wanted.
func margins[S any](of func(*S) margin) []spec[S] {
	lowest := func(name, help string, value func(margin) float64) spec[S] {
		return each(prometheus.GaugeValue, name, help, nil, func(s *S, is func(float64, ...string)) {
			if m := of(s); !m.lowestAt.IsZero() {
				is(value(m))
			}
		})
	}
	return []spec[S]{
		lateness("heard_lateness_ratio", "Accepted advertisements by how much later than an interval they came after the one before, in intervals.",
			func(s *S) []uint64 { return of(s).heard }),
		lateness("sent_lateness_ratio", "Own advertisements by how late they were, in intervals.", func(s *S) []uint64 { return of(s).sent }),
		gauge("longest_gap_seconds", "Longest time between two advertisements that were heard.", func(s *S) float64 { return of(s).longestGap.Seconds() }),
		lowest("lowest_margin_seconds", "Least time that was left of the down interval when an advertisement came. Absent before there are two.",
			func(m margin) float64 { return m.lowest.Seconds() }),
		lowest("lowest_margin_timestamp_seconds", "When the least time was left.", func(m margin) float64 { return seconds(m.lowestAt) }),
		gauge("highest_sent_lateness_seconds", "By how much the latest own advertisement was late.", func(s *S) float64 { return of(s).latest.Seconds() }),
	}
}
