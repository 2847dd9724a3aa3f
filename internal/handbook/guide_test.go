// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestGuideNamesEachReason holds that the operator's guide has what to do about each reason of a transition, as the log
// spells it.
func TestGuideNamesEachReason(t *testing.T) {
	_, guide, _ := strings.Cut(read(t, "examples/doc.go"), "# Reasons of transitions")
	guide, _, _ = strings.Cut(guide, "// # ")
	words := strings.Join(strings.Fields(strings.ReplaceAll(guide, "//", " ")), " ")
	reasons := map[string]bool{}
	for r := vrrp.ReasonNone; r.String() != fmt.Sprintf("reason %d", r); r++ {
		reasons[r.String()] = true
	}
	for r := carp.ReasonNone; r.String() != fmt.Sprintf("reason %d", r); r++ {
		reasons[r.String()] = true
	}
	if len(reasons) < 20 {
		t.Fatalf("%d reasons", len(reasons))
	}
	for reason := range reasons {
		if !strings.Contains(words, fmt.Sprintf("%q", reason)) {
			t.Errorf("the guide doesn't have %q", reason)
		}
	}
}
