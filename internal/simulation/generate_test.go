// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// generator makes a scenario of a seed.
type generator struct {
	*rand.Rand
	s scenario
}

// generate returns the scenario of a seed.
func generate(seed uint64) *scenario {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	g.s.Seed = seed
	g.s.Delay, g.s.Jitter = g.between(0, 2*time.Millisecond), g.between(0, 3*time.Millisecond)
	if g.odds(4) {
		g.s.Duplicate = g.Float64() / 4
	}
	for range 2 + min(g.IntN(6), g.IntN(6)) {
		g.s.Nodes = append(g.s.Nodes, nodeSpec{g.between(0, 5*time.Second), g.Int64N(20001) - 10000})
	}
	for range 1 + min(g.IntN(3), g.IntN(3)) {
		g.s.Groups = append(g.s.Groups, g.group())
	}
	g.faults()
	return &g.s
}

// odds is true in one of n cases.
func (g *generator) odds(n int) bool { return g.IntN(n) == 0 }

// between returns a duration in whole milliseconds, but for the shortest ones.
func (g *generator) between(least, most time.Duration) time.Duration {
	d := least + time.Duration(g.Int64N(int64(most-least)))
	if most > 20*time.Millisecond {
		d = d.Truncate(time.Millisecond)
	}
	return d
}

// pick returns one of a list.
func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// group makes a group, of all nodes or of two at least.
func (g *generator) group() groupSpec {
	spec := groupSpec{Protocol: pick(g, vrrp2, vrrp3, vrrp3, vrrp3IPv6, carp4, carp4, carp46)}
	spec.Addresses, spec.Octet = g.addresses(spec.Protocol), g.odds(4)
	spec.Interval = g.interval(spec.Protocol)
	eager, releaseFirst, equal := g.odds(6), g.odds(6), g.odds(4)
	for range g.s.Nodes {
		m := memberSpec{Rank: pick[uint8](g, 1, 50, 100, 100, 150, 200, 250, 254), NoPreempt: g.odds(3), Eager: eager, ReleaseFirst: releaseFirst, NoLease: g.odds(6)}
		if equal {
			m.Rank = 100
		}
		if g.odds(6) {
			m.PreemptDelay = g.between(0, 20*time.Second)
		}
		if g.odds(8) {
			m.StartupHold = g.between(0, 10*time.Second)
		}
		spec.Members = append(spec.Members, m)
	}
	if first := g.IntN(len(spec.Members)); g.odds(6) && !spec.Protocol.carp() {
		spec.Members[first].Rank, spec.Members[first].OwnerAdds = 255, g.odds(2)
	}
	for _, i := range g.Perm(len(spec.Members))[2:] {
		if g.odds(5) {
			spec.Members[i].Rank = 0
		}
	}
	return spec
}

// addresses returns some of a pool, of each address family the first.
func (g *generator) addresses(p protocol) uint8 {
	mask := uint8(1 | g.IntN(8)<<1)
	if p == carp46 {
		mask |= 1 << 1
	}
	return mask
}

// interval returns one that the protocol can have.
func (g *generator) interval(p protocol) time.Duration {
	switch p {
	case vrrp2:
		return pick(g, time.Second, time.Second, 2*time.Second)
	case carp4, carp46:
		return pick(g, time.Second, time.Second, time.Second, 2*time.Second, 0)
	}
	return pick(g, time.Second, time.Second, time.Second, 2*time.Second, 500*time.Millisecond, 200*time.Millisecond, 3*time.Second)
}

// faults makes rounds of faults with quiet times between them.
func (g *generator) faults() {
	slowest := time.Second
	for _, spec := range g.s.Groups {
		slowest = max(slowest, spec.Interval)
	}
	at := time.Duration(0)
	for range 2 + g.IntN(5) {
		at += g.between(0, 12*slowest)
		length := g.between(slowest, 12*slowest)
		for range 1 + g.IntN(7) {
			g.s.Faults = append(g.s.Faults, g.fault(at+g.between(0, length), slowest))
		}
		at += length
	}
	slices.SortStableFunc(g.s.Faults, func(a, b fault) int { return cmp.Compare(a.At, b.At) })
	end := at
	for _, f := range g.s.Faults {
		end = max(end, f.At+f.For)
	}
	g.s.Length = end + 12*slowest
}

// fault makes one.
func (g *generator) fault(at, slowest time.Duration) fault {
	k := pick(g, lose, lose, burst, burst, delay, duplicate, part, part, cut, cut, linkDown, linkDown, unplug, renumber, crash, crash, crashWill, crashWill, stop,
		freeze, freeze, suspend, slow, slow, fail, fail, forge, claim, rank, preempt, addresses, addresses, interval, resign, force, demote, setPriority)
	f := fault{At: at, Kind: k}
	if k.ofNode() {
		f.Node = g.IntN(len(g.s.Nodes))
	}
	if k.ofGroup() {
		f.Group = g.IntN(len(g.s.Groups))
	}
	g.extent(&f, slowest)
	g.content(&f, slowest)
	return f
}

// extent says for how long it is: a moment, some intervals, or long enough for
// everything to settle.
func (g *generator) extent(f *fault, slowest time.Duration) {
	switch {
	case f.Kind.ofSeat() && f.Kind != demote, f.Kind == claim, f.Kind == addresses, f.Kind == interval:
	case g.odds(3):
		f.For = g.between(10*time.Millisecond, slowest)
	case g.odds(3):
		f.For = g.between(slowest, 15*slowest)
	default:
		f.For = g.between(slowest/2, 5*slowest)
	}
}

// content says what it is.
func (g *generator) content(f *fault, slowest time.Duration) {
	nodes := len(g.s.Nodes)
	switch f.Kind {
	case lose:
		f.Share = g.Float64()
	case duplicate:
		f.Share = g.Float64()
	case burst, part:
		f.Mask = 1 + g.Uint64N(1<<nodes-1)
	case cut:
		for range 1 + g.IntN(nodes) {
			f.Mask |= 1 << (8*g.IntN(nodes) + g.IntN(nodes))
		}
	case delay:
		f.Size = g.between(50*time.Millisecond, 3*slowest)
	case slow:
		f.Size = pick(g, g.between(20*time.Millisecond, time.Second), g.between(time.Second, 12*time.Second))
	case freeze, suspend:
		if g.odds(2) {
			f.Size = g.between(0, 2*slowest)
		}
	case forge:
		f.Size = g.between(30*time.Millisecond, 500*time.Millisecond)
	case rank, setPriority, demote:
		f.Mask = pick[uint64](g, 1, 50, 100, 150, 200, 254)
	case preempt:
		f.Mask = g.Uint64N(2)
	case addresses:
		f.Mask, f.Size = uint64(g.addresses(g.s.Groups[f.Group].Protocol)), g.window()
	case interval:
		p := g.s.Groups[f.Group].Protocol
		if f.For, f.Size = g.interval(p), g.window(); p != vrrp2 && g.odds(2) { // where they needn't agree
			f.Mask = 1 + g.Uint64N(1<<nodes-1)
		}
	case resign:
		f.Size = g.between(0, 20*time.Second)
	case force:
		f.Size = g.between(100*time.Millisecond, 20*time.Second)
	}
}

// window is how long it takes until all nodes are reconfigured.
func (g *generator) window() time.Duration {
	if g.odds(3) {
		return 0
	}
	return g.between(0, 5*time.Second)
}
