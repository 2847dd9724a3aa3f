// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

var (
	oneWalk  = flag.Uint64("simulation.walk", 0, "take the walk of this seed alone, and tell its transcript")
	numWalks = flag.Uint64("simulation.walks", 0, "take that many walks")
)

// How many walks are taken: -simulation.walks overrules.
const (
	shortWalks = 50
	someWalks  = 200
	longWalks  = 50_000
)

// taken takes a walk in a bubble.
func taken(t *testing.T, w *walk, maker func(*walker, *netiftest.Host) subject) (r *walker) {
	synctest.Test(t, func(*testing.T) { r = w.stroll(maker) })
	return r
}

// However a program is configured while it runs, and whatever it is asked for: what both
// configurations hold is not touched, who gives up the role says why, and what is
// refused changes nothing. With FHRP_LONG=1 in the environment the walks are others in
// each run.
func TestWalks(t *testing.T) {
	if *oneWalk != 0 {
		testWalk(t, stroll(*oneWalk))
		return
	}
	first, count := uint64(1), uint64(someWalks)
	switch {
	case os.Getenv("FHRP_LONG") == "1":
		first, count = rand.Uint64N(1<<62), longWalks
	case testing.Short():
		count = shortWalks
	}
	if *numWalks > 0 {
		count = *numWalks
	}
	var all tally
	for seed := first; seed < first+count; seed++ {
		w := stroll(seed)
		r := taken(t, w, newSubject)
		if r.found != nil {
			t.Fatal(tellWalk(t, w, r.found, newSubject))
		}
		all = all.plus(r.tally)
	}
	t.Logf("%d walks, of seeds %d to %d: %v", count, first, first+count-1, all)
}

// testWalk takes one walk, and tells what happens on it.
func testWalk(t *testing.T, w *walk) {
	r := taken(t, w, newSubject)
	t.Log(strings.Join(r.told, "\n"))
	if r.found != nil {
		t.Error(tellWalk(t, w, r.found, newSubject))
	}
}

// tellWalk returns what is to be said about a walk: how to take it again, and the
// transcript of the shortest one that was found.
func tellWalk(t *testing.T, w *walk, v *violation, maker func(*walker, *netiftest.Host) subject) string {
	small, v := shorten(t, w, v, maker)
	return fmt.Sprintf("walk %d: %v\nagain: go test ./internal/simulation -run 'TestWalks$' -v -simulation.walk %d\n"+
		"shortened from %d steps to %d:\n%v\n%s", w.Seed, v, w.Seed, len(w.Steps), len(small.Steps), small, strings.Join(taken(t, small, maker).told, "\n"))
}

// shorten leaves out of a walk what can be left out without the rule being kept.
func shorten(t *testing.T, w *walk, v *violation, maker func(*walker, *netiftest.Host) subject) (*walk, *violation) {
	breaks := func(w *walk) bool {
		found := taken(t, w, maker).found
		if found == nil || found.rule != v.rule {
			return false
		}
		v = found
		return true
	}
	small := *w
	leaveOut := func() {
		small.Steps = minimize(small.Steps, func(steps []step) bool {
			try := small
			try.Steps = steps
			return breaks(&try)
		})
	}
	leaveOut()
	changes := []func(*walk){func(w *walk) { w.Latency = 0 }, func(w *walk) { w.Peer = false }}
	for i := range small.Steps {
		changes = append(changes, func(w *walk) { w.Steps[i].Wait = 5 * time.Second }) // so that others needn't pass the time
	}
	for _, change := range changes {
		try := small
		try.Steps = slices.Clone(small.Steps)
		if change(&try); breaks(&try) {
			small = try
		}
	}
	leaveOut()
	breaks(&small)
	return &small, v
}
