// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestFaults has each fault befall the Active member of a pair of each program. Meanwhile the other one does what is to
// be done; afterwards the first is Active again and has the addresses alone, has nothing more open than a process that
// nothing has befallen, ends as planned, and nothing is left on any host.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	if !netlab.Inside() && netlab.Usable() == nil {
		buildPrograms(t)
	}
	t.Run("Chaos", func(t *testing.T) {
		t.Parallel()
		if netlabtest.Enter(t) {
			chaos(t)
		}
	})
	for _, p := range programs() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range faults() {
				t.Run(f.name, func(t *testing.T) {
					t.Parallel()
					if netlabtest.Enter(t) {
						befall(t, p, &f)
					}
				})
			}
		})
	}
}

// befall is the test of one fault and one program.
func befall(t *testing.T, p *program, f *fault) {
	b := newBench(t, "n1", "n2", "control")
	control := b.member(p, "control", 2, 0, f.guard)
	control.start()
	c := b.cluster(1, f.guard, [2]string{"n1", "n2"}, [2]*program{p, p})
	victim := c.members[0]

	f.begin(c, victim)
	c.awaitOutcome(victim, f.outcome)
	f.end(c, victim)

	c.awaitSettled()
	b.await("control is Active", control.holds)
	victim.wantAsFresh(control)
	victim.wantQuietLog()
	for _, m := range []*member{victim, c.other(victim), control} {
		m.stop()
	}
	b.wantNothingLeft()
}
