// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/explore"
	"github.com/go-fhrp/fhrp/internal/explore/exploretest"
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

func pairOfHosts() []carp.Config { return hostsOf([]uint8{0, 100}, preempt) }
func threeHosts() []carp.Config  { return hostsOf([]uint8{0, 100, 200}, preempt) }

func exploreWorlds() []exploreWorld {
	deep := newExploration().Deep(pairOfHosts(), threeHosts())
	return slices.Concat(deep, healthyWorlds(), faultyWorlds(), optionWorlds(), operatorWorlds(), addressWorlds())
}

// In a healthy world no packet is lost, and each arrives within a bound that is
// less than an interval. Two hosts are Master at the same time when their timers
// run out within that bound of each other, as those of equal rank that start
// together do. The first advertisement of the better one ends it, or of equals that
// of the one with the lower address, so that the bound is how long it lasts at most.
// Whatever else two Masters can come of is a fault.
func healthyWorlds() []exploreWorld {
	healthy, told, stops := exploretest.Healthy, exploretest.Told(), exploretest.Stops()
	several := func(r explore.Rules) explore.Rules {
		r.TwoActive = (time.Second+200*skew)/10 + 2*exploretest.Fast
		return r
	}
	return []exploreWorld{
		{Name: "healthy pair that preempts", Nodes: pairOfHosts(), Rules: healthy(exploretest.Fast), Depth: 60, Long: 60},
		{Name: "healthy pair, slow network", Nodes: pairOfHosts(), Rules: healthy(exploretest.Slow), Depth: 60, Long: 60},
		{Name: "healthy equals", Nodes: hostsOf([]uint8{100, 100}), Rules: healthy(exploretest.Fast), Depth: 60, Long: 60},
		{Name: "healthy equals, slow network", Nodes: hostsOf([]uint8{100, 100}), Rules: healthy(exploretest.Slow), Depth: 24, Long: 60},
		{Name: "healthy pair", Nodes: hostsOf([]uint8{0, 100}), Rules: healthy(exploretest.Fast), Depth: 60, Long: 60},
		{Name: "healthy pair, announcements", Nodes: pairOfHosts(), Rules: told, Depth: 24, Long: 60},
		{Name: "healthy equals, announcements", Nodes: hostsOf([]uint8{100, 100}), Rules: told, Depth: 24, Long: 60},
		{Name: "healthy three", Nodes: threeHosts(), Rules: several(told), Depth: 10, Long: 13},
		{Name: "healthy three equals", Nodes: hostsOf([]uint8{100, 100, 100}), Rules: healthy(exploretest.Fast), Depth: 9, Long: 16},
		{Name: "healthy stops", Nodes: pairOfHosts(), Rules: several(stops), Depth: 9, Long: 15, Boot: true},
		{Name: "healthy stops of three", Nodes: threeHosts(), Rules: several(stops), Depth: 6, Long: 10, Boot: true},
	}
}

// In a faulty world everything can go wrong, a few times, with hosts that run and
// have settled.
func faultyWorlds() []exploreWorld {
	rules := func(faults int) explore.Rules { return exploretest.Faulty(faults, explore.AllFaults) }
	lossy := exploretest.Lossy()
	equals := hostsOf([]uint8{100, 100})
	stands := func(r explore.Rules) explore.Rules { // one that has yielded, up to the first advertisement
		r.TwoActive = 2*(time.Second+100*skew) + exploretest.Fast
		return r
	}
	return []exploreWorld{
		{Name: "pair", Nodes: pairOfHosts(), Rules: rules(3), Depth: 6, Long: 10, Boot: true},
		{Name: "pair, twice", Nodes: pairOfHosts(), Rules: rules(2), Depth: 10, Long: 14, Boot: true},
		{Name: "three", Nodes: threeHosts(), Rules: rules(2), Depth: 6, Long: 9, Boot: true},
		{Name: "equals", Nodes: equals, Rules: stands(rules(3)), Depth: 5, Long: 9, Boot: true},
		{Name: "lossy pair", Nodes: pairOfHosts(), Rules: lossy, Depth: 12, Long: 20, Boot: true},
		{Name: "lossy equals", Nodes: equals, Rules: stands(lossy), Depth: 10, Long: 16, Boot: true},
		{Name: "lossy three", Nodes: threeHosts(), Rules: lossy, Depth: 7, Long: 10, Boot: true},
	}
}

// The options of the configuration.
func optionWorlds() []exploreWorld {
	world := func(name string, nodes []carp.Config) exploreWorld {
		return exploreWorld{Name: name, Nodes: nodes, Rules: exploretest.Options(), Depth: 8, Long: 10, Boot: true}
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
	rules, three := exploretest.Asked(2), exploretest.Asked(3)
	slow := rules // until the one that advertises more often is heard
	slow.TwoActive = 5*time.Second + exploretest.Fast
	return []exploreWorld{
		{Name: "operator", Nodes: pairOfHosts(), Inputs: operator(), Rules: rules, Depth: 8, Long: 12, Boot: true},
		{Name: "operator, three times", Nodes: pairOfHosts(), Inputs: operator(), Rules: three, Depth: 4, Long: 8, Boot: true},
		{Name: "operator, no preemption", Nodes: hostsOf([]uint8{0, 100}), Inputs: operator(), Rules: rules, Depth: 7, Long: 11, Boot: true},
		{Name: "operator, preempt delay", Nodes: hostsOf([]uint8{0, 100}, preemptDelay), Inputs: operator(), Rules: rules, Depth: 7, Long: 11, Boot: true},
		{Name: "operator of equals", Nodes: hostsOf([]uint8{0, 0}), Inputs: operator(), Rules: rules, Depth: 7, Long: 11, Boot: true},
		{Name: "operator of three", Nodes: threeHosts(), Inputs: operator(), Rules: rules, Depth: 4, Long: 8, Boot: true},
		{Name: "another advbase", Nodes: pairOfHosts(), Inputs: anotherBase(), Slowest: 13 * time.Second, Rules: slow, Depth: 9, Long: 13, Boot: true},
		{Name: "demotion", Nodes: pairOfHosts(), Inputs: demotions(), Rules: three, Depth: 6, Long: 9, Boot: true},
		{Name: "demotion, no preemption", Nodes: hostsOf([]uint8{0, 100}), Inputs: demotions(), Rules: rules, Depth: 8, Long: 12, Boot: true},
		{Name: "demotion of three", Nodes: threeHosts(), Inputs: demotions(), Rules: rules, Depth: 5, Long: 8, Boot: true},
		{Name: "demotion in an octet of its own", Nodes: hostsOf([]uint8{0, 100}, preempt, octet), Inputs: demotions(), Rules: rules, Depth: 8, Long: 12, Boot: true},
		{Name: "demotion in an octet of its own, no preemption", Nodes: hostsOf([]uint8{0, 100}, octet), Inputs: demotions(), Rules: rules, Depth: 8, Long: 12, Boot: true},
		{Name: "strangers", Nodes: pairOfHosts(), Inputs: strangers(), Rules: rules, Depth: 7, Long: 12, Boot: true},
	}
}

// Hand-overs, and a network that is cut in two where it isn't clear who is better.
func addressWorlds() []exploreWorld {
	return append(newExploration().HandOvers(pairOfHosts(), threeHosts(), releaseFirst), []exploreWorld{
		{Name: "split of close intervals", Nodes: hostsOf([]uint8{0, 240}, preempt), Rules: exploretest.Split(), Depth: 30, Long: 30, Boot: true},
		{Name: "split of equals", Nodes: hostsOf([]uint8{100, 100}), Rules: exploretest.Split(), Depth: 30, Long: 30, Boot: true},
	}...)
}
