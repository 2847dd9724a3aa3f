// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import (
	"math"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// spec is a family of metrics: what it is called, and what there is to tell of one S.
type spec[S any] struct {
	name, help string
	kind       prometheus.ValueType
	labels     []string // besides those that all have
	// tell tells the value of each metric, with the values of its labels.
	tell func(s *S, is func(value float64, labels ...string))
	// counts returns those of a histogram, by lateness in per cent of an interval, instead.
	counts func(s *S) []uint64
}

// gauge is a value of each S.
func gauge[S any](name, help string, value func(*S) float64) spec[S] {
	return each(prometheus.GaugeValue, name, help, nil, func(s *S, is func(float64, ...string)) { is(value(s)) })
}

// counter is a count of each S.
func counter[S any](name, help string, value func(*S) uint64) spec[S] {
	return each(prometheus.CounterValue, name, help, nil, func(s *S, is func(float64, ...string)) { is(float64(value(s))) })
}

// counters are counts of each S that differ in a label.
func counters[S any](name, help, label string, values func(*S) map[string]uint64) spec[S] {
	return each(prometheus.CounterValue, name, help, []string{label}, func(s *S, is func(float64, ...string)) {
		for which, n := range values(s) {
			is(float64(n), which)
		}
	})
}

// each is any number of values of each S.
func each[S any](kind prometheus.ValueType, name, help string, labels []string, tell func(s *S, is func(float64, ...string))) spec[S] {
	return spec[S]{name: name, help: help, kind: kind, labels: labels, tell: tell}
}

// lateness is a histogram of each S.
func lateness[S any](name, help string, counts func(*S) []uint64) spec[S] {
	return spec[S]{name: name, help: help, counts: counts}
}

// families are those of all S, which differ in some labels.
type families[S any] struct {
	specs  []spec[S]
	descs  []*prometheus.Desc // of the specs
	bounds []int              // of histograms, in per cent
	labels func(*S) []string  // the values of those that all have
}

// newFamilies returns families whose names begin with a prefix.
func newFamilies[S any](prefix string, names []string, labels func(*S) []string, bounds []int, specs []spec[S]) *families[S] {
	f := &families[S]{specs: specs, bounds: bounds, labels: labels}
	for _, sp := range specs {
		f.descs = append(f.descs, prometheus.NewDesc(prefix+sp.name, sp.help, append(names[:len(names):len(names)], sp.labels...), nil))
	}
	return f
}

// describe sends what there is.
func (f *families[S]) describe(ch chan<- *prometheus.Desc) {
	for _, d := range f.descs {
		ch <- d
	}
}

// collect sends the metrics of each in a list. Of two with the same labels the first one counts.
func (f *families[S]) collect(list []S, ch chan<- prometheus.Metric) {
	seen := map[string]bool{}
	for i := range list {
		labels := valid(f.labels(&list[i]))
		if key := strings.Join(labels, "\x00"); !seen[key] {
			seen[key] = true
			f.collectOne(&list[i], labels, ch)
		}
	}
}

func (f *families[S]) collectOne(s *S, labels []string, ch chan<- prometheus.Metric) {
	for i, sp := range f.specs {
		if sp.counts != nil {
			ch <- f.histogram(f.descs[i], sp.counts(s), labels)
			continue
		}
		sp.tell(s, func(value float64, own ...string) {
			ch <- prometheus.MustNewConstMetric(f.descs[i], sp.kind, value, append(labels[:len(labels):len(labels)], valid(own)...)...)
		})
	}
}

// histogram returns one in parts of an interval. What was measured has no sum.
func (f *families[S]) histogram(d *prometheus.Desc, counts []uint64, labels []string) prometheus.Metric {
	buckets, sum := map[float64]uint64{}, uint64(0)
	for i, n := range counts {
		sum += n
		if i < len(f.bounds) {
			buckets[float64(f.bounds[i])/100] = sum
		}
	}
	return prometheus.MustNewConstHistogram(d, sum, math.NaN(), buckets, labels...)
}

// valid returns values that labels may have: an interface can be called by octets that are no UTF-8.
func valid(values []string) []string {
	for i, v := range values {
		values[i] = strings.ToValidUTF8(v, "\uFFFD")
	}
	return values
}

// truth is 1 for true.
func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// seconds since 1970.
func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// ipVersion is how metrics call an address family.
func ipVersion(ipv6 bool) string {
	if ipv6 {
		return "ipv6"
	}
	return "ipv4"
}
