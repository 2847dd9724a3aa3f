// SPDX-License-Identifier: Apache-2.0

package track

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Readings for tables.
func up() Reading              { return Reading{State: Up} }
func down() Reading            { return Reading{State: Down} }
func unknown() Reading         { return Reading{} }
func number(n int) Reading     { return Reading{State: Up, Numeric: true, Number: n} }
func unreadable() Reading      { return Reading{State: Down, Numeric: true} }
func unreadYet() Reading       { return Reading{Numeric: true} }
func weight(n int) Action      { return Action{Weight: n} }
func reversed(a Action) Action { a.Reverse = true; return a }

// TestWeight holds what one condition does, by keepalived.conf(5) and keepalived's behaviour where that is silent.
func TestWeight(t *testing.T) {
	fault, resign := Action{Fault: true}, Action{Resign: true}
	for _, c := range []struct {
		name   string
		action Action
		now    Reading
		weight int
		fault  bool
		resign bool // if it was Unknown before
	}{
		{"positive, up", weight(10), up(), 10, false, false},
		{"positive, down", weight(10), down(), 0, false, false},
		{"positive, unknown", weight(10), unknown(), 0, false, false},
		{"negative, up", weight(-10), up(), 0, false, false},
		{"negative, down", weight(-10), down(), -10, false, false},
		{"negative, unknown", weight(-10), unknown(), 0, false, false},
		{"positive reverse, up", reversed(weight(10)), up(), -10, false, false},
		{"positive reverse, down", reversed(weight(10)), down(), 0, false, false},
		{"negative reverse, up", reversed(weight(-10)), up(), 0, false, false},
		{"negative reverse, down", reversed(weight(-10)), down(), 10, false, false},
		{"a weight is never a fault", weight(-254), down(), -254, false, false},

		{"fault, up", fault, up(), 0, false, false},
		{"fault, down", fault, down(), 0, true, false},
		{"fault, unknown", fault, unknown(), 0, true, false},
		{"fault reverse, up", reversed(fault), up(), 0, true, false},
		{"fault reverse, down", reversed(fault), down(), 0, false, false},
		{"fault reverse, unknown", reversed(fault), unknown(), 0, true, false},
		{"fault and weight, down", Action{Weight: -5, Fault: true}, down(), -5, true, false},

		{"resign, up", resign, up(), 0, false, false},
		{"resign, down", resign, down(), 0, false, true},
		{"resign, unknown", resign, unknown(), 0, false, false},
		{"resign reverse, up", reversed(resign), up(), 0, false, true},
		{"resign reverse, down", reversed(resign), down(), 0, false, false},
		{"resign and weight, down", Action{Weight: -5, Resign: true}, down(), -5, false, true},
		{"nothing, down", Action{}, down(), 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := Effect{Weight: c.weight, Fault: c.fault, Resign: c.resign}
			checkOne(t, Condition{Action: c.action, Now: c.now}, want)
		})
	}
}

// TestNumberWeight holds the section "Track files" of keepalived.conf(5).
func TestNumberWeight(t *testing.T) {
	fault, resign := Action{Fault: true}, Action{Resign: true}
	for _, c := range []struct {
		name   string
		action Action
		now    Reading
		weight int
		fault  bool
		resign bool
	}{
		{"added", weight(1), number(20), 20, false, false},
		{"taken away", weight(1), number(-20), -20, false, false},
		{"multiplied", weight(3), number(-20), -60, false, false},
		{"multiplied by a negative weight", weight(-2), number(20), -40, false, false},
		{"reverse", reversed(weight(2)), number(20), -40, false, false},
		{"0", weight(5), number(0), 0, false, false},
		{"-253 is a weight", weight(1), number(-253), -253, false, false},
		{"-254 is a fault", weight(1), number(-254), 0, true, false},
		{"less is one, too", weight(3), number(-100), 0, true, false},
		{"weight 254 makes -1 a fault", weight(254), number(-1), 0, true, false},
		{"reverse makes 254 a fault", reversed(weight(1)), number(254), 0, true, false},
		{"253 is the most", weight(254), number(1), 253, false, false},
		{"no overflow upwards", weight(-254), number(math.MinInt), 253, false, false},
		{"no overflow downwards", weight(254), number(math.MinInt), 0, true, false},
		{"no overflow of both", Action{Weight: math.MinInt}, number(math.MinInt), 253, false, false},
		{"unreadable counts 0", weight(1), unreadable(), 0, false, false},
		{"unread yet counts 0", weight(1), unreadYet(), 0, false, false},

		{"fault, 0", fault, number(0), 0, false, false},
		{"fault, 1", fault, number(1), 0, true, false},
		{"fault, -1", fault, number(-1), 0, true, false},
		{"fault reverse, 0", reversed(fault), number(0), 0, true, false},
		{"fault reverse, 1", reversed(fault), number(1), 0, false, false},
		{"fault, unreadable", fault, unreadable(), 0, true, false},
		{"fault reverse, unreadable", reversed(fault), unreadable(), 0, true, false},
		{"fault, unread yet", fault, unreadYet(), 0, true, false},
		{"fault with a weight: numbers are weights", Action{Weight: 1, Fault: true}, number(-9), -9, false, false},
		{"fault with a weight, unreadable", Action{Weight: 1, Fault: true}, unreadable(), 0, true, false},
		{"resign, 1", resign, number(1), 0, false, true},
		{"resign, unreadable", resign, unreadable(), 0, false, true},
		{"nothing, 1", Action{}, number(1), 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := Effect{Weight: c.weight, Fault: c.fault, Resign: c.resign}
			checkOne(t, Condition{Action: c.action, Now: c.now}, want)
		})
	}
}

// checkOne combines one condition.
func checkOne(t *testing.T, c Condition, want Effect) {
	t.Helper()
	c.Name = "x"
	if want.Fault {
		want.FaultBy = "x"
	}
	if want.Resign {
		want.ResignBy = "x"
	}
	if diff := cmp.Diff(want, Combine([]Condition{c})); diff != "" {
		t.Errorf("effect (-want +got):\n%s", diff)
	}
}

// TestResignOnce wants a resignation for the change, and none for what lasts.
func TestResignOnce(t *testing.T) {
	for _, c := range []struct {
		action      Action
		before, now Reading
		want        bool
	}{
		{Action{Resign: true}, up(), down(), true},
		{Action{Resign: true}, unknown(), down(), true},
		{Action{Resign: true}, down(), down(), false},
		{Action{Resign: true}, down(), up(), false},
		{Action{Resign: true, Reverse: true}, down(), up(), true},
		{Action{Resign: true, Reverse: true}, up(), up(), false},
		{Action{Resign: true}, number(0), number(1), true},
		{Action{Resign: true}, number(1), number(2), false},
		{Action{Resign: true}, number(1), unreadable(), false},
		{Action{Resign: true}, number(0), unreadable(), true},
	} {
		e := Combine([]Condition{{Action: c.action, Before: c.before, Now: c.now}})
		if e.Resign != c.want {
			t.Errorf("%+v from %v to %v: resign %v", c.action, c.before, c.now, e.Resign)
		}
	}
}

// TestFieldReport73 wants a weight of -200 to leave the virtual router in the election, at the lowest priority.
func TestFieldReport73(t *testing.T) {
	e := Combine([]Condition{{Action: weight(-200), Now: down()}, {Action: weight(-200), Now: down()}})
	if e.Fault || e.Priority(100) != 1 {
		t.Errorf("%+v, priority %d, want no fault and 1", e, e.Priority(100))
	}
}

func TestPriority(t *testing.T) {
	for _, c := range []struct {
		base uint8
		sum  int
		want uint8
	}{
		{100, 0, 100}, {100, 20, 120}, {100, -20, 80}, {100, -99, 1}, {100, -100, 1}, {100, -5000, 1},
		{100, 154, 254}, {100, 155, 254}, {254, 5000, 254}, {1, -1, 1}, {1, 1, 2},
		{255, 0, 255}, {255, -100, 255}, {255, 100, 255},
	} {
		if got := (Effect{Weight: c.sum}).Priority(c.base); got != c.want {
			t.Errorf("priority %d, weights %d: %d, want %d", c.base, c.sum, got, c.want)
		}
	}
}

func TestSkewAndDemotion(t *testing.T) {
	for _, c := range []struct {
		base     uint8
		sum      int
		skew     uint8
		demotion uint8
	}{
		{0, 0, 0, 0}, {100, 0, 100, 0}, {254, 0, 254, 0}, {100, -20, 120, 20}, {100, 20, 80, 0},
		{100, -140, 240, 140}, {100, -240, 240, 240}, {0, -2880, 240, 255}, {250, -10, 250, 10},
		{250, 20, 230, 0}, {10, 300, 0, 0}, {241, -1, 241, 1},
	} {
		e := Effect{Weight: c.sum}
		if got := e.Skew(c.base); got != c.skew {
			t.Errorf("skew %d, weights %d: %d, want %d", c.base, c.sum, got, c.skew)
		}
		if got := e.Demotion(); got != c.demotion {
			t.Errorf("weights %d: demotion %d, want %d", c.sum, got, c.demotion)
		}
	}
}

// TestCombine wants sums, and the first name.
func TestCombine(t *testing.T) {
	conditions := []Condition{
		{Name: "uplink", Action: weight(-30), Now: down()},
		{Name: "http", Action: weight(10), Now: up()},
		{Name: "manual", Action: weight(2), Now: number(-3)},
		{Name: "disk", Action: Action{Fault: true}, Now: down(), Before: down()},
		{Name: "later", Action: Action{Fault: true}, Now: unknown()},
		{Name: "dns", Action: Action{Resign: true}, Now: down(), Before: up()},
		{Name: "ntp", Action: Action{Resign: true}, Now: down(), Before: up()},
		{Name: "broken", Action: weight(1), Now: number(-1000)},
	}
	want := Effect{Weight: -26, Fault: true, FaultBy: "disk", Resign: true, ResignBy: "dns"}
	if diff := cmp.Diff(want, Combine(conditions)); diff != "" {
		t.Errorf("effect (-want +got):\n%s", diff)
	}
	if e := Combine(nil); e != (Effect{}) {
		t.Errorf("no conditions: %+v", e)
	}
}

// TestSumAsKeepalived compares with keepalived's way: it begins with what counts at the start and adds to it or takes from
// it at each change.
func TestSumAsKeepalived(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var list []Condition
		sum := 0
		for range 1 + rng.IntN(5) {
			n := rng.IntN(2*MaxWeight+1) - MaxWeight
			list = append(list, Condition{Action: Action{Weight: n, Reverse: rng.IntN(2) == 0}, Now: down()})
			if n < 0 {
				sum += n * list[len(list)-1].Action.sign()
			}
		}
		for range 50 {
			c := &list[rng.IntN(len(list))]
			change := max(c.Action.Weight, -c.Action.Weight) * c.Action.sign()
			if c.Now == up() {
				c.Now, sum = down(), sum-change
			} else {
				c.Now, sum = up(), sum+change
			}
			if got := Combine(list).Weight; got != sum {
				t.Fatalf("%+v: %d, want %d", list, got, sum)
			}
		}
	}
}

// TestOrderDoesNotMatter shuffles conditions.
func TestOrderDoesNotMatter(t *testing.T) {
	list := []Condition{
		{Action: weight(-30), Now: down()}, {Action: reversed(weight(9)), Now: up()}, {Action: weight(4), Now: number(7)},
		{Action: Action{Fault: true}, Now: up()}, {Action: Action{Resign: true}, Now: down()},
	}
	want := Combine(list)
	for range 50 {
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if got := Combine(slices.Clone(list)); got != want {
			t.Fatalf("%+v: %+v, want %+v", list, got, want)
		}
	}
}

func TestActionValidate(t *testing.T) {
	for n, want := range map[int]string{
		0: "", 254: "", -254: "",
		255:  "track: weight 255: must be in -254 to 254",
		-255: "track: weight -255: must be in -254 to 254",
	} {
		got := ""
		if err := weight(n).Validate(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("weight %d: %q, want %q", n, got, want)
		}
	}
}

// TestCombineAllocates nothing: it is asked on the loop of a router.
func TestCombineAllocates(t *testing.T) {
	list := []Condition{{Name: "a", Action: weight(-1), Now: down()}, {Name: "b", Action: Action{Fault: true}, Now: down()}}
	if n := testing.AllocsPerRun(100, func() { Combine(list) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
