// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// full is a network that can't send on its first port while it is told so.
type full struct {
	*netiftest.Network
	fails  bool
	why    error // default: no buffer space available
	queued []int // ports of what fails
}

func (n *full) Queue(port int, mac [6]byte, src, dst netip.Addr, payload []byte) {
	if n.fails && port == 0 {
		n.queued = append(n.queued, port)
		return
	}
	n.Network.Queue(port, mac, src, dst, payload)
}

func (n *full) Flush(f func(port int, err error)) {
	for _, port := range n.queued {
		f(port, cmp.Or(n.why, errors.New("no buffer space available")))
	}
	n.queued = nil
	n.Network.Flush(f)
}

// newFull makes a host of advskew 0 whose sending can be made to fail, beside one
// of advskew 100 that preempts.
func newFull(t *testing.T, tune func(*carp.HostConfig)) (*netiftest.Simulation, *node, *node, *full) {
	t.Helper()
	sim, network := newSimulation(), &full{}
	a := newNodeOf(t, sim.LAN, 1, func(h *carp.HostConfig) {
		network.Network = h.Network.(*netiftest.Network)
		h.Network = network
		tune(h)
	}, config(timing(1, 0), preempt), func(v *carp.VirtualHostConfig) { v.NoLease = true })
	b := newNode(t, sim.LAN, 2, config(preempt))
	sim.Drive(a.host, a.carp)
	sim.Drive(b.host, b.carp)
	sim.Run(10500 * time.Millisecond)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	return sim, a, b, network
}

// carp_send_ad_error: three failures demote by 240; three successes end that.
func TestSendErrorsDemote(t *testing.T) {
	sim, a, b, network := newFull(t, func(*carp.HostConfig) {})
	sim.Crash(b.host) // else it would take over
	want := func(after time.Duration, demotion int) {
		t.Helper()
		sim.Run(after)
		if s := a.virtual.Status(); s.Demotion != demotion {
			t.Errorf("demoted by %d, want %d; %+v", s.Demotion, demotion, s.Stats)
		}
	}
	network.fails = true
	want(2*time.Second, 0) // at 1 and 2 s
	want(time.Second, 240) // and at 3 s
	if got := a.carp.Demotions(); !slices.Equal(got, []carp.Demotion{{Reason: "send errors: eth0 VHID 42", Weight: 240}}) {
		t.Errorf("demotions %v", got)
	}
	network.fails = false
	interval := time.Second + 240*skew
	want(2*interval, 240)
	want(interval, 0)
	network.fails = true
	want(1500*time.Millisecond, 0)
	network.fails = false
	want(10*time.Second, 0) // one or two are forgotten
	if s := a.virtual.Status().Stats; s.SendErrors != a.carp.Stats().SendErrors || s.SendErrors < 4 {
		t.Errorf("%d times, %d packets", s.SendErrors, a.carp.Stats().SendErrors)
	}
}

// The peer, which hears nothing, takes over. A Backup that is demoted so stays
// Backup until its link has been down.
func TestSendErrorsOfABackup(t *testing.T) {
	sim, a, b, network := newFull(t, func(*carp.HostConfig) {})
	network.fails = true
	sim.Run(10 * time.Second)
	network.fails = false
	sim.Run(time.Minute)
	wantStates(t, []*node{a, b}, carp.Backup, carp.Master)
	if s := a.virtual.Status(); s.Rank.AdvSkew != 240 {
		t.Errorf("%+v", s)
	}
	_ = a.host.SetLink("eth0", false)
	sim.Run(time.Second)
	_ = a.host.SetLink("eth0", true)
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
}

// A peer that isn't there is no failure of this host.
func TestSendErrorsForWantOfAPeer(t *testing.T) {
	for _, why := range []error{syscall.EHOSTDOWN, syscall.EHOSTUNREACH} {
		sim, a, b, network := newFull(t, func(*carp.HostConfig) {})
		sim.Crash(b.host)
		network.fails, network.why = true, fmt.Errorf("netif: eth0: send: %w", why)
		sim.Run(10 * time.Second)
		if s := a.virtual.Status(); s.Demotion != 0 || s.Stats.SendErrors != 0 || a.carp.Stats().SendErrors != 10 {
			t.Errorf("%v: %+v", why, s)
		}
	}
}

func TestSendErrorsWithoutDemotion(t *testing.T) {
	sim, a, b, network := newFull(t, func(h *carp.HostConfig) { h.SendErrorDemotion = -1 })
	sim.Crash(b.host)
	network.fails = true
	sim.Run(4 * time.Second)
	if s := a.virtual.Status(); s.Demotion != 0 || s.Stats.SendErrors != 4 {
		t.Errorf("%+v", s)
	}
}

// What a demotion makes a Master say is sent in the same turn.
func TestDemotionIsToldAtOnce(t *testing.T) {
	sim, a, b, network := newFull(t, func(*carp.HostConfig) {})
	second, err := a.carp.Add(carp.VirtualHostConfig{Link: "eth0", Config: config(timing(1, 0), func(c *carp.Config) { c.VHID, c.Addresses = 7, prefixes("2001:db8::7/64") })})
	if err != nil {
		t.Fatal(err)
	}
	sim.Crash(b.host)
	sim.Run(10 * time.Second)
	network.fails = true
	var told time.Time
	sim.Tap(func(p netiftest.Packet) {
		if told.IsZero() && p.Payload[1] == 7 && p.Payload[2] == 240 {
			told = p.At
		}
	})
	sim.Run(10 * time.Second)
	if want := epoch.Add(23 * time.Second); !told.Equal(want) || second.Status().State != carp.Master {
		t.Errorf("told at %v, want %v", told, want)
	}
}
