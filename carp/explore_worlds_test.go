// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/explore"
)

// hostsOf returns configurations of advbase 1 and the advskews, all changed in the same
// way. There is no second burst, so that less happens.
func hostsOf(skews []uint8, change ...func(*carp.Config)) (list []carp.Config) {
	for _, s := range skews {
		c := config(timing(1, s), func(c *carp.Config) { c.Announcements.Delay = -1 })
		for _, f := range change {
			f(&c)
		}
		list = append(list, c)
	}
	return list
}

func startupHold(c *carp.Config)  { c.StartupHold = 5 * time.Second }
func preemptDelay(c *carp.Config) { c.Preempt, c.PreemptDelay = true, 2*time.Second }
func octet(c *carp.Config)        { c.DemoteOctet = true }
func bursts(c *carp.Config) {
	c.Announcements.Delay, c.Announcements.Refresh = 700*time.Millisecond, 1500*time.Millisecond
}

// subSecond has hosts advertise several times a second.
func subSecond(c *carp.Config) { c.AdvBase, c.SubSecond = 0, true }

func exploreWorlds() []exploreWorld {
	var list []exploreWorld
	for _, worlds := range [][]exploreWorld{deepWorlds(), healthyWorlds(), faultyWorlds(), optionWorlds(), operatorWorlds(), addressWorlds()} {
		list = append(list, worlds...)
	}
	return list
}

// fast is how long a packet takes at most in most worlds.
const fast = 20 * time.Millisecond

// In a healthy world no packet is lost, and each arrives within a bound that is
// less than an interval. Two hosts are Master at the same time when their timers
// run out within that bound of each other, as those of equal rank that start
// together do. The first advertisement of the better one ends it, or of equals that
// of the one with the lower address, so that the bound is how long it lasts at most.
// Whatever else two Masters can come of is a fault.
func healthyWorlds() []exploreWorld {
	const slow = 400 * time.Millisecond
	rules := func(delay time.Duration) explore.Rules {
		return explore.Rules{Delay: delay, Races: true, Kinds: explore.FaultPause, Faults: 3, TwoActive: delay}
	}
	told := rules(fast)
	told.Told, told.Claims = true, true
	stops := told
	stops.Kinds, stops.Faults = explore.FaultPause|explore.FaultStop, 4
	several := func(r explore.Rules) explore.Rules {
		r.TwoActive = (time.Second+200*skew)/10 + 2*fast
		return r
	}
	return []exploreWorld{
		{name: "healthy pair that preempts", nodes: hostsOf([]uint8{0, 100}, preempt), rules: rules(fast), depth: 60, long: 60},
		{name: "healthy pair, slow network", nodes: hostsOf([]uint8{0, 100}, preempt), rules: rules(slow), depth: 60, long: 60},
		{name: "healthy equals", nodes: hostsOf([]uint8{100, 100}), rules: rules(fast), depth: 60, long: 60},
		{name: "healthy equals, slow network", nodes: hostsOf([]uint8{100, 100}), rules: rules(slow), depth: 24, long: 60},
		{name: "healthy pair", nodes: hostsOf([]uint8{0, 100}), rules: rules(fast), depth: 60, long: 60},
		{name: "healthy pair, announcements", nodes: hostsOf([]uint8{0, 100}, preempt), rules: told, depth: 24, long: 60},
		{name: "healthy equals, announcements", nodes: hostsOf([]uint8{100, 100}), rules: told, depth: 24, long: 60},
		{name: "healthy three", nodes: hostsOf([]uint8{0, 100, 200}, preempt), rules: several(told), depth: 10, long: 13},
		{name: "healthy three equals", nodes: hostsOf([]uint8{100, 100, 100}), rules: rules(fast), depth: 9, long: 16},
		{name: "healthy stops", nodes: hostsOf([]uint8{0, 100}, preempt), rules: several(stops), depth: 9, long: 15, boot: true},
		{name: "healthy stops of three", nodes: hostsOf([]uint8{0, 100, 200}, preempt), rules: several(stops), depth: 6, long: 10, boot: true},
	}
}

// In these worlds everything can go wrong in every state, beginning with none of the
// programs started. In some the faults are bounded, so that it can be gone far from
// each; where they are not, each state has all of them.
func deepWorlds() []exploreWorld {
	pair, three := hostsOf([]uint8{0, 100}, preempt), hostsOf([]uint8{0, 100, 200}, preempt)
	rules := func(faults int) explore.Rules {
		return explore.Rules{Delay: fast, Kinds: explore.AllFaults, Faults: faults}
	}
	return []exploreWorld{
		{name: "two faults in a pair", nodes: pair, rules: rules(2), depth: 14, long: 20},
		{name: "three faults in a pair", nodes: pair, rules: rules(3), depth: 11, long: 14},
		{name: "two faults in three", nodes: three, rules: rules(2), depth: 9, long: 11},
		{name: "any number of faults in a pair", nodes: pair, rules: rules(explore.AnyNumber), depth: 8, long: 9},
		{name: "any number of faults in three", nodes: three, rules: rules(explore.AnyNumber), depth: 7, long: 8},
	}
}

// In a faulty world everything can go wrong, a few times, with hosts that run and
// have settled.
func faultyWorlds() []exploreWorld {
	rules := func(faults int, kinds explore.Fault) explore.Rules {
		return explore.Rules{Delay: fast, Kinds: kinds, Faults: faults}
	}
	lossy := rules(4, explore.FaultDrop|explore.FaultDuplicate|explore.FaultIsolate)
	lossy.Reorder = true
	pair, three := hostsOf([]uint8{0, 100}, preempt), hostsOf([]uint8{0, 100, 200}, preempt)
	equals := hostsOf([]uint8{100, 100})
	stands := func(r explore.Rules) explore.Rules { // one that has yielded, up to the first advertisement
		r.TwoActive = 2*(time.Second+100*skew) + fast
		return r
	}
	return []exploreWorld{
		{name: "pair", nodes: pair, rules: rules(3, explore.AllFaults), depth: 6, long: 10, boot: true},
		{name: "pair, twice", nodes: pair, rules: rules(2, explore.AllFaults), depth: 10, long: 14, boot: true},
		{name: "three", nodes: three, rules: rules(2, explore.AllFaults), depth: 6, long: 9, boot: true},
		{name: "equals", nodes: equals, rules: stands(rules(3, explore.AllFaults)), depth: 5, long: 9, boot: true},
		{name: "lossy pair", nodes: pair, rules: lossy, depth: 12, long: 20, boot: true},
		{name: "lossy equals", nodes: equals, rules: stands(lossy), depth: 10, long: 16, boot: true},
		{name: "lossy three", nodes: three, rules: lossy, depth: 7, long: 10, boot: true},
	}
}

// The options of the configuration.
func optionWorlds() []exploreWorld {
	rules := explore.Rules{Delay: fast, Kinds: explore.AllFaults &^ explore.FaultDuplicate, Faults: 2}
	world := func(name string, nodes []carp.Config) exploreWorld {
		return exploreWorld{name: name, nodes: nodes, rules: rules, depth: 8, long: 10, boot: true}
	}
	return []exploreWorld{
		world("no preemption", hostsOf([]uint8{0, 100})),
		world("preempt delay", hostsOf([]uint8{0, 100}, preemptDelay)),
		world("startup hold", hostsOf([]uint8{0, 100}, preempt, startupHold)),
		world("the worse preempts", []carp.Config{hostsOf([]uint8{0})[0], hostsOf([]uint8{100}, preempt)[0]}),
		world("OpenBSD", hostsOf([]uint8{0, 100}, preempt, openBSDTimeout)),
		world("sub-second", hostsOf([]uint8{50, 100}, preempt, subSecond)),
		world("bursts and refreshes", hostsOf([]uint8{0, 100}, preempt, bursts)),
	}
}

func openBSDTimeout(c *carp.Config) { c.OpenBSDTimeout = true }

// What operators, trackers and strangers ask of hosts.
func operatorWorlds() []exploreWorld {
	rules := explore.Rules{Delay: fast, Kinds: explore.FaultPause | explore.FaultStop | explore.FaultDrop, Faults: 2}
	three := rules
	three.Faults = 3
	slow := rules // until the one that advertises more often is heard
	slow.TwoActive = 5*time.Second + fast
	return []exploreWorld{
		{name: "operator", nodes: hostsOf([]uint8{0, 100}, preempt), inputs: operator(), rules: rules, depth: 8, long: 12, boot: true},
		{name: "operator, three times", nodes: hostsOf([]uint8{0, 100}, preempt), inputs: operator(), rules: three, depth: 4, long: 8, boot: true},
		{name: "operator, no preemption", nodes: hostsOf([]uint8{0, 100}), inputs: operator(), rules: rules, depth: 7, long: 11, boot: true},
		{name: "operator, preempt delay", nodes: hostsOf([]uint8{0, 100}, preemptDelay), inputs: operator(), rules: rules, depth: 7, long: 11, boot: true},
		{name: "operator of equals", nodes: hostsOf([]uint8{0, 0}), inputs: operator(), rules: rules, depth: 7, long: 11, boot: true},
		{name: "operator of three", nodes: hostsOf([]uint8{0, 100, 200}, preempt), inputs: operator(), rules: rules, depth: 4, long: 8, boot: true},
		{name: "another advbase", nodes: hostsOf([]uint8{0, 100}, preempt), inputs: anotherBase(), slowest: 13 * time.Second, rules: slow, depth: 9, long: 13, boot: true},
		{name: "demotion", nodes: hostsOf([]uint8{0, 100}, preempt), inputs: demotions(), rules: three, depth: 6, long: 9, boot: true},
		{name: "demotion, no preemption", nodes: hostsOf([]uint8{0, 100}), inputs: demotions(), rules: rules, depth: 8, long: 12, boot: true},
		{name: "demotion of three", nodes: hostsOf([]uint8{0, 100, 200}, preempt), inputs: demotions(), rules: rules, depth: 5, long: 8, boot: true},
		{name: "demotion in an octet of its own", nodes: hostsOf([]uint8{0, 100}, preempt, octet), inputs: demotions(), rules: rules, depth: 8, long: 12, boot: true},
		{name: "demotion in an octet of its own, no preemption", nodes: hostsOf([]uint8{0, 100}, octet), inputs: demotions(), rules: rules, depth: 8, long: 12, boot: true},
		{name: "strangers", nodes: hostsOf([]uint8{0, 100}, preempt), inputs: strangers(), rules: rules, depth: 7, long: 12, boot: true},
	}
}

// Hand-overs in which address work takes time or everybody hears announcements, and
// a network that is cut in two and heals.
func addressWorlds() []exploreWorld {
	rules := func(work time.Duration) explore.Rules {
		return explore.Rules{Delay: fast, Work: work,
			Kinds: explore.FaultStop | explore.FaultLink | explore.FaultFail | explore.FaultFreeze | explore.FaultWill, Faults: 2}
	}
	claims, split := rules(0), rules(0)
	claims.Claims, claims.Told, claims.Kinds = true, true, claims.Kinds&^explore.FaultFreeze
	split.Told, split.Kinds, split.Faults = true, explore.FaultIsolate, 1
	const slow, forever = 300 * time.Millisecond, 5 * time.Second
	pair := hostsOf([]uint8{0, 100}, preempt)
	return []exploreWorld{
		{name: "announcements", nodes: pair, rules: claims, depth: 9, long: 13, boot: true},
		{name: "split", nodes: pair, rules: split, depth: 30, long: 30, boot: true},
		{name: "split of close intervals", nodes: hostsOf([]uint8{0, 240}, preempt), rules: split, depth: 30, long: 30, boot: true},
		{name: "split of equals", nodes: hostsOf([]uint8{100, 100}), rules: split, depth: 30, long: 30, boot: true},
		{name: "split of three", nodes: hostsOf([]uint8{0, 100, 200}, preempt), rules: split, depth: 14, long: 18, boot: true},
		{name: "slow addresses", nodes: pair, rules: rules(slow), depth: 8, long: 13, boot: true},
		{name: "release first", nodes: hostsOf([]uint8{0, 100}, preempt, releaseFirst), rules: rules(0), depth: 9, long: 13, boot: true},
		{name: "release first, slow addresses", nodes: hostsOf([]uint8{0, 100}, preempt, releaseFirst), rules: rules(slow), depth: 9, long: 13, boot: true},
		{name: "release first, addresses that take for ever", nodes: hostsOf([]uint8{0, 100}, preempt, releaseFirst), rules: rules(forever), depth: 7, long: 11, boot: true},
		{name: "release first of three", nodes: hostsOf([]uint8{0, 100, 200}, preempt, releaseFirst), rules: rules(forever), depth: 5, long: 9, boot: true},
	}
}
