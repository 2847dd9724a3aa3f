// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
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

func exploreWorlds() []exploreWorld {
	var list []exploreWorld
	for _, worlds := range [][]exploreWorld{deepWorlds(), healthyWorlds(), faultyWorlds(), optionWorlds(), operatorWorlds(), addressWorlds()} {
		list = append(list, worlds...)
	}
	return list
}

// In a healthy world no packet is lost, and each arrives within a bound that is
// less than an interval. Two routers are Active at the same time when their timers
// run out within that bound of each other, as those of equal priority that start
// together do: RFC 9568 has nothing against that. The first advertisement of the
// better one ends it, so that the bound is how long it lasts at most. Whatever else
// two Active routers can come of is a fault.
func healthyWorlds() []exploreWorld {
	const fast, slow = 20 * time.Millisecond, 400 * time.Millisecond
	rules := func(delay time.Duration) explore.Rules {
		return explore.Rules{Delay: delay, Races: true, Kinds: explore.FaultPause, Faults: 3, TwoActive: delay}
	}
	told := rules(fast)
	told.Told, told.Claims = true, true
	stops := told
	stops.Kinds, stops.Faults = explore.FaultPause|explore.FaultStop, 4
	return []exploreWorld{
		{name: "healthy pair", nodes: routers([]uint8{200, 100}), rules: rules(fast), depth: 60, long: 60},
		{name: "healthy pair, slow network", nodes: routers([]uint8{200, 100}), rules: rules(slow), depth: 60, long: 60},
		{name: "healthy equals", nodes: routers([]uint8{100, 100}), rules: rules(fast), depth: 60, long: 60},
		{name: "healthy equals, slow network", nodes: routers([]uint8{100, 100}), rules: rules(slow), depth: 60, long: 60},
		{name: "healthy pair, version 2", nodes: routers([]uint8{200, 100}, second), rules: rules(fast), depth: 60, long: 60},
		{name: "healthy equals, version 2", nodes: routers([]uint8{100, 100}, second), rules: rules(fast), depth: 60, long: 60},
		{name: "healthy pair, announcements", nodes: routers([]uint8{200, 100}), rules: told, depth: 24, long: 60},
		{name: "healthy equals, announcements", nodes: routers([]uint8{100, 100}), rules: told, depth: 24, long: 60},
		{name: "healthy three", nodes: routers([]uint8{200, 100, 50}), rules: told, depth: 13, long: 20},
		{name: "healthy three equals", nodes: routers([]uint8{100, 100, 100}), rules: rules(fast), depth: 9, long: 18},
		{name: "healthy stops", nodes: routers([]uint8{200, 100}), rules: stops, depth: 9, long: 16, boot: true},
		{name: "healthy stops of three", nodes: routers([]uint8{200, 100, 50}), rules: stops, depth: 6, long: 11, boot: true},
	}
}

// In these worlds everything can go wrong in every state, beginning with none of the
// programs started. In some the faults are bounded, so that it can be gone far from
// each; where they are not, each state has all of them.
func deepWorlds() []exploreWorld {
	pair, three := routers([]uint8{200, 100}), routers([]uint8{200, 100, 50})
	rules := func(faults int) explore.Rules {
		return explore.Rules{Delay: 20 * time.Millisecond, Kinds: explore.AllFaults, Faults: faults}
	}
	return []exploreWorld{
		{name: "two faults in a pair", nodes: pair, rules: rules(2), depth: 14, long: 20},
		{name: "three faults in a pair", nodes: pair, rules: rules(3), depth: 11, long: 14},
		{name: "two faults in three", nodes: three, rules: rules(2), depth: 9, long: 11},
		{name: "any number of faults in a pair", nodes: pair, rules: rules(explore.AnyNumber), depth: 8, long: 9},
		{name: "any number of faults in three", nodes: three, rules: rules(explore.AnyNumber), depth: 7, long: 8},
	}
}

// In a faulty world everything can go wrong, a few times, with routers that run and
// have settled.
func faultyWorlds() []exploreWorld {
	rules := func(faults int, kinds explore.Fault) explore.Rules {
		return explore.Rules{Delay: 20 * time.Millisecond, Kinds: kinds, Faults: faults}
	}
	lossy := rules(4, explore.FaultDrop|explore.FaultDuplicate|explore.FaultIsolate)
	lossy.Reorder = true
	return []exploreWorld{
		{name: "pair", nodes: routers([]uint8{200, 100}), rules: rules(3, explore.AllFaults), depth: 6, long: 10, boot: true},
		{name: "pair, twice", nodes: routers([]uint8{200, 100}), rules: rules(2, explore.AllFaults), depth: 10, long: 14, boot: true},
		{name: "equals", nodes: routers([]uint8{100, 100}), rules: rules(3, explore.AllFaults), depth: 5, long: 9, boot: true},
		{name: "pair, version 2", nodes: routers([]uint8{200, 100}, second), rules: rules(3, explore.AllFaults), depth: 5, long: 9, boot: true},
		{name: "three", nodes: routers([]uint8{200, 100, 50}), rules: rules(2, explore.AllFaults), depth: 6, long: 10, boot: true},
		{name: "three, version 2", nodes: routers([]uint8{200, 100, 50}, second), rules: rules(2, explore.AllFaults), depth: 5, long: 9, boot: true},
		{name: "lossy pair", nodes: routers([]uint8{200, 100}), rules: lossy, depth: 12, long: 20, boot: true},
		{name: "lossy three", nodes: routers([]uint8{200, 100, 50}), rules: lossy, depth: 7, long: 10, boot: true},
	}
}

// The options of the configuration, and roles of their own.
func optionWorlds() []exploreWorld {
	rules := explore.Rules{Delay: 20 * time.Millisecond, Kinds: explore.AllFaults &^ explore.FaultDuplicate, Faults: 2}
	world := func(name string, nodes []vrrp.Config) exploreWorld {
		return exploreWorld{name: name, nodes: nodes, rules: rules, depth: 8, long: 10, boot: true}
	}
	return []exploreWorld{
		world("no preemption", routers([]uint8{200, 100}, noPreempt)),
		world("preempt delay", routers([]uint8{200, 100}, preemptDelay)),
		world("startup hold", routers([]uint8{200, 100}, startupHold)),
		world("eager start", routers([]uint8{200, 100}, eager)),
		world("owner", routers([]uint8{255, 100})),
		world("owner, version 2", routers([]uint8{255, 100}, second)),
		world("owner adds", routers([]uint8{255, 100}, ownerAdds)),
		world("intervals", faster(routers([]uint8{200, 100}))),
		world("intervals, the worse is faster", faster(routers([]uint8{100, 200}))),
		world("bursts and refreshes", routers([]uint8{200, 100}, bursts)),
	}
}

// What operators and strangers ask of routers.
func operatorWorlds() []exploreWorld {
	rules := func(faults int) explore.Rules {
		return explore.Rules{Delay: 20 * time.Millisecond, Kinds: explore.FaultPause | explore.FaultStop | explore.FaultDrop, Faults: faults}
	}
	late := rules(2) // of two that are forced, one is no longer while it waits for the other's advertisement
	late.TwoActive = 2*time.Second + late.Delay
	return []exploreWorld{
		{name: "operator", nodes: routers([]uint8{200, 100}), inputs: operator(vrrp.V3), rules: rules(3), depth: 4, long: 9, boot: true},
		{name: "operator, twice", nodes: routers([]uint8{200, 100}), inputs: operator(vrrp.V3), rules: rules(2), depth: 8, long: 13, boot: true},
		{name: "operator, no preemption", nodes: routers([]uint8{200, 100}, noPreempt), inputs: operator(vrrp.V3), rules: rules(2), depth: 7, long: 11, boot: true},
		{name: "operator, preempt delay", nodes: routers([]uint8{200, 100}, preemptDelay), inputs: operator(vrrp.V3), rules: rules(2), depth: 7, long: 11, boot: true},
		{name: "operator of equals", nodes: routers([]uint8{254, 254}), inputs: operator(vrrp.V3), rules: rules(2), depth: 7, long: 11, boot: true},
		{name: "operator, version 2", nodes: routers([]uint8{200, 100}, second), inputs: operator(vrrp.V2), rules: late, depth: 8, long: 12, boot: true},
		{name: "operator of three", nodes: routers([]uint8{200, 100, 50}), inputs: operator(vrrp.V3), rules: rules(2), depth: 4, long: 8, boot: true},
		{name: "strangers", nodes: routers([]uint8{200, 100}), inputs: strangers(), slowest: strangeInterval, rules: rules(2), depth: 9, long: 13, boot: true},
		{name: "strangers, version 2", nodes: routers([]uint8{200, 100}, second), inputs: strangers(), slowest: strangeInterval, rules: rules(2), depth: 9, long: 13, boot: true},
	}
}

// Hand-overs in which address work takes time or everybody hears announcements, and
// a network that is cut in two and heals.
func addressWorlds() []exploreWorld {
	rules := func(work time.Duration) explore.Rules {
		return explore.Rules{Delay: 20 * time.Millisecond, Work: work,
			Kinds: explore.FaultStop | explore.FaultLink | explore.FaultFail | explore.FaultFreeze | explore.FaultWill, Faults: 2}
	}
	claims, split := rules(0), rules(0)
	claims.Claims, claims.Told, claims.Kinds = true, true, claims.Kinds&^explore.FaultFreeze
	split.Told, split.Kinds, split.Faults = true, explore.FaultIsolate, 1
	const slow, forever = 300 * time.Millisecond, 5 * time.Second
	return []exploreWorld{
		{name: "announcements", nodes: routers([]uint8{200, 100}), rules: claims, depth: 9, long: 13, boot: true},
		{name: "split", nodes: routers([]uint8{200, 100}), rules: split, depth: 30, long: 30, boot: true},
		{name: "split, version 2", nodes: routers([]uint8{200, 100}, second), rules: split, depth: 30, long: 30, boot: true},
		{name: "split of three", nodes: routers([]uint8{200, 100, 50}), rules: split, depth: 14, long: 18, boot: true},
		{name: "slow addresses", nodes: routers([]uint8{200, 100}), rules: rules(slow), depth: 8, long: 13, boot: true},
		{name: "release first", nodes: routers([]uint8{200, 100}, releaseFirst), rules: rules(0), depth: 9, long: 13, boot: true},
		{name: "release first, slow addresses", nodes: routers([]uint8{200, 100}, releaseFirst), rules: rules(slow), depth: 9, long: 13, boot: true},
		{name: "release first, addresses that take for ever", nodes: routers([]uint8{200, 100}, releaseFirst), rules: rules(forever), depth: 7, long: 11, boot: true},
		{name: "release first of three", nodes: routers([]uint8{200, 100, 50}, releaseFirst), rules: rules(forever), depth: 5, long: 9, boot: true},
	}
}

// askedWorlds are worlds that are asked for one thing, while a role is about to be
// claimed, given up or disputed.
func askedWorlds() []exploreWorld {
	rules := explore.Rules{Delay: 20 * time.Millisecond, Kinds: explore.FaultStop, Faults: 2}
	slow, together := rules, rules
	slow.Work = 5 * time.Second
	together.Kinds, together.Told, together.Claims = 0, true, true
	input := func(line string) []ownInput {
		for _, o := range operator(vrrp.V2) {
			if o.line == line {
				return []ownInput{o}
			}
		}
		return nil
	}
	return []exploreWorld{
		// A Backup that is about to preempt is told not to.
		{name: "resigns", nodes: routers([]uint8{200, 100}), inputs: input("resign 10s"), rules: rules, depth: 12, boot: true},
		{name: "gets worse", nodes: routers([]uint8{200, 100}), inputs: input("priority to=50"), rules: rules, depth: 12, boot: true},
		{name: "must not preempt", nodes: routers([]uint8{200, 100}, second), inputs: input("reconfigure nopreempt"), rules: rules, depth: 12, boot: true},
		// The successor is heard before the goodbye is said.
		{name: "says goodbye late", nodes: routers([]uint8{200, 100}, releaseFirst), rules: slow, depth: 12, boot: true},
		// Three become Active together, and all announce the addresses.
		{name: "three become Active together", nodes: routers([]uint8{100, 100, 100}), rules: together, depth: 9},
	}
}
