// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"math/rand/v2"
	"testing"
)

// seeded returns a counter whose random numbers are those of the seed.
func seeded(seed uint64) *counter {
	return &counter{random: rand.New(rand.NewPCG(seed, 1)).Uint64}
}

// sc_init_counter: random while nobody has been heard.
func TestCounterOfALoneMaster(t *testing.T) {
	c, random := seeded(1), rand.New(rand.NewPCG(1, 1))
	for range 10 {
		if got, want := c.next(), random.Uint64(); got != want {
			t.Errorf("%#x, want %#x", got, want)
		}
	}
}

// Above the last one heard or sent, and each other than the one before.
func TestCounterAfterAPeerWasHeard(t *testing.T) {
	c := seeded(2)
	for _, heard := range []uint64{0, 1 << 40, 7, 0xe4d54f962c25e158} {
		c.hear(heard)
		for last, i := heard, 0; i < 10; i++ {
			got := c.next()
			if step := got - last; step < 1 || step > 1<<stepBits {
				t.Errorf("%#x after %#x", got, last)
			}
			last = got
		}
	}
	c.hear(^uint64(0)) // the end of the numbers
	if got := c.next(); got > 1<<stepBits {
		t.Errorf("%#x after the last number", got)
	}
}

// Hosts that have heard the same advertisement, a bow-out, and claim together don't
// send the same one.
func TestCountersOfTwoThatClaimTogether(t *testing.T) {
	a, b := seeded(3), seeded(4)
	seen := map[uint64]bool{}
	for heard := range uint64(1000) {
		a.hear(heard << 40)
		b.hear(heard << 40)
		for range 3 {
			for _, c := range []*counter{a, b} {
				n := c.next()
				if seen[n] {
					t.Fatalf("%#x twice", n)
				}
				seen[n] = true
			}
		}
	}
}
