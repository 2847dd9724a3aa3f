// SPDX-License-Identifier: Apache-2.0

package exploretest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
)

// Explore has all that can happen in small worlds happen: what must hold holds. It goes
// as deep as depth, or if that is 0 as the world says.
func (p *Protocol[M, C, A, P]) Explore(t *testing.T, worlds []World[M, C, A, P], depth int) {
	var total atomic.Int64
	t.Run("worlds", func(t *testing.T) {
		for _, w := range worlds {
			t.Run(w.Name, func(t *testing.T) {
				t.Parallel()
				first, result, v := p.explore(t, &w, w.steps(depth))
				total.Add(int64(result.States))
				if v != nil {
					t.Errorf("%v\n%s", v, p.transcript(&w, first, v))
				}
			})
		}
	})
	t.Logf("%d states in all", total.Load())
}

// TwoActive wants the bound that worlds have for how long two are Active to be met: none
// is shorter.
func (p *Protocol[M, C, A, P]) TwoActive(t *testing.T, worlds []World[M, C, A, P]) {
	for _, w := range worlds {
		t.Run(w.Name, func(t *testing.T) {
			w.Rules.TwoActive--
			first, _, v := p.explore(t, &w, w.Depth)
			if v == nil || !strings.Contains(v.Error(), "two that hear each other") {
				t.Fatalf("found %v", v)
			}
			t.Logf("%v\n%s", v, p.transcript(&w, first, v))
		})
	}
}

// Transcripts wants a way to a state to lead to the same one in a transcript. The worlds
// must be such that TwoActive finds something.
func (p *Protocol[M, C, A, P]) Transcripts(t *testing.T, worlds []World[M, C, A, P]) {
	for _, w := range worlds {
		t.Run(w.Name, func(t *testing.T) {
			w.Rules.TwoActive--
			first, _, v := p.explore(t, &w, w.Depth)
			if v == nil {
				t.Fatal("nothing found")
			}
			end, _ := first.Replay(w.Boot, v)
			var want []string
			for i, name := range w.Rules.Names {
				if at, ok := end.Machine(i).Deadline(); ok {
					want = append(want, fmt.Sprintf("%s in %v", name, at.Sub(end.Now())))
				}
			}
			text := p.transcript(&w, first, v)
			if line := "deadlines: " + strings.Join(want, ", "); !strings.Contains(text[strings.LastIndex(text, "deadlines"):], line) {
				t.Errorf("does not end with %q:\n%s", line, text)
			}
		})
	}
}
