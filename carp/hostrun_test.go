// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/protocoltest"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// running is a host that runs on a goroutine of its own.
type running struct {
	*node
	*protocoltest.Running
}

// run starts a node's host.
func run(t *testing.T, n *node) *running { return &running{n, protocoltest.Run(t, n.carp.Run)} }

// The bubble ends only when no goroutine is left.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: 100 * time.Microsecond})
		a := run(t, newNode(t, lan, 1, config(timing(1, 0), five)))
		b := run(t, newNode(t, lan, 2, config(five)))
		time.Sleep(5 * time.Second)
		wantStates(t, []*node{a.node, b.node}, carp.Master, carp.Backup)

		stopped := time.Now()
		if err := a.Stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(stopped); took > 10*time.Millisecond || len(a.addrs.Held()) > 0 {
			t.Errorf("stopped after %v, holds %v", took, a.addrs.Held())
		}
		wantStates(t, []*node{b.node}, carp.Master)
		wantOwner(t, lan, b.node)
		if err := b.Stop(); err != nil { // nobody to hand over to
			t.Errorf("Run = %v", err)
		}
		if len(b.addrs.Held()) > 0 {
			t.Errorf("left behind: %v", b.addrs.Held())
		}
		wantClosed(t, b.node)
	})
}

// wantClosed checks what can't be done after Run.
func wantClosed(t *testing.T, n *node) {
	t.Helper()
	for name, err := range map[string]error{
		"Run":         n.carp.Run(t.Context()),
		"Resign":      n.virtual.Resign(0),
		"Force":       n.virtual.Force(0),
		"Demote":      n.virtual.Demote("test", 1),
		"Undemote":    n.virtual.Undemote("test"),
		"Reconfigure": n.virtual.Reconfigure(n.cfg),
		"Remove":      n.virtual.Remove(t.Context()),
	} {
		if !errors.Is(err, carp.ErrClosed) {
			t.Errorf("%s = %v", name, err)
		}
	}
	if _, err := n.carp.Add(n.cfg); !errors.Is(err, carp.ErrClosed) {
		t.Errorf("Add = %v", err)
	}
	n.carp.Demote("test", 1)
	n.carp.Undemote("test")
}

func TestSlowBackendDoesNotDelayAdvertisements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		n := newNode(t, lan, 1, config(timing(1, 0), five))
		release := n.addrs.Block()
		g := protocoltest.Watch(lan, n.host)
		r := run(t, n)
		time.Sleep(9 * time.Second) // within the time-out of 10 s
		if n.state() != carp.Master {
			t.Errorf("state %v", n.state())
		}
		g.WantAll(t, time.Second, 0)
		release()
		synctest.Wait()
		wantStates(t, []*node{n}, carp.Master)
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestStuckBackendLosesTheRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, netiftest.New(netiftest.Config{}), 1, config(five))
		release := n.addrs.Block()
		r := run(t, n)
		time.Sleep(24 * time.Second) // it hangs in the removal at startup, too
		if got := n.history()[2]; got.Reason != carp.ReasonAddresses || !errors.Is(got.Err, context.DeadlineExceeded) {
			t.Errorf("%v", got)
		}
		release()
		time.Sleep(time.Minute)
		wantStates(t, []*node{n}, carp.Master)
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestRunTellsWhatIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, netiftest.New(netiftest.Config{}), 1, config(five))
		r := run(t, n)
		time.Sleep(5 * time.Second)
		n.addrs.Fail(os.ErrPermission, prefixes("2001:db8::100/64")...)
		if err := r.Stop(); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "carp: eth0 VHID 42: addresses left behind: ") || !strings.Contains(err.Error(), "2001:db8::100/64") {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, netiftest.New(netiftest.Config{}), 1, config())
		r := run(t, n)
		if err := n.carp.Run(t.Context()); !errors.Is(err, carp.ErrClosed) {
			t.Errorf("a second Run at the same time = %v", err)
		}
		n.carp.Stop()
		if err := r.Wait(); err != nil {
			t.Errorf("Run after Stop = %v", err)
		}
	})
}

func TestRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		n := newNode(t, lan, 1, config(five))
		r := run(t, n)
		cfg := carp.VirtualHostConfig{Link: "eth0", Config: config(func(c *carp.Config) { c.VHID, c.Addresses = 7, prefixes("192.0.2.7/24") })}
		second, err := n.carp.Add(cfg)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if got := second.Status(); got.State != carp.Master {
			t.Errorf("added while running: %v", got.State)
		}
		if err := n.virtual.Remove(t.Context()); err != nil {
			t.Error(err)
		}
		if len(n.addrs.Held()) > 0 || len(n.carp.VirtualHosts()) != 1 {
			t.Errorf("holds %v, %d virtual hosts", n.addrs.Held(), len(n.carp.VirtualHosts()))
		}
		if err := n.virtual.Remove(t.Context()); !errors.Is(err, carp.ErrClosed) {
			t.Errorf("second Remove = %v", err)
		}
		n.carp.Demote("the one that is left", 10)
		if d := second.Status().Demotion; d != 10 {
			t.Errorf("demoted by %d", d)
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestRemoveBeforeRun(t *testing.T) {
	n := newNode(t, netiftest.New(netiftest.Config{}), 1, config())
	if err := n.virtual.Remove(t.Context()); err != nil || len(n.carp.VirtualHosts()) != 0 {
		t.Errorf("Remove = %v, %d virtual hosts", err, len(n.carp.VirtualHosts()))
	}
}

func TestControlWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		a := run(t, newNode(t, lan, 1, config(timing(1, 0), five, preempt)))
		b := run(t, newNode(t, lan, 2, config(five, preempt)))
		want := func(states ...carp.State) {
			t.Helper()
			time.Sleep(10 * time.Second)
			wantStates(t, []*node{a.node, b.node}, states...)
		}
		want(carp.Master, carp.Backup)
		for _, step := range []struct {
			name   string
			do     func() error
			states []carp.State
		}{
			{"force", func() error { return b.virtual.Force(0) }, []carp.State{carp.Backup, carp.Master}},
			{"resign", func() error { return b.virtual.Resign(0) }, []carp.State{carp.Master, carp.Backup}},
			{"demote", func() error { return a.virtual.Demote("test", 101) }, []carp.State{carp.Backup, carp.Master}},
			{"undemote", func() error { return a.virtual.Undemote("test") }, []carp.State{carp.Master, carp.Backup}},
			{"demote all", func() error { a.carp.Demote("test", 101); return nil }, []carp.State{carp.Backup, carp.Master}},
			{"undemote all", func() error { a.carp.Undemote("test"); return nil }, []carp.State{carp.Master, carp.Backup}},
			{"advskew", func() error { a.cfg.AdvSkew = 200; return a.virtual.Reconfigure(a.cfg) }, []carp.State{carp.Backup, carp.Master}},
		} {
			if err := step.do(); err != nil {
				t.Fatal(step.name, err)
			}
			t.Log(step.name)
			want(step.states...)
		}
		if err := errors.Join(a.Stop(), b.Stop()); err != nil {
			t.Error(err)
		}
	})
}

// slowAnnouncer takes a second for each call, or until it is told to end.
type slowAnnouncer struct {
	mu    sync.Mutex
	begun []time.Time
}

func (s *slowAnnouncer) Announce(ctx context.Context, _ string, _ [6]byte, _ []netip.Addr) error {
	s.mu.Lock()
	s.begun = append(s.begun, time.Now())
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}

// The burst that is under way when a Master bows out ends there.
func TestNothingIsAnnouncedAfterTheBowOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		announcer := &slowAnnouncer{}
		n := newNodeOf(t, netiftest.New(netiftest.Config{}), 1, func(h *carp.HostConfig) { h.Announcer = announcer }, config(timing(1, 0), five))
		r := run(t, n)
		time.Sleep(5500 * time.Millisecond)
		if err := n.virtual.Resign(0); err != nil {
			t.Fatal(err)
		}
		resigned := time.Now()
		time.Sleep(2 * time.Second)
		for _, begun := range announcer.begun {
			if begun.After(resigned) {
				t.Errorf("announced %v after the bow-out", begun.Sub(resigned))
			}
		}
		if len(announcer.begun) != 3 || n.state() != carp.Backup {
			t.Errorf("%d announcements, %v", len(announcer.begun), n.state())
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// All methods may be called at once, while the host runs.
func TestConcurrentUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: 100 * time.Microsecond})
		a := run(t, newNode(t, lan, 1, config(timing(1, 0), five, preempt)))
		b := run(t, newNode(t, lan, 2, config(five, preempt)))
		cfg := a.cfg
		other := carp.VirtualHostConfig{Link: "eth0", Config: config(func(c *carp.Config) { c.VHID, c.Addresses = 7, prefixes("192.0.2.7/24") })}
		var users sync.WaitGroup
		for _, use := range []func() error{
			func() error { return a.virtual.Force(time.Second) },
			func() error { return a.virtual.Resign(time.Second) },
			func() error { return errors.Join(a.virtual.Demote("x", 50), a.virtual.Undemote("x")) },
			func() error { a.carp.Demote("y", 60); a.carp.Undemote("y"); return nil },
			func() error { return a.virtual.Reconfigure(cfg) },
			func() error { _, _, _ = a.virtual.Status(), a.carp.Stats(), a.carp.Demotions(); return nil },
			func() error {
				v, err := a.carp.Add(other)
				if err == nil {
					err = v.Remove(t.Context())
				}
				return err
			},
			func() error { return b.host.SetLink("eth0", time.Now().Second()%2 == 0) },
		} {
			users.Go(func() {
				for range 100 {
					if err := use(); err != nil && !errors.Is(err, carp.ErrNotReady) {
						t.Error(err)
					}
					time.Sleep(270 * time.Millisecond)
				}
			})
		}
		users.Wait()
		if err := b.host.SetLink("eth0", true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		wantStates(t, []*node{a.node, b.node}, carp.Master, carp.Backup)
		if d := a.virtual.Status().Demotion; d != 0 {
			t.Errorf("demoted by %d", d)
		}
		if err := errors.Join(a.Stop(), b.Stop()); err != nil {
			t.Error(err)
		}
	})
}
