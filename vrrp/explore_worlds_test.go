// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
	"github.com/go-fhrp/fhrp/internal/explore/exploretest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// routers are configurations of the priorities, all changed in the same way.
// There is no second burst, so that less happens.
func routers(priorities []uint8, change ...func(*vrrp.Config)) (list []vrrp.Config) {
	for _, p := range priorities {
		c := v3(priority(p), func(c *vrrp.Config) { c.Announcements.Delay = -1 })
		for _, f := range change {
			f(&c)
		}
		list = append(list, c)
	}
	return list
}

func second(c *vrrp.Config)       { c.Version = vrrp.V2 }
func eager(c *vrrp.Config)        { c.EagerStart = true }
func ownerAdds(c *vrrp.Config)    { c.OwnerAdds = true }
func releaseFirst(c *vrrp.Config) { c.ReleaseFirst = true }
func startupHold(c *vrrp.Config)  { c.StartupHold = 5 * time.Second }
func preemptDelay(c *vrrp.Config) { c.PreemptDelay = 2 * time.Second }
func bursts(c *vrrp.Config) {
	c.Announcements.Delay, c.Announcements.Refresh = 700*time.Millisecond, 1500*time.Millisecond
}

// faster has the first of some routers advertise more often than the others.
func faster(list []vrrp.Config) []vrrp.Config {
	list[0].Interval = 300 * time.Millisecond
	return list
}

func pairOfRouters() []vrrp.Config { return routers([]uint8{200, 100}) }
func threeRouters() []vrrp.Config  { return routers([]uint8{200, 100, 50}) }

func exploreWorlds() []exploreWorld {
	deep := newExploration().Deep(pairOfRouters(), threeRouters())
	return slices.Concat(deep, healthyWorlds(), faultyWorlds(), optionWorlds(), operatorWorlds(), addressWorlds(), askedWorlds())
}

// In a healthy world no packet is lost, and each arrives within a bound that is
// less than an interval. Two routers are Active at the same time when their timers
// run out within that bound of each other, as those of equal priority that start
// together do: RFC 9568 has nothing against that. The first advertisement of the
// better one ends it, so that the bound is how long it lasts at most. Whatever else
// two Active routers can come of is a fault.
func healthyWorlds() []exploreWorld {
	healthy, told, stops := exploretest.Healthy, exploretest.Told(), exploretest.Stops()
	return []exploreWorld{
		{Name: "healthy pair", Nodes: pairOfRouters(), Rules: healthy(exploretest.Fast), Depth: 60, Long: 60},
		{Name: "healthy pair, slow network", Nodes: pairOfRouters(), Rules: healthy(exploretest.Slow), Depth: 60, Long: 60},
		{Name: "healthy equals", Nodes: routers([]uint8{100, 100}), Rules: healthy(exploretest.Fast), Depth: 60, Long: 60},
		{Name: "healthy equals, slow network", Nodes: routers([]uint8{100, 100}), Rules: healthy(exploretest.Slow), Depth: 60, Long: 60},
		{Name: "healthy pair, version 2", Nodes: routers([]uint8{200, 100}, second), Rules: healthy(exploretest.Fast), Depth: 60, Long: 60},
		{Name: "healthy equals, version 2", Nodes: routers([]uint8{100, 100}, second), Rules: healthy(exploretest.Fast), Depth: 60, Long: 60},
		{Name: "healthy pair, announcements", Nodes: pairOfRouters(), Rules: told, Depth: 24, Long: 60},
		{Name: "healthy equals, announcements", Nodes: routers([]uint8{100, 100}), Rules: told, Depth: 24, Long: 60},
		{Name: "healthy three", Nodes: threeRouters(), Rules: told, Depth: 13, Long: 20},
		{Name: "healthy three equals", Nodes: routers([]uint8{100, 100, 100}), Rules: healthy(exploretest.Fast), Depth: 9, Long: 18},
		{Name: "healthy stops", Nodes: pairOfRouters(), Rules: stops, Depth: 9, Long: 16, Boot: true},
		{Name: "healthy stops of three", Nodes: threeRouters(), Rules: stops, Depth: 6, Long: 11, Boot: true},
	}
}

// In a faulty world everything can go wrong, a few times, with routers that run and
// have settled.
func faultyWorlds() []exploreWorld {
	rules := func(faults int) explore.Rules { return exploretest.Faulty(faults, explore.AllFaults) }
	lossy := exploretest.Lossy()
	return []exploreWorld{
		{Name: "pair", Nodes: pairOfRouters(), Rules: rules(3), Depth: 6, Long: 10, Boot: true},
		{Name: "pair, twice", Nodes: pairOfRouters(), Rules: rules(2), Depth: 10, Long: 14, Boot: true},
		{Name: "equals", Nodes: routers([]uint8{100, 100}), Rules: rules(3), Depth: 5, Long: 9, Boot: true},
		{Name: "pair, version 2", Nodes: routers([]uint8{200, 100}, second), Rules: rules(3), Depth: 5, Long: 9, Boot: true},
		{Name: "three", Nodes: threeRouters(), Rules: rules(2), Depth: 6, Long: 10, Boot: true},
		{Name: "three, version 2", Nodes: routers([]uint8{200, 100, 50}, second), Rules: rules(2), Depth: 5, Long: 9, Boot: true},
		{Name: "lossy pair", Nodes: pairOfRouters(), Rules: lossy, Depth: 12, Long: 20, Boot: true},
		{Name: "lossy three", Nodes: threeRouters(), Rules: lossy, Depth: 7, Long: 10, Boot: true},
	}
}

// The options of the configuration, and roles of their own.
func optionWorlds() []exploreWorld {
	world := func(name string, nodes []vrrp.Config) exploreWorld {
		return exploreWorld{Name: name, Nodes: nodes, Rules: exploretest.Options(), Depth: 8, Long: 10, Boot: true}
	}
	return []exploreWorld{
		world("no preemption", routers([]uint8{200, 100}, noPreempt)),
		world("preempt delay", routers([]uint8{200, 100}, preemptDelay)),
		world("startup hold", routers([]uint8{200, 100}, startupHold)),
		world("eager start", routers([]uint8{200, 100}, eager)),
		world("owner", routers([]uint8{255, 100})),
		world("owner, version 2", routers([]uint8{255, 100}, second)),
		world("owner adds", routers([]uint8{255, 100}, ownerAdds)),
		world("intervals", faster(pairOfRouters())),
		world("intervals, the worse is faster", faster(routers([]uint8{100, 200}))),
		world("bursts and refreshes", routers([]uint8{200, 100}, bursts)),
	}
}

// What operators and strangers ask of routers.
func operatorWorlds() []exploreWorld {
	rules := exploretest.Asked
	late := rules(2) // of two that are forced, one is no longer while it waits for the other's advertisement
	late.TwoActive = 2*time.Second + late.Delay
	return []exploreWorld{
		{Name: "operator", Nodes: pairOfRouters(), Inputs: operator(vrrp.V3), Rules: rules(3), Depth: 4, Long: 9, Boot: true},
		{Name: "operator, twice", Nodes: pairOfRouters(), Inputs: operator(vrrp.V3), Rules: rules(2), Depth: 8, Long: 13, Boot: true},
		{Name: "operator, no preemption", Nodes: routers([]uint8{200, 100}, noPreempt), Inputs: operator(vrrp.V3), Rules: rules(2), Depth: 7, Long: 11, Boot: true},
		{Name: "operator, preempt delay", Nodes: routers([]uint8{200, 100}, preemptDelay), Inputs: operator(vrrp.V3), Rules: rules(2), Depth: 7, Long: 11, Boot: true},
		{Name: "operator of equals", Nodes: routers([]uint8{254, 254}), Inputs: operator(vrrp.V3), Rules: rules(2), Depth: 7, Long: 11, Boot: true},
		{Name: "operator, version 2", Nodes: routers([]uint8{200, 100}, second), Inputs: operator(vrrp.V2), Rules: late, Depth: 8, Long: 12, Boot: true},
		{Name: "operator of three", Nodes: threeRouters(), Inputs: operator(vrrp.V3), Rules: rules(2), Depth: 4, Long: 8, Boot: true},
		{Name: "strangers", Nodes: pairOfRouters(), Inputs: strangers(), Slowest: strangeInterval, Rules: rules(2), Depth: 9, Long: 13, Boot: true},
		{Name: "strangers, version 2", Nodes: routers([]uint8{200, 100}, second), Inputs: strangers(), Slowest: strangeInterval, Rules: rules(2), Depth: 9, Long: 13, Boot: true},
	}
}

// Hand-overs, and a network that is cut in two and heals.
func addressWorlds() []exploreWorld {
	return append(newExploration().HandOvers(pairOfRouters(), threeRouters(), releaseFirst), exploreWorld{
		Name: "split, version 2", Nodes: routers([]uint8{200, 100}, second), Rules: exploretest.Split(), Depth: 30, Long: 30, Boot: true,
	})
}

// askedWorlds are worlds that are asked for one thing, while a role is about to be
// claimed, given up or disputed.
func askedWorlds() []exploreWorld {
	rules := exploretest.Faulty(2, explore.FaultStop)
	slow, together := rules, rules
	slow.Work = 5 * time.Second
	together.Kinds, together.Told, together.Claims = 0, true, true
	input := func(line string) []ownInput {
		for _, o := range operator(vrrp.V2) {
			if o.Line == line {
				return []ownInput{o}
			}
		}
		return nil
	}
	return []exploreWorld{
		// A Backup that is about to preempt is told not to.
		{Name: "resigns", Nodes: pairOfRouters(), Inputs: input("resign 10s"), Rules: rules, Depth: 12, Boot: true},
		{Name: "gets worse", Nodes: pairOfRouters(), Inputs: input("priority to=50"), Rules: rules, Depth: 12, Boot: true},
		{Name: "must not preempt", Nodes: routers([]uint8{200, 100}, second), Inputs: input("reconfigure nopreempt"), Rules: rules, Depth: 12, Boot: true},
		// The successor is heard before the goodbye is said.
		{Name: "says goodbye late", Nodes: routers([]uint8{200, 100}, releaseFirst), Rules: slow, Depth: 12, Boot: true},
		// Three become Active together, and all announce the addresses.
		{Name: "three become Active together", Nodes: routers([]uint8{100, 100, 100}), Rules: together, Depth: 9},
	}
}
