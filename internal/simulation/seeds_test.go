// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"flag"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	oneSeed  = flag.Uint64("simulation.seed", 0, "run this seed alone, and tell its transcript")
	numSeeds = flag.Uint64("simulation.seeds", 0, "run that many seeds")
)

// How many seeds are run: -simulation.seeds overrules, which is how they are run in
// CI.
const (
	shortSeeds = 200
	someSeeds  = 1500
	longSeeds  = 200_000
)

// newProgram makes what runs on a station.
func newProgram(l *life) program {
	if l.st.carp {
		return newCARP(l)
	}
	return newVRRP(l)
}

// All rules hold in all that happens. With FHRP_LONG=1 in the environment the
// seeds are others in each run.
func TestSeeds(t *testing.T) {
	if *oneSeed != 0 {
		testSeed(t, *oneSeed)
		return
	}
	first, count := uint64(1), uint64(someSeeds)
	switch {
	case os.Getenv("FHRP_LONG") == "1":
		first, count = rand.Uint64N(1<<62), longSeeds
	case testing.Short():
		count = shortSeeds
	}
	if *numSeeds > 0 {
		count = *numSeeds
	}
	t.Logf("seeds %d to %d", first, first+count-1)
	begin := time.Now()
	days := runSeeds(t, first, count).Hours() / 24
	took := time.Since(begin)
	t.Logf("%d seeds, %.1f virtual days, in %.1f s on %d cores: %.0f seeds a second, %.0f virtual days an hour",
		count, days, took.Seconds(), runtime.GOMAXPROCS(0), float64(count)/took.Seconds(), days/took.Hours())
}

// testSeed runs one seed, and tells what happens in it.
func testSeed(t *testing.T, seed uint64) {
	s := generate(seed)
	v, told := play(s, newProgram)
	for _, line := range told {
		t.Log(line)
	}
	if v != nil {
		t.Errorf("%s", report(s, v, newProgram))
	}
}

// runSeeds runs seeds side by side, until one fails, and returns the virtual time
// of all.
func runSeeds(t *testing.T, first, count uint64) time.Duration {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // there is little to collect
	var next atomic.Uint64
	var total atomic.Int64
	var failed sync.Once
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < count && !t.Failed(); i = next.Add(1) - 1 {
				s := generate(first + i)
				if v := newCluster(s, newProgram).run(); v != nil {
					failed.Do(func() { t.Errorf("%s", report(s, v, newProgram)) })
				}
				total.Add(int64(s.Length))
			}
		})
	}
	wg.Wait()
	return time.Duration(total.Load())
}
