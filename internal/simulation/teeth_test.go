// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Each rule is broken by a defect that it is there for, in one of the first seeds,
// and what is found becomes small.
func TestDefectsAreFound(t *testing.T) {
	for name, test := range map[string]struct {
		maker func(*life) program
		rule  rule
		most  int // faults that are needed
	}{
		"never claims":                     {neverClaims, ruleOne, 0},
		"hears nothing":                    {deaf, ruleTwo, 0},
		"adds nothing":                     {tampered(addsNothing), rulePresent, 0},
		"renews every second time":         {tampered(renewsSeldom), rulePresent, 0},
		"removes nothing":                  {tampered(removesNothing), ruleAbsent, 2},
		"leases for good":                  {tampered(leasesForGood), ruleLease, 1},
		"carries out no will":              {stepped(forgetsWills), ruleLease, 1},
		"answers rejected packets":         {stepped(answersRejected), ruleRejected, 1},
		"removes and adds when configured": {reconfiguresClumsily(nil), ruleRemove, 1},
		"refuses to be configured":         {reconfiguresClumsily(errRefused), ruleRun, 1},
		"is not aware of suspensions":      {unaware, ruleSlept, 1},
		"announces as Backup":              {stepped(announcesAlways), ruleAnnounce, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, v := find(test.maker, test.rule)
			if v == nil {
				t.Fatalf("not found in %d seeds", seedsToFind)
			}
			small, again := shrink(s, v, test.maker)
			if again == nil || again.rule != test.rule || len(small.Faults) > test.most {
				t.Errorf("seed %d shrinks to %v, %d faults: %v", s.Seed, again, len(small.Faults), small.Faults)
			}
			if v := newCluster(small, newProgram).run(); v != nil {
				t.Errorf("without the defect: %v", v)
			}
			text := report(s, v, test.maker)
			for _, want := range []string{fmt.Sprintf("-simulation.seed %d", s.Seed), string(test.rule), "Backup"} {
				if !strings.Contains(text, want) {
					t.Errorf("the report has no %q:\n%s", want, text)
				}
			}
			t.Log(text)
		})
	}
}

// seedsToFind is how many seeds a defect may need.
const seedsToFind = 100

// find returns the first seed that breaks a rule.
func find(maker func(*life) program, r rule) (*scenario, *violation) {
	for seed := range uint64(seedsToFind) {
		s := generate(1 + seed)
		if v := newCluster(s, maker).run(); v != nil && v.rule == r {
			return s, v
		}
	}
	return nil, nil
}

// A seed is always the same.
func TestSeedIsReproducible(t *testing.T) {
	for seed := range uint64(30) {
		_, first := play(generate(1+seed), newProgram)
		_, second := play(generate(1+seed), newProgram)
		if a, b := strings.Join(first, "\n"), strings.Join(second, "\n"); a != b {
			t.Fatalf("seed %d is once\n%s\nand once\n%s", 1+seed, a, b)
		}
	}
}

// What is left fails, and nothing in it can be left out.
func TestMinimize(t *testing.T) {
	all := make([]fault, 37)
	for i := range all {
		all[i].Node = i
	}
	for _, need := range [][]int{{}, {0}, {36}, {3, 4}, {0, 17, 36}, {1, 2, 3, 5, 8, 13, 21, 34}} {
		fails := func(list []fault) bool {
			for _, n := range need {
				if !slices.ContainsFunc(list, func(f fault) bool { return f.Node == n }) {
					return false
				}
			}
			return true
		}
		var got []int
		for _, f := range minimize(all, fails) {
			got = append(got, f.Node)
		}
		if !slices.Equal(got, need) {
			t.Errorf("left are %v, want %v", got, need)
		}
	}
}
