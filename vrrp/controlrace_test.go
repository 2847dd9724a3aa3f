// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Everything can be asked for from any goroutine, at any time, and leaves the members of
// a group in one state when it is over.
func TestControlFromAnyGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: 100 * time.Microsecond})
		a, b := newRig(t, lan, 1, 200, "4", "6", "x"), newRig(t, lan, 2, 100, "4", "6", "x")
		s := follow(t)
		var ends []func()
		for _, r := range []*rig{a, b} {
			r.group(vrrp.GroupConfig{}, "4", "6", "x")
			ends = append(ends, r.run())
		}
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() { a.pester(rand.New(rand.NewPCG(uint64(i), 1)), s) })
		}
		all.Wait()
		for _, v := range a.virtual {
			for _, err := range []error{v.Maintenance(false), v.SetTrackers(), v.SetPriority(200)} {
				if err != nil {
					t.Error(err)
				}
			}
			_ = groupOf(t, a).Join(v) // one that has left
		}
		s.bad.Store(false)
		time.Sleep(time.Minute)
		a.is(allActive)
		b.is(allBackup)
		for _, end := range ends {
			end()
		}
	})
}

// run runs the router, and returns what ends it.
func (r *rig) run() (end func()) {
	started := run(r.t.(*testing.T), &node{router: r.router})
	return func() {
		if err := started.Stop(); err != nil {
			r.t.Error(err)
		}
	}
}

// pester asks for one thing after the other.
func (r *rig) pester(random *rand.Rand, s *service) {
	g, names := r.groups[0], []string{"4", "6", "x"}
	for range 100 {
		v := r.virtual[names[random.IntN(3)]]
		switch random.IntN(9) {
		case 0:
			_ = v.Maintenance(random.IntN(2) == 0)
		case 1:
			_ = v.Resign(time.Second)
		case 2:
			_ = v.Force(time.Second)
		case 3:
			_ = v.SetPriority(uint8(1 + random.IntN(254)))
		case 4:
			_ = v.SetTrackers(track.Track{Tracker: s.Tracker, Action: track.Action{Fault: true, Resign: true}})
		case 5:
			_ = g.Leave(v)
		case 6:
			_ = g.Join(v)
		case 7:
			_ = g.SetPolicy(vrrp.GroupPolicy(random.IntN(2)), 0)
		case 8:
			_, _ = g.Status(), v.Status()
		}
		s.bad.Store(random.IntN(2) == 0)
		time.Sleep(time.Duration(random.IntN(500)) * time.Millisecond)
	}
	_ = g.SetPolicy(vrrp.GroupAll, 0)
}
