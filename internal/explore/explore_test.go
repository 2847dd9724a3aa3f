// SPDX-License-Identifier: Apache-2.0

package explore_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/go-fhrp/fhrp/internal/explore"
)

// number is a world in which one can be added, or the number be doubled.
type number struct {
	n, most   int
	bad, last int  // numbers that must not be: reached, and gone on from no further
	step      bool // doubling 3 must not be
}

const (
	addOne explore.Step = iota
	double
)

func (n number) Steps(buf []explore.Step) []explore.Step {
	if n.n+1 <= n.most {
		buf = append(buf, addOne)
	}
	if 2*n.n <= n.most {
		buf = append(buf, double)
	}
	return buf
}

func (n number) Apply(s explore.Step) (explore.World, error) {
	if s == addOne {
		n.n++
		return n, nil
	}
	n.n *= 2
	if n.step && n.n == 6 {
		return n, errors.New("three was doubled")
	}
	return n, nil
}

func (n number) Append(buf []byte) []byte { return fmt.Append(buf, n.n) }

func (n number) Free() {}

func (n number) Check() error { return n.mustNot(n.bad) }

func (n number) Final() error { return n.mustNot(n.last) }

func (n number) mustNot(bad int) error {
	if n.n == bad {
		return fmt.Errorf("it is %d", bad)
	}
	return nil
}

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name  string
		world number
		cfg   explore.Config
		want  explore.Result
	}{
		{"all there are", number{n: 1, most: 10}, explore.Config{Depth: 100}, explore.Result{States: 10, Steps: 14, Depth: 5, Closed: true}},
		{"to a depth", number{n: 1, most: 1000}, explore.Config{Depth: 3}, explore.Result{States: 7, Steps: 8, Depth: 3}}, // 1; 2; 3 4; 6 5 8
		{"to a limit", number{n: 1, most: 1000}, explore.Config{Depth: 100, Limit: 5}, explore.Result{States: 5, Steps: 6, Depth: 2}},
		{"nothing at all", number{n: 1, most: 1}, explore.Config{Depth: 5}, explore.Result{States: 1, Depth: 1, Closed: true}},
	} {
		got, err := explore.Run(c.world, c.cfg)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

// What is found is found by a shortest way.
func TestRunFinds(t *testing.T) {
	for _, c := range []struct {
		name  string
		world number
		path  []explore.Step
		final bool
		err   string
	}{
		{"a state", number{n: 1, most: 100, bad: 9}, []explore.Step{addOne, double, double, addOne}, false, "after 4 steps: it is 9"},
		{"the first state", number{n: 1, most: 100, bad: 1}, nil, false, "after 0 steps: it is 1"},
		{"a step", number{n: 1, most: 100, step: true}, []explore.Step{addOne, addOne, double}, false, "after 3 steps: three was doubled"},
		{"a state at the end", number{n: 1, most: 100, last: 16}, []explore.Step{addOne, double, double, double}, true, "after 4 steps: it is 16"},
	} {
		_, err := explore.Run(c.world, explore.Config{Depth: 4})
		var v *explore.Violation
		if !errors.As(err, &v) || v.Error() != c.err || v.Final != c.final || !slices.Equal(v.Path, c.path) {
			t.Errorf("%s: %+v, want %v, %s", c.name, v, c.path, c.err)
		}
	}
}

func TestResultString(t *testing.T) {
	for want, r := range map[string]explore.Result{
		"10 states, all there are, by 14 steps, depth 6": {States: 10, Steps: 14, Depth: 6, Closed: true},
		"7 states by 8 steps, complete to depth 3":       {States: 7, Steps: 8, Depth: 3},
	} {
		if r.String() != want {
			t.Errorf("%q, want %q", r, want)
		}
	}
}
