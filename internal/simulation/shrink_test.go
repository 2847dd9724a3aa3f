// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// play runs a scenario and tells its transcript.
func play(s *scenario, maker func(*life) program) (*violation, []string) {
	told := []string{}
	c := newCluster(s, maker)
	c.told = &told
	return c.run(), told
}

// shrink leaves out of a scenario whatever can be left out without the rule being
// kept: faults (delta debugging of Zeller and Hildebrandt, ddmin), then groups and
// nodes, and what faults have too much of.
func shrink(s *scenario, v *violation, maker func(*life) program) (*scenario, *violation) {
	breaks := func(s *scenario) *violation {
		if found := newCluster(s, maker).run(); found != nil && found.rule == v.rule {
			return found
		}
		return nil
	}
	for changed := true; changed; {
		changed = false
		if faults := minimize(s.Faults, func(f []fault) bool { return breaks(with(s, f)) != nil }); len(faults) < len(s.Faults) {
			s, changed = with(s, faults), true
		}
		for _, smaller := range simpler(s) {
			if breaks(smaller) != nil {
				s, changed = smaller, true
				break
			}
		}
	}
	v = breaks(s)
	return s, v
}

// with returns a scenario with other faults.
func with(s *scenario, faults []fault) *scenario {
	other := *s
	other.Faults = faults
	return &other
}

// minimize returns a part of a list that fails, none of whose elements can be left
// out.
func minimize[T any](list []T, fails func([]T) bool) []T {
	for n := 2; len(list) > 0; {
		size := (len(list) + n - 1) / n
		smaller := -1
		for at := 0; at < len(list) && smaller < 0; at += size {
			if rest := slices.Delete(slices.Clone(list), at, min(at+size, len(list))); fails(rest) {
				list, smaller = rest, at
			}
		}
		switch {
		case smaller >= 0:
			n = max(n-1, 2)
		case size == 1:
			return list
		default:
			n = min(2*n, len(list))
		}
	}
	return list
}

// simpler returns scenarios that are a little simpler.
func simpler(s *scenario) (list []*scenario) {
	try := func(change func(*scenario)) {
		var other scenario
		if text, err := json.Marshal(s); err != nil || json.Unmarshal(text, &other) != nil {
			return
		}
		if change(&other); text(&other) != text(s) {
			list = append(list, &other)
		}
	}
	for i := range s.Groups {
		if len(s.Groups) > 1 {
			try(func(s *scenario) { s.dropGroup(i) })
		}
	}
	for i := range s.Nodes {
		if len(s.Nodes) > 1 {
			try(func(s *scenario) { s.dropNode(i) })
		}
		try(func(s *scenario) { s.Nodes[i].Start = 0 })
		try(func(s *scenario) { s.Nodes[i].Drift = 0 })
	}
	try(func(s *scenario) { s.Duplicate = 0 })
	try(func(s *scenario) { s.Jitter = 0 })
	for i := range s.Groups {
		for j := range s.Groups[i].Members {
			try(func(s *scenario) { s.Groups[i].Members[j].PreemptDelay = 0 })
			try(func(s *scenario) { s.Groups[i].Members[j].StartupHold = 0 })
			try(func(s *scenario) { s.Groups[i].Members[j].NoLease = false })
			try(func(s *scenario) { s.Groups[i].Members[j].ReleaseFirst = false })
			try(func(s *scenario) { s.Groups[i].Members[j].Eager = false })
		}
		try(func(s *scenario) { s.Groups[i].Addresses &= 3 })
	}
	return list
}

// text writes a scenario down, for testdata.
func text(s *scenario) string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// dropGroup leaves a group out.
func (s *scenario) dropGroup(i int) {
	s.Groups = slices.Delete(s.Groups, i, i+1)
	s.Faults = slices.DeleteFunc(s.Faults, func(f fault) bool { return f.Kind.ofGroup() && f.Group == i })
	for k := range s.Faults {
		if s.Faults[k].Group > i {
			s.Faults[k].Group--
		}
	}
}

// dropNode leaves the last of the nodes out, or has one take part in nothing.
func (s *scenario) dropNode(i int) {
	for g := range s.Groups {
		m := s.Groups[g].Members
		if m[i].Rank = 0; i == len(s.Nodes)-1 {
			s.Groups[g].Members = m[:i]
		}
	}
	if i == len(s.Nodes)-1 {
		s.Nodes = s.Nodes[:i]
	}
	s.Faults = slices.DeleteFunc(s.Faults, func(f fault) bool { return f.Kind.ofNode() && f.Node == i })
}

// report returns what is to be said about a violation: how to run it again, and the
// transcript of the smallest scenario that was found.
func report(s *scenario, v *violation, maker func(*life) program) string {
	small, v := shrink(s, v, maker)
	_, told := play(small, maker)
	if most := 80; len(told) > most {
		told = append([]string{fmt.Sprintf("(%d lines before)", len(told)-most)}, told[len(told)-most:]...)
	}
	return fmt.Sprintf("seed %d: %v\nagain: go test ./internal/simulation -run 'TestSeeds$' -v -simulation.seed %d\n"+
		"shrunk from %d faults to %d, to be kept in testdata:\n%s\n%s",
		s.Seed, v, s.Seed, len(s.Faults), len(small.Faults), text(small), strings.Join(told, "\n"))
}
