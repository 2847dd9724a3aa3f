// SPDX-License-Identifier: Apache-2.0

package exploretest

import (
	"strings"
	"time"
)

// Input is one that the cluster knows nothing about.
type Input[M, C, A any, P Machine[M, C, A]] struct {
	Line string // for a transcript; SELF stands for the member's address
	Do   func(e *Member[M, C, A, P], now time.Time) ([]A, error)
}

// text is the line for one member.
func (s *seat[M, C, A, P]) text(i Input[M, C, A, P]) string {
	return strings.ReplaceAll(i.Line, "SELF", s.Src.String())
}

// Simple returns an input that is never refused.
func (*Protocol[M, C, A, P]) Simple(line string, do func(m P, now time.Time) []A) Input[M, C, A, P] {
	return Input[M, C, A, P]{line, func(e *Member[M, C, A, P], now time.Time) ([]A, error) { return do(e.Machine, now), nil }}
}

// Operator returns what a person asks of any protocol, and a runtime that says it slept
// when it didn't.
func (p *Protocol[M, C, A, P]) Operator() []Input[M, C, A, P] {
	return []Input[M, C, A, P]{
		p.Simple("resign", func(m P, now time.Time) []A { return m.Resign(now, 0) }),
		p.Simple("resign 10s", func(m P, now time.Time) []A { return m.Resign(now, 10*time.Second) }),
		p.Simple("force", func(m P, now time.Time) []A { return m.Force(now, 0) }),
		p.Simple("force 2s", func(m P, now time.Time) []A { return m.Force(now, 2*time.Second) }),
		p.Simple("slept", func(m P, now time.Time) []A { return m.Slept(now) }),
	}
}

// Reconfigure returns an input by which the configuration is changed.
func (*Protocol[M, C, A, P]) Reconfigure(line string, change func(*C)) Input[M, C, A, P] {
	return Input[M, C, A, P]{line, func(e *Member[M, C, A, P], now time.Time) ([]A, error) {
		c := e.Machine.Config()
		change(&c)
		return e.Machine.Reconfigure(now, c)
	}}
}
