// SPDX-License-Identifier: Apache-2.0

package conditions

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/track"
)

// Readings for tables.
func up() track.Reading                    { return track.Reading{State: track.Up} }
func down() track.Reading                  { return track.Reading{State: track.Down} }
func unknown() track.Reading               { return track.Reading{} }
func number(n int) track.Reading           { return track.Reading{State: track.Up, Numeric: true, Number: n} }
func unreadable() track.Reading            { return track.Reading{State: track.Down, Numeric: true} }
func unreadYet() track.Reading             { return track.Reading{Numeric: true} }
func weight(n int) track.Action            { return track.Action{Weight: n} }
func reversed(a track.Action) track.Action { a.Reverse = true; return a }

// TestWeight holds what one condition does, by keepalived.conf(5) and keepalived's behaviour where that is silent.
func TestWeight(t *testing.T) {
	fault, resign := track.Action{Fault: true}, track.Action{Resign: true}
	for _, c := range []struct {
		name   string
		action track.Action
		now    track.Reading
		weight int
		fault  bool
		resign bool // if it was track.Unknown before
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
		{"fault and weight, down", track.Action{Weight: -5, Fault: true}, down(), -5, true, false},

		{"resign, up", resign, up(), 0, false, false},
		{"resign, down", resign, down(), 0, false, true},
		{"resign, unknown", resign, unknown(), 0, false, false},
		{"resign reverse, up", reversed(resign), up(), 0, false, true},
		{"resign reverse, down", reversed(resign), down(), 0, false, false},
		{"resign and weight, down", track.Action{Weight: -5, Resign: true}, down(), -5, false, true},
		{"nothing, down", track.Action{}, down(), 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := Effect{Weight: c.weight, Fault: c.fault, Resign: c.resign}
			checkOne(t, Condition{Action: c.action, Now: c.now}, want)
		})
	}
}

// TestNumberWeight holds the section "Track files" of keepalived.conf(5).
func TestNumberWeight(t *testing.T) {
	fault, resign := track.Action{Fault: true}, track.Action{Resign: true}
	for _, c := range []struct {
		name   string
		action track.Action
		now    track.Reading
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
		{"no overflow of both", track.Action{Weight: math.MinInt}, number(math.MinInt), 253, false, false},
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
		{"fault with a weight: numbers are weights", track.Action{Weight: 1, Fault: true}, number(-9), -9, false, false},
		{"fault with a weight, unreadable", track.Action{Weight: 1, Fault: true}, unreadable(), 0, true, false},
		{"resign, 1", resign, number(1), 0, false, true},
		{"resign, unreadable", resign, unreadable(), 0, false, true},
		{"nothing, 1", track.Action{}, number(1), 0, false, false},
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
		action      track.Action
		before, now track.Reading
		want        bool
	}{
		{track.Action{Resign: true}, up(), down(), true},
		{track.Action{Resign: true}, unknown(), down(), true},
		{track.Action{Resign: true}, down(), down(), false},
		{track.Action{Resign: true}, down(), up(), false},
		{track.Action{Resign: true, Reverse: true}, down(), up(), true},
		{track.Action{Resign: true, Reverse: true}, up(), up(), false},
		{track.Action{Resign: true}, number(0), number(1), true},
		{track.Action{Resign: true}, number(1), number(2), false},
		{track.Action{Resign: true}, number(1), unreadable(), false},
		{track.Action{Resign: true}, number(0), unreadable(), true},
	} {
		e := Combine([]Condition{{Action: c.action, Before: c.before, Now: c.now}})
		if e.Resign != c.want {
			t.Errorf("%+v from %v to %v: resign %v", c.action, c.before, c.now, e.Resign)
		}
	}
}

// TestFieldReport73 wants a weight of -200 to leave the virtual router in the election.
func TestFieldReport73(t *testing.T) {
	e := Combine([]Condition{{Action: weight(-200), Now: down()}, {Action: weight(-200), Now: down()}})
	if e != (Effect{Weight: -400}) {
		t.Errorf("%+v, want no fault", e)
	}
}

// TestCombine wants sums, and the first name.
func TestCombine(t *testing.T) {
	conditions := []Condition{
		{Name: "uplink", Action: weight(-30), Now: down()},
		{Name: "http", Action: weight(10), Now: up()},
		{Name: "manual", Action: weight(2), Now: number(-3)},
		{Name: "disk", Action: track.Action{Fault: true}, Now: down(), Before: down()},
		{Name: "later", Action: track.Action{Fault: true}, Now: unknown()},
		{Name: "dns", Action: track.Action{Resign: true}, Now: down(), Before: up()},
		{Name: "ntp", Action: track.Action{Resign: true}, Now: down(), Before: up()},
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
			n := rng.IntN(2*track.MaxWeight+1) - track.MaxWeight
			list = append(list, Condition{Action: track.Action{Weight: n, Reverse: rng.IntN(2) == 0}, Now: down()})
			if n < 0 {
				sum += n * sign(list[len(list)-1].Action)
			}
		}
		for range 50 {
			c := &list[rng.IntN(len(list))]
			change := max(c.Action.Weight, -c.Action.Weight) * sign(c.Action)
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
		{Action: track.Action{Fault: true}, Now: up()}, {Action: track.Action{Resign: true}, Now: down()},
	}
	want := Combine(list)
	for range 50 {
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if got := Combine(slices.Clone(list)); got != want {
			t.Fatalf("%+v: %+v, want %+v", list, got, want)
		}
	}
}

// TestCombineAllocates nothing: it is asked on the loop of a router.
func TestCombineAllocates(t *testing.T) {
	list := []Condition{{Name: "a", Action: weight(-1), Now: down()}, {Name: "b", Action: track.Action{Fault: true}, Now: down()}}
	if n := testing.AllocsPerRun(100, func() { Combine(list) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
