// SPDX-License-Identifier: Apache-2.0

package explore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
)

// toyRules are those under which toys make no mistake.
func toyRules(kinds explore.Fault, faults int) explore.Rules {
	return explore.Rules{
		Names: []string{"a", "b", "c"},
		Line:  func(_ int, e explore.Event) string { return fmt.Sprint(e.Kind, e.Payload) },
		Delay: second / 100, Kinds: kinds, Faults: faults, Inputs: 1,
		TwoActive: second + second/100, Settle: 8 * second, HandOver: second,
	}
}

// toys makes a cluster of the ranks.
func toys(rules *explore.Rules, mistake string, ranks ...uint64) *explore.Cluster {
	var members []explore.Member
	codec := newToyCodec()
	for _, r := range ranks {
		members = append(members, &toy{rank: r, mistake: mistake, codec: codec})
	}
	return explore.NewCluster(rules, noon, members...)
}

const quietFaults = explore.FaultStop | explore.FaultCrash | explore.FaultWill | explore.FaultPause | explore.FaultFail | explore.FaultClaim

func TestClusterSound(t *testing.T) {
	for _, c := range []struct {
		name   string
		kinds  explore.Fault
		change func(*explore.Rules)
		ranks  []uint64
		least  int
	}{
		{"pair", quietFaults, nil, []uint64{2, 1}, 1000},
		{"three", quietFaults, nil, []uint64{3, 2, 1}, 1000},
		{"everything", explore.AllFaults, nil, []uint64{2, 1}, 3000},
		{"reordered", explore.AllFaults, func(r *explore.Rules) { r.Reorder, r.Races = true, true }, []uint64{2, 1}, 3000},
		{"slow addresses", quietFaults, func(r *explore.Rules) { r.Work, r.Claims = second/2, true }, []uint64{2, 1}, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := toyRules(c.kinds, 2)
			if c.change != nil {
				c.change(&rules)
			}
			first, err := toys(&rules, "", c.ranks...).Boot()
			if err != nil {
				t.Fatal(err)
			}
			got, err := explore.Run(first, explore.Config{Depth: 6})
			if err != nil || got.States < c.least {
				t.Errorf("%v, %v%s", got, err, replay(&rules, c.ranks, err))
			}
		})
	}
}

// replay returns the way to what was found in a cluster of toys that was booted.
func replay(rules *explore.Rules, ranks []uint64, err error) string {
	var v *explore.Violation
	if !errors.As(err, &v) {
		return ""
	}
	_, lines := toys(rules, "", ranks...).Replay(true, v)
	return "\n" + strings.Join(lines, "\n")
}

// With any number of faults all that a bound permits happens, and more.
func TestClusterAnyNumber(t *testing.T) {
	count := func(faults int) int {
		rules := toyRules(explore.FaultCrash|explore.FaultIsolate, faults)
		got, err := explore.Run(toys(&rules, "", 2, 1), explore.Config{Depth: 6})
		if err != nil {
			t.Fatal(err)
		}
		return got.States
	}
	if one, any := count(1), count(explore.AnyNumber); any <= one {
		t.Errorf("%d states with any number of faults, %d with one", any, one)
	}
	for faults, want := range map[int]string{explore.AnyNumber: "any number of faults", 2: "up to 2 faults"} {
		if got := (&explore.Rules{Faults: faults}).Amount(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// That one cluster has settled says nothing of another that does not.
func TestClusterFinalOfEach(t *testing.T) {
	rules := toyRules(explore.FaultIsolate, 1)
	good, err := toys(&rules, "", 2, 1).Boot()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(good.Final(), good.Final()); err != nil {
		t.Error(err)
	}
	failures := 0
	var walk func(w explore.World, depth int)
	walk = func(w explore.World, depth int) {
		first, again := w.Final(), w.Final()
		if (first == nil) != (again == nil) {
			t.Fatalf("first %v, then %v", first, again)
		}
		if first != nil {
			failures++
		}
		for _, s := range w.Steps(nil) {
			if next, err := w.Apply(s); err == nil && depth > 0 {
				walk(next, depth-1)
			}
		}
	}
	yields := toyRules(explore.FaultIsolate, 1)
	walk(toys(&yields, "yield", 2, 1), 7)
	if failures == 0 {
		t.Error("none fails to settle")
	}
}

// Where nothing goes wrong, the states come again and are all explored.
func TestClusterCloses(t *testing.T) {
	rules := toyRules(0, 0)
	rules.TwoActive, rules.Races, rules.Told = rules.Delay, true, true
	got, err := explore.Run(toys(&rules, "", 2, 1), explore.Config{Depth: 1000})
	if err != nil || !got.Closed {
		t.Errorf("%v, %v", got, err)
	}
}

// Each mistake is found.
func TestClusterFinds(t *testing.T) {
	for _, c := range []struct {
		mistake, want string
		kinds         explore.Fault
	}{
		{"yield", "two that hear each other have been Active for", explore.FaultIsolate},
		{"claim", "none of 1 that hear each other is Active", explore.FaultCrash},
		{"add", "is Active and doesn't hold the addresses", explore.FaultCrash},
		{"remove", "holds the addresses, and is neither Active nor to remove them", explore.FaultStop},
		{"keep", "after it was Active, longer than 1s", explore.FaultIsolate},
		{"announce", "the neighbours believe another one", explore.FaultIsolate},
		{"error", "hears 2", explore.FaultIsolate},
		{"probe", "probed", explore.FaultIsolate},
	} {
		t.Run(c.mistake, func(t *testing.T) {
			rules := toyRules(c.kinds, 2)
			rules.Told = c.mistake == "announce"
			first := toys(&rules, c.mistake, 2, 1)
			_, err := explore.Run(first, explore.Config{Depth: 20})
			var v *explore.Violation
			if !errors.As(err, &v) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			_, lines := first.Replay(false, v)
			if last := lines[len(lines)-1]; !strings.Contains(last, c.want) {
				t.Errorf("played again it ends with %q", last)
			}
		})
	}
}

// Each fault happens, and so do the ends of those that last.
func TestClusterFaults(t *testing.T) {
	rules := toyRules(explore.AllFaults, 1)
	first, err := toys(&rules, "", 2, 1).Boot()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var walk func(w explore.World, path []explore.Step)
	walk = func(w explore.World, path []explore.Step) {
		if len(path) == 3 {
			_, lines := first.Replay(false, &explore.Violation{Path: path})
			for _, line := range lines {
				seen[line] = true
			}
			return
		}
		for _, s := range w.Steps(nil) {
			next, err := w.Apply(s)
			if err != nil {
				t.Fatal(err)
			}
			walk(next, append(slices.Clip(path), s))
		}
	}
	walk(first, nil)
	line := func(kind explore.EventKind) string { return "a: " + fmt.Sprint(kind, 0) }
	for _, want := range []string{
		line(explore.Stop), line(explore.Start), line(explore.Crash), line(explore.CrashWill), line(explore.LinkDown), line(explore.LinkUp),
		line(explore.Claimed), line(explore.Input), line(explore.Expire), "b: " + fmt.Sprint(explore.Receive, 2),
		"# a is cut off", "# a is connected again", "# a stands still", "# a goes on", "# a can't add addresses", "# a can add addresses again",
		"# a packet from a to b is lost", "# a packet from a to b will arrive twice",
	} {
		if !seen[want] {
			t.Errorf("never: %s", want)
		}
	}
}

// A node that wakes reads what has been waiting, as of when it came, unless it was
// away for too long.
func TestClusterWakes(t *testing.T) {
	rules := toyRules(explore.FaultFreeze, 1)
	first, err := toys(&rules, "", 2, 1).Boot()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var walk func(c *explore.Cluster, path []explore.Step)
	walk = func(c *explore.Cluster, path []explore.Step) {
		if len(path) == 9 {
			_, lines := first.Replay(false, &explore.Violation{Path: path})
			for _, line := range lines {
				if _, text, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(line, "b") {
					name, _, _ := strings.Cut(text, "=")
					seen[name] = true
				}
			}
			return
		}
		for _, s := range c.Steps(nil)[:min(2, len(c.Steps(nil)))] {
			next, err := c.Apply(s)
			if err != nil {
				t.Fatal(err)
			}
			walk(next.(*explore.Cluster), append(slices.Clip(path), s))
		}
	}
	freeze := first.Steps(nil)
	for _, s := range freeze {
		next, err := first.Apply(s)
		if err != nil {
			t.Fatal(err)
		}
		walk(next.(*explore.Cluster), []explore.Step{s})
	}
	for _, want := range []string{fmt.Sprint(explore.Receive, 2) + " ago", fmt.Sprint(explore.Slept, 0)} {
		if !seen[want] {
			t.Errorf("never: %s in %v", want, seen)
		}
	}
}

// A step doesn't change the state that it is taken from.
func TestClusterApplyCopies(t *testing.T) {
	rules := toyRules(explore.AllFaults, 3)
	first, err := toys(&rules, "", 2, 1).Boot()
	if err != nil {
		t.Fatal(err)
	}
	level := []explore.World{first}
	for range 4 {
		var next []explore.World
		for _, w := range level {
			before := string(w.Append(nil))
			for _, s := range w.Steps(nil) {
				n, err := w.Apply(s)
				if err != nil {
					t.Fatal(err)
				}
				if err := n.Final(); err != nil {
					t.Fatal(err)
				}
				next = append(next, n)
			}
			if string(w.Append(nil)) != before {
				t.Fatal("a step has changed the state before it")
			}
		}
		level = next[:min(len(next), 500)]
	}
}

func TestClusterReplayBoots(t *testing.T) {
	rules := toyRules(0, 0)
	end, lines := toys(&rules, "", 2, 1).Replay(true, &explore.Violation{Final: true})
	if lines[0] != "# all start" || !slices.Contains(lines, "# from here on everything is tried") || !slices.Contains(lines, "# from here on nothing more goes wrong") {
		t.Errorf("%q", lines)
	}
	if !end.Machine(0).Status().Active || end.Machine(1).Status().Active || end.Now().Sub(noon) < 8*time.Second {
		t.Errorf("after %v: %+v, %+v", end.Now().Sub(noon), end.Machine(0).Status(), end.Machine(1).Status())
	}
}
