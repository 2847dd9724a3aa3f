// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// walk is a random walk over the configurations of one program, a vrrp.Router or a
// carp.Host, that runs meanwhile as it does in a process: on goroutines, by the clock
// of a bubble.
type walk struct {
	Seed    uint64
	CARP    bool
	Latency time.Duration // of the backend
	Lease   bool          // it leases
	Peer    bool          // another host takes part in everything
	Steps   []step
}

// step is something that the program is asked for.
type step struct {
	Kind  stepKind
	Place int           `json:",omitempty"`
	Value uint64        `json:",omitempty"`
	Wait  time.Duration `json:",omitempty"` // after it
}

// stepKind is a kind of step.
type stepKind string

// The kinds of steps.
const (
	stepAdd         stepKind = "add"
	stepRemove      stepKind = "remove"      // and go on before that is done
	stepReplace     stepKind = "replace"     // by another one of the same identifier
	stepAddresses   stepKind = "addresses"   // from here to stepTrackers: one setting is another
	stepRank        stepKind = "rank"        //
	stepInterval    stepKind = "interval"    //
	stepPreempt     stepKind = "preempt"     //
	stepKeys        stepKind = "keys"        //
	stepPeers       stepKind = "peers"       //
	stepTrackers    stepKind = "trackers"    //
	stepAll         stepKind = "all"         // all of them are others
	stepSetTrackers stepKind = "settrackers" // by the call of that name, as the next one
	stepSetRank     stepKind = "setrank"     //
	stepWrong       stepKind = "wrong"       // a configuration that can't be
	stepTrip        stepKind = "trip"        // a condition is another
	stepJoin        stepKind = "join"        // the group
	stepLeave       stepKind = "leave"       // the group
	stepPolicy      stepKind = "policy"      // of the group is another
	stepMaintenance stepKind = "maintenance" //
	stepResign      stepKind = "resign"      //
	stepForce       stepKind = "force"       //
	stepCable       stepKind = "cable"       // that of the peer is pulled, or plugged in
)

// String is a line of a transcript.
func (s step) String() string { return fmt.Sprintf("%s place %d value %d", s.Kind, s.Place, s.Value) }

// places is how many virtual routers or virtual hosts there can be.
const places = 3

// wish is how one of them is configured.
type wish struct {
	Addresses uint8 // those of its pool, a bit for each
	Rank      uint8 // priority, for CARP 255 less advskew
	Interval  time.Duration
	NoPreempt bool
	Keys      uint8 // those that it has, a bit for each
	Peers     uint8 // those that are sent to instead of the group, likewise
	Trackers  uint8 // likewise
	Wrong     int   // what is wrong with it; 0: nothing
}

// stroller makes walks of a seed.
type stroller struct{ *rand.Rand }

// stroll returns the walk of a seed.
func stroll(seed uint64) *walk {
	g := stroller{rand.New(rand.NewPCG(seed, 2))}
	w := &walk{Seed: seed, CARP: g.IntN(2) == 0, Peer: g.IntN(2) == 0, Lease: g.IntN(3) == 0}
	w.Latency = one(g, 0, 0, 20*time.Millisecond, 700*time.Millisecond)
	for i := range places {
		w.Steps = append(w.Steps, w.first(i))
	}
	for range 10 + g.IntN(30) {
		w.Steps = append(w.Steps, step{g.kind(), g.IntN(places), g.Uint64(), g.pause()})
	}
	return w
}

// first returns the step that adds what has a place first, and the peer has, too.
func (w *walk) first(place int) step {
	return step{stepAdd, place, w.Seed + uint64(place), time.Duration(w.Seed%5) * time.Second}
}

// one returns one of a list.
func one[T any](g stroller, list ...T) T { return list[g.IntN(len(list))] }

// kind returns what is asked for, mostly another configuration.
func (g stroller) kind() stepKind {
	if g.IntN(2) == 0 {
		return one(g, stepAddresses, stepAddresses, stepRank, stepInterval, stepPreempt, stepKeys, stepPeers, stepTrackers, stepAll, stepWrong)
	}
	return one(g, stepAdd, stepAdd, stepRemove, stepReplace, stepSetTrackers, stepSetRank, stepTrip, stepTrip, stepJoin, stepJoin, stepLeave, stepPolicy,
		stepMaintenance, stepMaintenance, stepResign, stepForce, stepCable)
}

// pause returns how long to go on: often not at all, or not until work is done, and
// sometimes until everything is.
func (g stroller) pause() time.Duration {
	return one(g, 0, 0, time.Duration(g.Int64N(int64(100*time.Millisecond))), time.Duration(g.Int64N(int64(time.Second))), 2*time.Second, 5*time.Second)
}

// wish returns a configuration that can be, unless another one has an address of it.
func (g stroller) wish(carp bool) wish {
	w := wish{Rank: one[uint8](g, 50, 100, 150, 200), NoPreempt: g.IntN(3) == 0}
	w.Interval = one(g, time.Second, time.Second, 2*time.Second, 500*time.Millisecond)
	if carp {
		w.Interval = one(g, time.Second, time.Second, 2*time.Second)
	}
	w.Addresses = uint8(1 + g.IntN(15))
	if g.IntN(4) == 0 {
		w.Addresses |= uint8(g.IntN(4)) << 4
	}
	if g.IntN(3) == 0 {
		w.Keys = uint8(g.IntN(4))
	}
	if g.IntN(3) == 0 {
		w.Peers = uint8(g.IntN(4))
	}
	if g.IntN(2) == 0 {
		w.Trackers = uint8(g.IntN(8))
	}
	return w
}

// changed returns the configuration with what a step changes of it.
func (w wish) changed(s step, carp bool) wish {
	g := stroller{rand.New(rand.NewPCG(s.Value, 3))}
	n := g.wish(carp)
	switch s.Kind {
	case stepAddresses:
		w.Addresses = n.Addresses
	case stepRank, stepSetRank:
		w.Rank = n.Rank
	case stepInterval:
		w.Interval = n.Interval
	case stepPreempt:
		w.NoPreempt = !w.NoPreempt
	case stepKeys:
		w.Keys = uint8(g.IntN(4))
	case stepPeers:
		w.Peers = uint8(g.IntN(4))
	case stepTrackers, stepSetTrackers:
		w.Trackers = uint8(g.IntN(8))
	case stepWrong:
		n.Wrong = 1 + g.IntN(wrongs)
		return n
	case stepAll, stepAdd, stepReplace:
		return n
	}
	return w
}

// wrongs is how many ways there are to be wrong.
const wrongs = 10

// String writes a walk down.
func (w *walk) String() string {
	b, err := json.Marshal(w)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
