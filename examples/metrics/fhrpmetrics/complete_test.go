// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import (
	"reflect"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vrrp"
)

// number gives each counter of a struct another value, and returns their names by it.
func number(stats any) map[float64]string {
	v, names := reflect.ValueOf(stats).Elem(), map[float64]string{}
	for i := range v.NumField() {
		n := uint64(1000 + i)
		v.Field(i).SetUint(n)
		names[float64(n)] = v.Type().Field(i).Name
	}
	return names
}

// counted returns the values of all counters that are collected.
func counted[S any](t *testing.T, f *families[S], s S) []float64 {
	t.Helper()
	ch := make(chan prometheus.Metric, 1000)
	f.collect([]S{s}, ch)
	close(ch)
	var values []float64
	for m := range ch {
		var out dto.Metric
		if err := m.Write(&out); err != nil {
			t.Fatal(err)
		}
		if out.Counter != nil {
			values = append(values, out.Counter.GetValue())
		}
	}
	return values
}

// wantAll checks that each value was collected once.
func wantAll(t *testing.T, names map[float64]string, values []float64) {
	t.Helper()
	for n, name := range names {
		if i := slices.Index(values, n); i < 0 || slices.Contains(values[i+1:], n) {
			t.Errorf("%s: not in one metric", name)
		}
	}
	if len(values) != len(names) {
		t.Errorf("%d counters, want %d", len(values), len(names))
	}
}

// TestNothingIsHidden: each counter of Stats, RouterStats and HostStats is in one metric.
func TestNothingIsHidden(t *testing.T) {
	t.Run("vrrp.Stats", func(t *testing.T) {
		var s vrrp.Status
		names := number(&s.Stats)
		wantAll(t, names, counted(t, newFamilies("x_", nil, func(*vrrp.Status) []string { return nil }, nil, vrrpCounters()), s))
	})
	t.Run("vrrp.RouterStats", func(t *testing.T) {
		var s vrrp.RouterStats
		names := number(&s)
		wantAll(t, names, counted(t, newFamilies("x_", nil, func(*vrrp.RouterStats) []string { return nil }, nil, vrrpRouter()), s))
	})
	t.Run("carp.Stats", func(t *testing.T) {
		var s carp.Status
		names := number(&s.Stats)
		wantAll(t, names, counted(t, newFamilies("x_", nil, func(*carp.Status) []string { return nil }, nil, carpCounters()), s))
	})
	t.Run("carp.HostStats", func(t *testing.T) {
		var s carp.HostStats
		names := number(&s)
		wantAll(t, names, counted(t, newFamilies("x_", nil, func(*carp.HostStats) []string { return nil }, nil, carpHost()), s))
	})
}

// TestOddNames: what interfaces and conditions may be called harms no scrape.
func TestOddNames(t *testing.T) {
	up := track.Reading{State: track.Up}
	s := vrrp.Status{Link: "eth\xff0", Name: "a\nb", Trackers: []track.Status{{Name: "x", Reading: up}, {Name: "x", Reading: up}, {Name: "unknown"}}}
	f := newFamilies("x_", []string{"interface"}, func(s *vrrp.Status) []string { return []string{s.Link} }, nil, vrrpStatus())
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(&listed[vrrp.Status]{f, []vrrp.Status{s, s}})
	all, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	conditions := 0
	for _, family := range all {
		if family.GetName() == "x_condition_up" {
			conditions = len(family.GetMetric())
		}
	}
	if conditions != 1 {
		t.Errorf("%d conditions", conditions)
	}
}

// listed collects a list.
type listed[S any] struct {
	families *families[S]
	list     []S
}

func (l *listed[S]) Describe(ch chan<- *prometheus.Desc) { l.families.describe(ch) }
func (l *listed[S]) Collect(ch chan<- prometheus.Metric) { l.families.collect(l.list, ch) }
