// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// TestDocumentation: the list in the package's documentation has every metric with its labels, and no others.
func TestDocumentation(t *testing.T) {
	want := slices.Concat([]string{"fhrp_vrrp_up gauge", "fhrp_vrrp_answer_duration_seconds gauge"},
		lines("fhrp_vrrp_", nil, vrrpRouter()), lines("fhrp_vrrp_", []string{"interface", "vrid", "family"}, slices.Concat(vrrpStatus(), margins(vrrpMargin), vrrpCounters())),
		[]string{"fhrp_carp_up gauge", "fhrp_carp_answer_duration_seconds gauge"},
		lines("fhrp_carp_", nil, carpHost()), lines("fhrp_carp_", []string{"interface", "vhid"}, slices.Concat(carpStatus(), margins(carpMargin), carpCounters())))
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if line, ok := strings.CutPrefix(line, "//\tfhrp_"); ok {
			got = append(got, "fhrp_"+strings.TrimSpace(line))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("doc.go (-want +got):\n%s\nall:\n//\t%s", diff, strings.Join(want, "\n//\t"))
	}
}

// lines are those of the list for some families.
func lines[S any](prefix string, labels []string, specs []spec[S]) []string {
	var list []string
	for _, sp := range specs {
		kind := map[prometheus.ValueType]string{prometheus.GaugeValue: "gauge", prometheus.CounterValue: "counter"}[sp.kind]
		if sp.counts != nil {
			kind = "histogram"
		}
		name := prefix + sp.name
		if all := slices.Concat(labels, sp.labels); len(all) > 0 {
			name += "{" + strings.Join(all, ",") + "}"
		}
		list = append(list, fmt.Sprintf("%s %s", name, kind))
	}
	return list
}
