// SPDX-License-Identifier: Apache-2.0

package exploretest

import (
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
)

// How long a packet takes at most: in most worlds, and where the network is slow.
const (
	Fast = 20 * time.Millisecond
	Slow = 400 * time.Millisecond
)

// Healthy returns the rules of worlds in which no packet is lost, and two are Active for
// as long as one takes.
func Healthy(delay time.Duration) explore.Rules {
	return explore.Rules{Delay: delay, Races: true, Kinds: explore.FaultPause, Faults: 3, TwoActive: delay}
}

// Told returns the same where the neighbours are to know the way.
func Told() explore.Rules {
	r := Healthy(Fast)
	r.Told, r.Claims = true, true
	return r
}

// Stops returns the same where members are stopped and started.
func Stops() explore.Rules {
	r := Told()
	r.Kinds, r.Faults = explore.FaultPause|explore.FaultStop, 4
	return r
}

// Faulty returns the rules of worlds in which so many of these faults can happen.
func Faulty(faults int, kinds explore.Fault) explore.Rules {
	return explore.Rules{Delay: Fast, Kinds: kinds, Faults: faults}
}

// Lossy returns those where the network is to blame, and packets overtake each other.
func Lossy() explore.Rules {
	r := Faulty(4, explore.FaultDrop|explore.FaultDuplicate|explore.FaultIsolate)
	r.Reorder = true
	return r
}

// Options returns those in which the options of a configuration are tried.
func Options() explore.Rules { return Faulty(2, explore.AllFaults&^explore.FaultDuplicate) }

// Asked returns those in which members are asked for something.
func Asked(faults int) explore.Rules {
	return Faulty(faults, explore.FaultPause|explore.FaultStop|explore.FaultDrop)
}

// Work returns those of hand-overs in which address work takes so long at most.
func Work(work time.Duration) explore.Rules {
	r := Faulty(2, explore.FaultStop|explore.FaultLink|explore.FaultFail|explore.FaultFreeze|explore.FaultWill)
	r.Work = work
	return r
}

// Claims returns those of hand-overs in which everybody hears announcements.
func Claims() explore.Rules {
	r := Work(0)
	r.Claims, r.Told, r.Kinds = true, true, r.Kinds&^explore.FaultFreeze
	return r
}

// Split returns those of a network that is cut in two and heals.
func Split() explore.Rules {
	r := Faulty(1, explore.FaultIsolate)
	r.Told = true
	return r
}

// Deep returns worlds in which everything can go wrong in every state, beginning with
// none of the programs started. In some the faults are bounded, so that it can be gone
// far from each; where they are not, each state has all of them.
func (*Protocol[M, C, A, P]) Deep(pair, three []C) []World[M, C, A, P] {
	rules := func(faults int) explore.Rules { return Faulty(faults, explore.AllFaults) }
	return []World[M, C, A, P]{
		{Name: "two faults in a pair", Nodes: pair, Rules: rules(2), Depth: 14, Long: 20},
		{Name: "three faults in a pair", Nodes: pair, Rules: rules(3), Depth: 11, Long: 14},
		{Name: "two faults in three", Nodes: three, Rules: rules(2), Depth: 9, Long: 11},
		{Name: "any number of faults in a pair", Nodes: pair, Rules: rules(explore.AnyNumber), Depth: 8, Long: 9},
		{Name: "any number of faults in three", Nodes: three, Rules: rules(explore.AnyNumber), Depth: 7, Long: 8},
	}
}

// HandOvers returns worlds in which address work takes time, everybody hears
// announcements, or the network is cut in two. releaseFirst changes a configuration.
func (*Protocol[M, C, A, P]) HandOvers(pair, three []C, releaseFirst func(*C)) []World[M, C, A, P] {
	const slow, forever = 300 * time.Millisecond, 5 * time.Second
	changed := func(list []C) []C {
		list = append([]C(nil), list...)
		for i := range list {
			releaseFirst(&list[i])
		}
		return list
	}
	first, firstOfThree := changed(pair), changed(three)
	return []World[M, C, A, P]{
		{Name: "announcements", Nodes: pair, Rules: Claims(), Depth: 9, Long: 13, Boot: true},
		{Name: "split", Nodes: pair, Rules: Split(), Depth: 30, Long: 30, Boot: true},
		{Name: "split of three", Nodes: three, Rules: Split(), Depth: 14, Long: 18, Boot: true},
		{Name: "slow addresses", Nodes: pair, Rules: Work(slow), Depth: 8, Long: 13, Boot: true},
		{Name: "release first", Nodes: first, Rules: Work(0), Depth: 9, Long: 13, Boot: true},
		{Name: "release first, slow addresses", Nodes: first, Rules: Work(slow), Depth: 9, Long: 13, Boot: true},
		{Name: "release first, addresses that take for ever", Nodes: first, Rules: Work(forever), Depth: 7, Long: 11, Boot: true},
		{Name: "release first of three", Nodes: firstOfThree, Rules: Work(forever), Depth: 5, Long: 9, Boot: true},
	}
}
