// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/protocoltest"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vrrp"
)

// service is a condition that a test makes good or bad.
type service struct {
	*track.Tracker
	bad  atomic.Bool
	runs atomic.Int64
}

var errService = errors.New("service is down")

// follow returns a tracker of a service that is good.
func follow(t *testing.T, change ...func(*track.Config)) *service {
	t.Helper()
	s := &service{}
	cfg := track.Config{Name: "web", Phase: time.Second, Check: func(context.Context) error {
		s.runs.Add(1)
		if s.bad.Load() {
			return errService
		}
		return nil
	}}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	if s.Tracker, err = track.New(cfg); err != nil {
		t.Fatal(err)
	}
	return s
}

// watched returns a change that adds a condition.
func watched(s *service, a track.Action) func(*vrrp.VirtualRouterConfig) {
	return func(c *vrrp.VirtualRouterConfig) {
		c.Trackers = append(c.Trackers, track.Track{Tracker: s.Tracker, Action: a})
	}
}

// tracking is two routers of priorities 200 and 100 that run, the first of them with
// a condition.
func tracking(t *testing.T, s *service, a track.Action, change ...func(*vrrp.Config)) (first, second *running) {
	t.Helper()
	lan := netiftest.New(netiftest.Config{Delay: 100 * time.Microsecond})
	first = run(t, newNode(t, lan, "192.0.2.1/24", v3(append(change, priority(200))...), watched(s, a)))
	second = run(t, newNode(t, lan, "192.0.2.2/24", v3(append(change, priority(100))...)))
	time.Sleep(5 * time.Second)
	wantStates(t, []*node{first.node, second.node}, vrrp.Active, vrrp.Backup)
	return first, second
}

// stopAll ends routers.
func stopAll(t *testing.T, all ...*running) {
	t.Helper()
	for _, r := range all {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	}
}

// keepalived.conf(5), track_script with a negative weight: it is taken away while the
// condition is down, and what was configured is what there is again afterwards.
func TestTrackWeightMovesTheRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := follow(t)
		a, b := tracking(t, s, track.Action{Weight: -150})
		s.bad.Store(true)
		time.Sleep(5 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Backup, vrrp.Active)
		if got := a.virtual.Status(); got.Priority != 50 || got.Weight != -150 || !errors.Is(got.Trackers[0].Err, errService) {
			t.Errorf("%+v", got)
		}
		if why := a.last(); why.Reason != vrrp.ReasonHigherPriority {
			t.Errorf("%v", why)
		}
		s.bad.Store(false)
		time.Sleep(5 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Active, vrrp.Backup)
		if got := a.virtual.Status().Priority; got != 200 {
			t.Errorf("priority %d", got)
		}
		stopAll(t, a, b)
	})
}

// The priority is derived: from what is configured or set and from the weights, kept
// between 1 and 254 (KA#942), and that of an address owner is 255.
func TestTrackWeightIsBounded(t *testing.T) {
	for _, c := range []struct {
		name   string
		base   uint8
		action track.Action
		bad    bool
		want   uint8
	}{
		{"added while up", 100, track.Action{Weight: 20}, false, 120},
		{"not while down", 100, track.Action{Weight: 20}, true, 100},
		{"not taken while up", 100, track.Action{Weight: -20}, false, 100},
		{"taken while down", 100, track.Action{Weight: -20}, true, 80},
		{"reversed", 100, track.Action{Weight: 20, Reverse: true}, false, 80},
		{"never 0", 100, track.Action{Weight: -200}, true, 1},
		{"never 255", 100, track.Action{Weight: 200}, false, 254},
		{"owner", 255, track.Action{Weight: -200}, true, 255},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := follow(t)
				s.bad.Store(c.bad)
				n := run(t, newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3(priority(c.base)), watched(s, c.action)))
				time.Sleep(5 * time.Second)
				if got := n.virtual.Status(); got.Priority != c.want || got.State != vrrp.Active {
					t.Errorf("%v, priority %d, want %d", got.State, got.Priority, c.want)
				}
				stopAll(t, n)
			})
		})
	}
}

// keepalived.conf(5), track_script without a weight: a fault leaves the election, and
// says why; it hands over as planned.
func TestTrackFaultLeavesTheElection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := follow(t)
		a, b := tracking(t, s, track.Action{Fault: true})
		s.bad.Store(true)
		time.Sleep(1700 * time.Millisecond) // a second for the check, and skew time
		synctest.Wait()
		wantStates(t, []*node{a.node, b.node}, vrrp.Initialize, vrrp.Active)
		if why := a.last(); why.Reason != vrrp.ReasonTracker || why.By != "web" || why.String() != "Active -> Initialize: tracked condition (web)" {
			t.Errorf("%v", why)
		}
		if got := a.virtual.Status(); got.Barred != vrrp.ReasonTracker || got.BarredBy != "web" {
			t.Errorf("%+v", got)
		}
		if err := a.virtual.Force(0); !errors.Is(err, vrrp.ErrNotReady) {
			t.Errorf("Force = %v", err)
		}
		s.bad.Store(false)
		time.Sleep(6 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Active, vrrp.Backup)
		stopAll(t, a, b)
	})
}

// KA#2379: where nobody preempts a weight moves nothing, and Resign does, once.
func TestTrackResignMovesWhereNobodyPreempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := follow(t)
		a, b := tracking(t, s, track.Action{Weight: -150}, noPreempt)
		s.bad.Store(true)
		time.Sleep(10 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Active, vrrp.Backup)
		s.bad.Store(false)
		time.Sleep(2 * time.Second)
		if err := a.virtual.SetTrackers(track.Track{Tracker: s.Tracker, Action: track.Action{Resign: true}}); err != nil {
			t.Fatal(err)
		}
		s.bad.Store(true)
		time.Sleep(10 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Backup, vrrp.Active)
		if why := a.last(); why.Reason != vrrp.ReasonTracker || why.By != "web" {
			t.Errorf("%v", why)
		}
		if err := b.Stop(); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second) // nobody else is there
		wantStates(t, []*node{a.node}, vrrp.Active)
		stopAll(t, a)
	})
}

// What isn't known yet keeps a virtual router out of the election, and doesn't move
// one that takes part.
func TestTrackUnknown(t *testing.T) {
	slow := func(c *track.Config) {
		c.Timeout = 20 * time.Second
		c.Check = func(ctx context.Context) error {
			select {
			case <-time.After(10 * time.Second):
			case <-ctx.Done():
			}
			return ctx.Err()
		}
	}
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		a := run(t, newNode(t, lan, "192.0.2.1/24", v3(), watched(follow(t, slow), track.Action{Fault: true})))
		time.Sleep(9 * time.Second)
		wantStates(t, []*node{a.node}, vrrp.Initialize)
		time.Sleep(5 * time.Second)
		wantStates(t, []*node{a.node}, vrrp.Active)

		more := follow(t, slow)
		if err := a.virtual.SetTrackers(track.Track{Tracker: more.Tracker, Action: track.Action{Fault: true}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		wantStates(t, []*node{a.node}, vrrp.Active)
		if got := a.virtual.Status().Trackers; len(got) != 1 || got[0].Reading.State != track.Unknown {
			t.Errorf("%+v", got)
		}
		stopAll(t, a)
	})
}

// One check runs for all virtual routers that depend on it, and for none when none
// does.
func TestTrackerRunsOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := follow(t)
		a, b := tracking(t, s, track.Action{Weight: -1})
		c := run(t, newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.3/24", v3(), watched(s, track.Action{Fault: true})))
		time.Sleep(time.Second / 2) // between two runs
		before := s.runs.Load()
		time.Sleep(10 * time.Second)
		if n := s.runs.Load() - before; n != 10 {
			t.Errorf("%d runs in 10 s", n)
		}
		wantStates(t, []*node{c.node}, vrrp.Active)
		stopAll(t, a, b)
		time.Sleep(2 * time.Second)
		if err := c.virtual.SetTrackers(); err != nil {
			t.Fatal(err)
		}
		before = s.runs.Load()
		time.Sleep(10 * time.Second)
		if n := s.runs.Load() - before; n != 0 {
			t.Errorf("%d runs for nobody", n)
		}
		stopAll(t, c)
	})
}

// A check that hangs delays no advertisement, is a failure at its time-out, and Run
// waits for it no longer than that.
func TestTrackerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		s := follow(t, func(c *track.Config) {
			c.Timeout, c.Initial = 3*time.Second, track.Up
			c.Check = func(context.Context) error { <-release; return nil }
		})
		lan := netiftest.New(netiftest.Config{})
		n := newNode(t, lan, "192.0.2.1/24", v3(priority(200)), watched(s, track.Action{Weight: -10}))
		g := protocoltest.Watch(lan, n.host)
		a := run(t, n)
		time.Sleep(30 * time.Second)
		g.WantAll(t, time.Second, 0)
		got := a.virtual.Status()
		if got.Priority != 190 || !got.Trackers[0].Hung || !errors.Is(got.Trackers[0].Err, context.DeadlineExceeded) {
			t.Errorf("%+v", got)
		}
		begun := time.Now()
		stopAll(t, a)
		if took := time.Since(begun); took > 4*time.Second {
			t.Errorf("stopped after %v", took)
		}
	})
}

// Several conditions at once, changed while Active: each is what it is asked to be,
// and the state stays.
func TestSetTrackersKeepsTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := follow(t)
		a, b := tracking(t, s, track.Action{Weight: -50})
		other := follow(t, func(c *track.Config) { c.Name = "uplink" })
		s.bad.Store(true)
		time.Sleep(2 * time.Second)
		keep := track.Track{Tracker: s.Tracker, Action: track.Action{Weight: -20}}
		if err := a.virtual.SetTrackers(keep, track.Track{Tracker: other.Tracker, Action: track.Action{Weight: 7}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if got := a.virtual.Status(); got.Priority != 187 || len(got.Trackers) != 2 || got.Stats.BecameActive != 1 {
			t.Errorf("%+v", got)
		}
		if err := a.virtual.SetPriority(150); err != nil {
			t.Fatal(err)
		}
		if got := a.virtual.Status().Priority; got != 137 {
			t.Errorf("set to %d", got)
		}
		for name, list := range map[string][]track.Track{
			"twice": {keep, keep}, "none": {{}}, "weight": {{Tracker: s.Tracker, Action: track.Action{Weight: 255}}},
			"no name": {{Tracker: follow(t, func(c *track.Config) { c.Name = "" }).Tracker}},
		} {
			var value *vrrp.ValueError
			if err := a.virtual.SetTrackers(list...); !errors.As(err, &value) || len(a.virtual.Status().Trackers) != 2 {
				t.Errorf("%s: %v", name, err)
			}
		}
		stopAll(t, a, b)
	})
}

// KA#2379, KA#2483: a weight without preemption is warned of, once.
func TestTrackWeightWithoutPreemptionIsWarnedOf(t *testing.T) {
	for name, c := range map[string]struct {
		action track.Action
		config vrrp.Config
		want   int
	}{
		"no preemption": {track.Action{Weight: -50}, v3(noPreempt), 1},
		"preemption":    {track.Action{Weight: -50}, v3(), 0},
		"resigns":       {track.Action{Weight: -50, Resign: true}, v3(noPreempt), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			host := netiftest.New(netiftest.Config{}).Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
			router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			cfg := vrrp.VirtualRouterConfig{Config: c.config, Link: "eth0"}
			watched(follow(t), c.action)(&cfg)
			if _, err := router.Add(cfg); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if err := router.Run(ctx); err != nil {
				t.Error(err)
			}
			if n := strings.Count(log.String(), "moves nothing"); n != c.want {
				t.Errorf("%s: %d warnings in\n%s", name, n, &log)
			}
		})
	}
}

// unbound is a network that can't be waited for.
type unbound struct{ *netiftest.Network }

func (unbound) Bind() (func(), error) { return nil, errService }

// A router that can't run leaves no tracker behind: the bubble ends only when no goroutine
// is left.
func TestTrackersEndWithARouterThatCannotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := netiftest.New(netiftest.Config{}).Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: unbound{host.Network()}})
		if err != nil {
			t.Fatal(err)
		}
		cfg := vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"}
		watched(follow(t), track.Action{Fault: true})(&cfg)
		if _, err := router.Add(cfg); err != nil {
			t.Fatal(err)
		}
		if err := router.Run(t.Context()); !errors.Is(err, errService) {
			t.Errorf("Run = %v", err)
		}
	})
}
