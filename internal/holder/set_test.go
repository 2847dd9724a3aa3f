// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// TestCompare: the short way is in the order of [netip.Prefix.Compare].
func TestCompare(t *testing.T) {
	var list []netip.Prefix
	for _, s := range []string{"10.0.0.1/32", "10.0.0.2/32", "10.0.0.1/24", "10.0.0.1/8", "10.0.1.1/24", "192.0.2.1/24", "fd00::1/64", "fd00::1/128",
		"fd00::1/32", "fd00::1/24", "::/0", "0.0.0.0/0", "::ffff:10.0.0.1/104"} {
		list = append(list, netip.MustParsePrefix(s))
	}
	list = append(list, netip.Prefix{}, netip.PrefixFrom(netip.MustParseAddr("10.0.0.1"), -1))
	for _, a := range list {
		for _, b := range list {
			if got, want := compare(a, b), a.Compare(b); got != want {
				t.Errorf("%v and %v: %d, want %d", a, b, got, want)
			}
		}
	}
}

// someOf returns some of a few addresses, in ascending order or in any, and perhaps one of
// them twice.
func someOf(random *rand.Rand) (list []netip.Prefix) {
	for i := range byte(12) {
		if random.IntN(3) > 0 {
			list = append(list, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, i}), 32-int(i)%2))
		}
	}
	slices.SortFunc(list, netip.Prefix.Compare)
	if random.IntN(2) == 0 {
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	if len(list) > 0 && random.IntN(4) == 0 {
		list = append(list, list[random.IntN(len(list))])
	}
	return list
}

// TestSetAgainstMap changes a set and a map at random and compares them.
func TestSetAgainstMap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var s set
		model := map[netip.Prefix]bool{}
		for range 10 {
			list, wished := someOf(random), random.IntN(2) == 0
			given := slices.Clone(list)
			switch random.IntN(3) {
			case 0:
				s.put(list, wished)
				for _, p := range list {
					model[p] = wished
				}
			case 1:
				missing := 0
				for _, p := range list {
					if _, ok := model[p]; ok {
						model[p] = wished
					} else {
						missing++
					}
				}
				if got := s.mark(list, wished); got != missing {
					t.Fatalf("%d missing, want %d", got, missing)
				}
			default:
				s.drop(list)
				maps.DeleteFunc(model, func(p netip.Prefix, _ bool) bool { return slices.Contains(list, p) })
			}
			compareSet(t, s, model, list)
			if !slices.Equal(list, given) {
				t.Fatalf("the list was written to: %v, not %v", list, given)
			}
		}
	}
}

// compareSet compares a set with a map, and what it picks of a list with what that has.
func compareSet(t *testing.T, s set, model map[netip.Prefix]bool, list []netip.Prefix) {
	t.Helper()
	var want set
	for _, p := range slices.SortedFunc(maps.Keys(model), netip.Prefix.Compare) {
		want = append(want, held{prefix: p, wished: model[p]})
	}
	if !slices.Equal(s, want) {
		t.Fatalf("the set has %v, want %v", s, want)
	}
	for _, wished := range []bool{false, true} {
		picked := slices.DeleteFunc(slices.Clone(list), func(p netip.Prefix) bool { return model[p] != wished })
		if got := s.pick(list, wished); !slices.Equal(got, picked) {
			t.Fatalf("wished %v of %v are %v, want %v", wished, list, got, picked)
		}
	}
}

// TestSetFits: a set has no room for more than was put in. There may be thousands.
func TestSetFits(t *testing.T) {
	list := someOf(rand.New(rand.NewPCG(3, 4)))
	var s set
	s.put(list[:1], true)
	s.put(list[:1], true)
	if cap(s) != 1 {
		t.Errorf("room for %d where there is one", cap(s))
	}
}
