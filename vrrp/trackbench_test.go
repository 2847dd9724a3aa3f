// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vrrp"
)

// turning is a router with an Active virtual router that has n conditions, and is in a
// group with another one if grouped. It returns what advances it by an interval.
func turning(t testing.TB, n int, grouped bool) (turn func()) {
	t.Helper()
	lan := netiftest.New(netiftest.Config{})
	host := lan.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.2/24", "fe80::2/64")})
	now := epoch
	r, err := vrrp.NewRouter(vrrp.RouterConfig{Network: canned{host.Network(), higherPeer, nil}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	cfg := rigConfig("4", 100)
	for i := range n {
		tr, err := track.New(track.Config{Name: fmt.Sprint(i), Interval: time.Hour, Phase: time.Hour, Initial: track.Up,
			Check: func(context.Context) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Trackers = append(cfg.Trackers, track.Track{Tracker: tr, Action: track.Action{Weight: 1}})
	}
	var members []*vrrp.VirtualRouter
	for _, c := range []vrrp.VirtualRouterConfig{cfg, rigConfig("6", 100)} {
		v, err := r.Add(c)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, v)
	}
	if grouped {
		if _, err := r.NewGroup(vrrp.GroupConfig{Name: "g"}, members...); err != nil {
			t.Fatal(err)
		}
	}
	turn = func() {
		now = now.Add(time.Second)
		r.Turn()
	}
	turn()
	for _, c := range cfg.Trackers { // their first runs take memory
		for c.Tracker.Status().Runs == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	for range 100 {
		turn()
	}
	for _, v := range members {
		if s := v.Status(); s.State != vrrp.Active {
			t.Fatalf("%s is %v", s.Name, s.State)
		}
	}
	t.Cleanup(func() {
		r.Stop()
		for range 10 {
			turn()
		}
	})
	return turn
}

// Conditions and groups take no memory where nothing changes.
func TestTrackersAndGroupsDoNotAllocate(t *testing.T) {
	for _, grouped := range []bool{false, true} {
		if n := testing.AllocsPerRun(100, turning(t, 100, grouped)); n != 0 {
			t.Errorf("grouped %v: %v allocations in a turn", grouped, n)
		}
	}
}

// BenchmarkTurn is an interval of two Active virtual routers, with and without
// conditions and a group.
func BenchmarkTurn(b *testing.B) {
	for _, c := range []struct {
		conditions int
		grouped    bool
	}{{0, false}, {100, false}, {0, true}, {100, true}} {
		b.Run(fmt.Sprintf("conditions=%d,group=%v", c.conditions, c.grouped), func(b *testing.B) {
			turn := turning(b, c.conditions, c.grouped)
			b.ReportAllocs()
			for b.Loop() {
				turn()
			}
		})
	}
}
