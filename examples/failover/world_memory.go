// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// memoryWorld is a virtual LAN in the memory of this process, with a clock of its
// own: what happens in it doesn't depend on how busy the machine is.
type memoryWorld struct {
	reason string // why it isn't the other world
	record *record
	sim    *netiftest.Simulation
	epoch  time.Time
	paced  bool // as slow as life, to be watched
	nodes  [numNodes]memoryNode
	pings  bool
}

// memoryNode is a node in it.
type memoryNode struct {
	host      *netiftest.Host
	addresses *addressList
	router    *vrrp.Router // nil while it doesn't run
	linked    bool         // its host has power, and its interface is up
}

// lanDelay is how long a packet is on its way.
const lanDelay = 50 * time.Microsecond

// newMemoryWorld makes the world. reason says why it is this one.
func newMemoryWorld(r *record, reason string, paced bool) *memoryWorld {
	epoch := time.Unix(0, 0)
	w := &memoryWorld{reason: reason, record: r, epoch: epoch, paced: paced,
		sim: netiftest.NewSimulation(netiftest.Config{Delay: lanDelay}, epoch)}
	for node := range numNodes {
		w.plugIn(node)
	}
	w.sim.Tap(w.overhear)
	return w
}

func (w *memoryWorld) place() string { return "on a virtual LAN in memory, because " + w.reason }

func (w *memoryWorld) powerFailure() string {
	return "its router isn't run any more, its host is gone from the LAN"
}

// plugIn makes the host of a node, fresh from its start.
func (w *memoryWorld) plugIn(node int) {
	n := &w.nodes[node]
	n.addresses = &addressList{}
	n.host = w.sim.Host(name(node), netiftest.Link{Name: link, Addresses: []netip.Prefix{netip.PrefixFrom(source(node), 24)}})
	n.linked = true
}

// overhear notes advertisements.
func (w *memoryWorld) overhear(p netiftest.Packet) {
	header := vrrp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit}
	if priority, ok := advertisedPriority(p.Payload, header); ok {
		w.record.advertised(p.At.Sub(w.epoch), nodeAt(p.Src), priority)
	}
}

func (w *memoryWorld) start(node int) error {
	n := &w.nodes[node]
	router, err := vrrp.NewRouter(vrrp.RouterConfig{
		Network: n.host.Network(),
		Now:     w.sim.Now,
		Trace: vrrp.Trace{Transition: func(_ *vrrp.VirtualRouter, t vrrp.Transition) {
			w.record.moved(t.At.Sub(w.epoch), node, t)
		}},
	})
	if err != nil {
		return err
	}
	if _, err := router.Add(virtualRouter(node, n.addresses)); err != nil {
		return err
	}
	n.router = router
	w.record.started(w.now(), node)
	w.sim.Drive(n.host, steps{w, node, router})
	return nil
}

// steps runs a router step by step, and notes its end.
type steps struct {
	w      *memoryWorld
	node   int
	router *vrrp.Router
}

// Turn is a step.
func (s steps) Turn() (until time.Time, done bool) {
	if until, done = s.router.Turn(); done {
		s.w.nodes[s.node].router = nil
		s.w.record.ended(s.w.now(), s.node)
	}
	return until, done
}

func (w *memoryWorld) stop(node int) error {
	w.nodes[node].router.Stop()
	return nil
}

func (w *memoryWorld) powerOff(node int) error {
	n := &w.nodes[node]
	w.sim.Crash(n.host)
	n.router, n.linked, n.addresses = nil, false, &addressList{}
	w.record.ended(w.now(), node)
	return n.host.SetLink(link, false)
}

func (w *memoryWorld) powerOn(node int) error {
	w.plugIn(node)
	return nil
}

func (w *memoryWorld) setLink(node int, up bool) error {
	n := &w.nodes[node]
	n.linked = up
	return n.host.SetLink(link, up)
}

func (w *memoryWorld) holds(node int) (bool, error) {
	return w.nodes[node].addresses.holds(service()), nil
}

func (w *memoryWorld) ping() (stop func() error) {
	w.pings = true
	w.ask()
	return func() error {
		w.pings = false
		return nil
	}
}

// ask asks for the service address. Neighbours send to the host that announced
// it last; that one answers if it has it, and is there at all.
func (w *memoryWorld) ask() {
	if !w.pings {
		return
	}
	by := nobody
	owner := w.sim.Owner(service().Addr())
	for node := range w.nodes {
		if n := &w.nodes[node]; n.host == owner && n.linked && n.addresses.holds(service()) {
			by = node
		}
	}
	w.record.pinged(w.now(), by)
	w.sim.After(pingInterval, w.ask)
}

func (w *memoryWorld) now() time.Duration { return w.sim.Now().Sub(w.epoch) }

func (w *memoryWorld) pass(ctx context.Context, d time.Duration) error {
	w.sim.Run(d)
	if w.paced {
		return sleep(ctx, d)
	}
	return ctx.Err()
}

func (w *memoryWorld) close() error {
	for node := range w.nodes {
		if w.nodes[node].router != nil {
			_ = w.stop(node)
		}
	}
	w.sim.Run(time.Second)
	return nil
}

// sleep waits, unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// addressList is a backend that only remembers.
type addressList struct{ addrs []netip.Prefix }

// Add adds the addresses that aren't there.
func (l *addressList) Add(_ context.Context, addrs []netip.Prefix) error {
	for _, p := range addrs {
		if !l.holds(p) {
			l.addrs = append(l.addrs, p)
		}
	}
	return nil
}

// Remove removes the addresses that are there.
func (l *addressList) Remove(_ context.Context, addrs []netip.Prefix) error {
	l.addrs = slices.DeleteFunc(l.addrs, func(p netip.Prefix) bool { return slices.Contains(addrs, p) })
	return nil
}

func (l *addressList) holds(p netip.Prefix) bool { return slices.Contains(l.addrs, p) }
