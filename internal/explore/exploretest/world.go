// SPDX-License-Identifier: Apache-2.0

package exploretest

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
)

// mostStates bounds what one world takes of memory: about 1.5 GB.
const mostStates = 3000000

// World is a small world and how far it is explored.
type World[M, C, A any, P Machine[M, C, A]] struct {
	Name   string
	Nodes  []C
	Rules  explore.Rules // those that are zero and follow from the nodes are set
	Inputs []Input[M, C, A, P]
	Boot   bool // all have been started and have settled
	Depth  int  // in every run
	Long   int  // in a long one, if that is deeper
	// Slowest is what else than the nodes' configurations the protocol's bounds are
	// made of.
	Slowest time.Duration
}

// steps returns how deep the world is explored; asked is what was asked for, or 0.
func (w *World[M, C, A, P]) steps(asked int) int {
	switch {
	case asked > 0:
		return asked
	case os.Getenv("FHRP_LONG") == "1":
		return max(w.Depth, w.Long)
	case testing.Short():
		return min(w.Depth-3, 4)
	}
	return w.Depth
}

// explore explores a world.
func (p *Protocol[M, C, A, P]) explore(t *testing.T, w *World[M, C, A, P], depth int) (first *explore.Cluster, r explore.Result, v *explore.Violation) {
	t.Helper()
	first, err := p.cluster(w)
	if err != nil {
		t.Fatal(err)
	}
	begun := first
	if w.Boot {
		if begun, err = first.Boot(); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	r, err = explore.Run(begun, explore.Config{Depth: depth, Limit: mostStates})
	t.Logf("%d nodes, %s: %v, in %v", len(w.Nodes), w.Rules.Amount(), r, time.Since(start).Round(10*time.Millisecond))
	if err != nil && !errors.As(err, &v) {
		t.Fatal(err)
	}
	return first, r, v
}

// cluster makes a world, and sets what must hold in it.
func (p *Protocol[M, C, A, P]) cluster(w *World[M, C, A, P]) (*explore.Cluster, error) {
	codec, err := p.Codec(len(w.Inputs) == 0)
	if err != nil {
		return nil, err
	}
	g := &group[M, C, A, P]{protocol: p, codec: codec}
	w.Rules.Names = nil
	var members []explore.Member
	for i, cfg := range w.Nodes {
		m, err := g.add(cfg, w.Inputs)
		if err != nil {
			return nil, err
		}
		members = append(members, m)
		w.Rules.Names = append(w.Rules.Names, string(rune('a'+i)))
	}
	w.Rules.Inputs = len(w.Inputs)
	w.Rules.Line = g.line
	interval, settle := p.Bounds(w)
	if w.Rules.TwoActive == 0 {
		w.Rules.TwoActive = interval + w.Rules.Delay
	}
	w.Rules.Settle = settle
	w.Rules.HandOver = interval + 100*time.Millisecond
	return explore.NewCluster(&w.Rules, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), members...), nil
}
