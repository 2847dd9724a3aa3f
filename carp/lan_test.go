// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// speaker is a host on the simulated LAN: a machine, or a model of a peer. What it
// returns is what it sends.
type speaker interface {
	addrs() []netip.Addr // each advertisement is sent from all of them
	deadline() (time.Time, bool)
	expire(now time.Time) []carp.Advertisement
	receive(now time.Time, src netip.Addr, adv carp.Advertisement) []carp.Advertisement
	master() bool
}

// event is an advertisement on its way to a host.
type event struct {
	at  time.Time
	src netip.Addr
	to  int
	adv carp.Advertisement
}

// lan simulates hosts on a link, each of which hears the others after the delay.
type lan struct {
	now    time.Time
	hosts  []speaker
	up     []bool
	parted func(a, b int) bool // whether b doesn't hear a
	delay  func() time.Duration
	loss   float64
	rand   *rand.Rand
	queue  []event
	states uint      // of all hosts
	since  time.Time // the last change of one
	watch  func()    // called when something has happened
}

func newLAN(seed uint64, hosts ...speaker) *lan {
	l := &lan{now: epoch, hosts: hosts, up: make([]bool, len(hosts)), rand: rand.New(rand.NewPCG(seed, 42)), since: epoch}
	l.delay = func() time.Duration { return time.Millisecond }
	l.parted = func(int, int) bool { return false }
	l.watch = func() {}
	for i := range l.up {
		l.up[i] = true
	}
	return l
}

// send puts what a host sends on its way.
func (l *lan) send(from int, list []carp.Advertisement) {
	for _, adv := range list {
		for to := range l.hosts {
			for _, src := range l.hosts[from].addrs() {
				if to != from && !l.parted(from, to) && l.rand.Float64() >= l.loss {
					l.queue = append(l.queue, event{l.now.Add(l.delay()), src, to, adv})
				}
			}
		}
	}
	l.note()
	l.watch()
}

// note keeps when a state has changed last.
func (l *lan) note() {
	states := uint(0)
	for i, h := range l.hosts {
		states <<= 2
		if l.up[i] {
			states |= 1
		}
		if h.master() {
			states |= 2
		}
	}
	if states != l.states {
		l.states, l.since = states, l.now
	}
}

// run simulates the time until d from now. What arrives at the same time as a
// timer ends comes first, as the runtime has it.
func (l *lan) run(d time.Duration) {
	end := l.now.Add(d)
	for {
		arrival, arrives := l.arrival()
		host, at := l.timer()
		switch {
		case arrives && !l.queue[arrival].at.After(end) && (host < 0 || !at.Before(l.queue[arrival].at)):
			e := l.queue[arrival]
			l.queue = append(l.queue[:arrival], l.queue[arrival+1:]...)
			l.now = e.at
			if l.up[e.to] {
				l.send(e.to, l.hosts[e.to].receive(l.now, e.src, e.adv))
			}
		case host >= 0 && !at.After(end):
			if at.After(l.now) {
				l.now = at
			}
			l.send(host, l.hosts[host].expire(l.now))
		default:
			l.now = end
			return
		}
	}
}

// arrival returns the next event.
func (l *lan) arrival() (int, bool) {
	next := -1
	for i, e := range l.queue {
		if next < 0 || e.at.Before(l.queue[next].at) {
			next = i
		}
	}
	return next, next >= 0
}

// timer returns the host whose timer ends next, -1 if none runs.
func (l *lan) timer() (host int, at time.Time) {
	host = -1
	for i, h := range l.hosts {
		if t, ok := h.deadline(); ok && l.up[i] && (host < 0 || t.Before(at)) {
			host, at = i, t
		}
	}
	return host, at
}

// masters returns the hosts that are Master.
func (l *lan) masters() []int {
	var list []int
	for i, h := range l.hosts {
		if l.up[i] && h.master() {
			list = append(list, i)
		}
	}
	return list
}

// wantSettled wants one Master, and no change of any state in the last d.
func (l *lan) wantSettled(t *testing.T, what string, d time.Duration) {
	t.Helper()
	if masters := l.masters(); len(masters) != 1 || l.now.Sub(l.since) < d {
		t.Errorf("%s: after %v masters are %v, last change %v ago", what, l.now.Sub(epoch), masters, l.now.Sub(l.since))
	}
}

// host is a machine on the LAN.
type host struct {
	m     *carp.Machine
	local []netip.Addr // the first one decides between equals
	holds map[netip.Prefix]bool
	t     *testing.T
}

func newHost(t *testing.T, local []netip.Addr, start time.Time, change ...func(*carp.Config)) *host {
	m, err := carp.NewMachine(config(change...))
	if err != nil {
		t.Fatal(err)
	}
	h := &host{m: m, local: local, holds: map[netip.Prefix]bool{}, t: t}
	h.do(m.Startup(start, local[0]))
	return h
}

func (h *host) addrs() []netip.Addr         { return h.local }
func (h *host) master() bool                { return h.m.State() == carp.Master }
func (h *host) deadline() (time.Time, bool) { return h.m.Deadline() }

func (h *host) expire(now time.Time) []carp.Advertisement {
	sent := h.do(h.m.Expire(now))
	if at, ok := h.m.Deadline(); ok && !at.After(now) {
		h.t.Fatalf("%v: a deadline %v ago after Expire in state %v", h.local, now.Sub(at), h.m.State())
	}
	return sent
}

func (h *host) receive(now time.Time, src netip.Addr, adv carp.Advertisement) []carp.Advertisement {
	return h.do(h.m.Receive(now, src, &adv))
}

// do carries out actions and returns the advertisements among them.
func (h *host) do(actions []carp.Action) []carp.Advertisement {
	var sent []carp.Advertisement
	for _, a := range actions {
		switch a := a.(type) {
		case carp.SendAdvertisement:
			sent = append(sent, carp.Advertisement{VHID: 42, AdvBase: a.AdvBase, AdvSkew: a.AdvSkew, Demote: a.Demote})
		case carp.AddAddresses:
			for _, p := range a.Addresses {
				h.holds[p] = true
			}
		case carp.RemoveAddresses:
			for _, p := range a.Addresses {
				delete(h.holds, p)
			}
		}
	}
	return sent
}
