// SPDX-License-Identifier: Apache-2.0

package explore

import "fmt"

// Step is something that can happen in a state. What it stands for is for the
// World to say.
type Step uint32

// World is a state. None of its methods changes it.
type World interface {
	// Steps appends what can happen, in an order that the state determines.
	Steps(buf []Step) []Step
	// Apply returns the state after a step, and an error if the step did what
	// must not be.
	Apply(Step) (World, error)
	// Append writes down all of the state that what follows depends on. States
	// that are written in the same way are one.
	Append(buf []byte) []byte
	// Check returns an error if the state must not be.
	Check() error
	// Final is asked of the states that are gone on from no further.
	Final() error
	// Free tells that nothing refers to the state any more, so that its memory can
	// be used for another.
	Free()
}

// Config bounds an exploration.
type Config struct {
	Depth int // steps
	Limit int // states; 0: none
}

// Result is how far an exploration came.
type Result struct {
	States int  // distinct ones
	Steps  int  // taken
	Depth  int  // all states up to this many steps from the first are among them
	Closed bool // and there are no others
}

// String is one line.
func (r Result) String() string {
	if r.Closed {
		return fmt.Sprintf("%d states, all there are, by %d steps, depth %d", r.States, r.Steps, r.Depth)
	}
	return fmt.Sprintf("%d states by %d steps, complete to depth %d", r.States, r.Steps, r.Depth)
}

// Violation is the error of [Run]: something that must not be, and a shortest way
// to it.
type Violation struct {
	Path  []Step
	Final bool // it was found by World.Final
	Err   error
}

// Error tells what and how far away.
func (v *Violation) Error() string { return fmt.Sprintf("after %d steps: %v", len(v.Path), v.Err) }

// Unwrap returns what must not be.
func (v *Violation) Unwrap() error { return v.Err }

// Run explores breadth first. The error is a [*Violation].
func Run(first World, c Config) (Result, error) {
	e := &explorer{bounds: c, seen: newHashes()}
	if err := first.Check(); err != nil {
		return e.Result, &Violation{Err: err}
	}
	e.see(first, link{})
	err := e.run([]found{{first, 0}})
	e.States = len(e.links)
	return e.Result, err
}

// explorer is an exploration under way.
type explorer struct {
	Result
	bounds Config
	seen   hashes
	links  []link
	buf    []byte
	steps  []Step
}

// link is how a state was found. States are numbered in the order of that.
type link struct {
	parent uint32
	step   Step
}

// found is a state that is still to be gone on from.
type found struct {
	world  World
	number uint32
}

// run goes on level by level.
func (e *explorer) run(level []found) error {
	for len(level) > 0 && e.Depth < e.bounds.Depth {
		before := len(e.links)
		next, err := e.level(level, e.Depth+1 == e.bounds.Depth)
		if err != nil {
			return err
		}
		if e.full() {
			return e.final(next)
		}
		e.Depth++
		e.Closed = len(e.links) == before
		level = next
	}
	return e.final(level)
}

func (e *explorer) full() bool { return e.bounds.Limit > 0 && len(e.links) >= e.bounds.Limit }

// level returns the states one step on. The last ones are asked at once what must
// hold at the end, and need not be kept.
func (e *explorer) level(level []found, last bool) ([]found, error) {
	var next []found
	for i, f := range level {
		level[i].world = nil // it can go as soon as it is done with
		e.steps = f.world.Steps(e.steps[:0])
		for _, step := range e.steps {
			w, err := f.world.Apply(step)
			e.Steps++
			if err != nil {
				return nil, e.violation(f.number, step, err)
			}
			number, ok := e.see(w, link{f.number, step})
			if !ok {
				w.Free()
				continue
			}
			if err := w.Check(); err != nil {
				return nil, e.violation(f.number, step, err)
			}
			if !last {
				next = append(next, found{w, number})
				continue
			}
			if err := e.final([]found{{w, number}}); err != nil {
				return nil, err
			}
			w.Free()
		}
		if e.full() {
			break
		}
	}
	return next, nil
}

// see notes a state and reports whether it is new.
func (e *explorer) see(w World, l link) (number uint32, fresh bool) {
	e.buf = w.Append(e.buf[:0])
	h := e.seen.hash(e.buf)
	if e.seen.has(h) {
		return 0, false
	}
	e.seen.add(h)
	e.links = append(e.links, l)
	return uint32(len(e.links) - 1), true
}

// final asks what must hold at the end.
func (e *explorer) final(level []found) error {
	for _, f := range level {
		if err := f.world.Final(); err != nil {
			return &Violation{Path: e.path(f.number), Final: true, Err: err}
		}
	}
	return nil
}

func (e *explorer) violation(number uint32, last Step, err error) error {
	return &Violation{Path: append(e.path(number), last), Err: err}
}

// path returns the steps to a state.
func (e *explorer) path(number uint32) []Step {
	if number == 0 {
		return nil
	}
	l := e.links[number]
	return append(e.path(l.parent), l.step)
}
