// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

const (
	chaosTurns = 4         // faults of each pair in a short run
	longChaos  = time.Hour // how long faults go on with FHRP_LONG=1
	seedEnv    = "FHRP_FAULTS_SEED"
)

// chaos has faults in a random order befall a pair of vrrpd and the embedding program, and a pair of carpd in the same
// network at the same time; any member at any time, but one of a pair at a time. After each all is as before, and at the
// end nothing is left of it. With FHRP_LONG=1 it takes an hour, and the seed is that of the environment or of the time.
func chaos(t *testing.T) {
	seed := chaosSeed(t)
	b := newBench(t, "v1", "v2", "c1", "c2", "fresh v", "fresh c")
	vrrpd, carpd, embedding := programNamed("vrrpd"), programNamed("carpd"), programNamed("embedding")
	t.Run("both", func(t *testing.T) {
		for id, pair := range map[int]struct {
			hosts    [2]string
			programs [2]*program
			fresh    string
		}{
			1: {[2]string{"v1", "v2"}, [2]*program{vrrpd, embedding}, "fresh v"},
			2: {[2]string{"c1", "c2"}, [2]*program{carpd, carpd}, "fresh c"},
		} {
			t.Run(pair.programs[0].name, func(t *testing.T) {
				t.Parallel()
				sub := b.with(t)
				c := sub.cluster(id, true, pair.hosts, pair.programs)
				c.suffer(rand.New(rand.NewPCG(seed, uint64(id))))
				c.endChaos(pair.fresh)
			})
		}
	})
	b.wantNothingLeft()
}

// chaosSeed returns the seed, and says which it is.
func chaosSeed(t *testing.T) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv(seedEnv), 10, 64)
	switch {
	case err == nil:
	case long():
		seed = uint64(time.Now().UnixNano())
	default:
		seed = 1
	}
	t.Logf("%s=%d", seedEnv, seed)
	return seed
}

// long reports whether tests may take long.
func long() bool { return os.Getenv("FHRP_LONG") == "1" }

// with returns the bench for a subtest.
func (b *bench) with(t *testing.T) *bench {
	sub := *b
	sub.T, sub.members = t, nil
	return &sub
}

// suffer has faults befall the members.
func (c *cluster) suffer(r *rand.Rand) {
	c.Helper()
	list := faults()
	for turn, begin := 1, time.Now(); turn <= chaosTurns || long() && time.Since(begin) < longChaos; turn++ {
		f, victim := list[r.IntN(len(list))], c.members[r.IntN(len(c.members))]
		c.Logf("%d. %s of %v", turn, f.name, victim)
		f.begin(c, victim)
		c.awaitOutcome(victim, f.outcome)
		f.end(c, victim)
		c.awaitSettled()
	}
}

// endChaos compares the first member with a fresh one and ends all, the daemons in a way that has them print their
// goroutines.
func (c *cluster) endChaos(host string) {
	c.Helper()
	best := c.members[0]
	fresh := c.member(best.program, host, c.id+2, 0, true)
	fresh.start()
	c.await("fresh one is Active", fresh.holds)
	best.wantAsFresh(fresh)
	best.wantGoroutinesAsFresh(fresh)
	c.awaitOutcome(best, moves)
	c.members[1].stop()
	for _, m := range c.bench.members {
		c.await("no address of "+m.String(), m.holdsNone)
	}
}
