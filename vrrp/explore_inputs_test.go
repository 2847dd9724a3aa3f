// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// ownInput is an input of the protocol's own.
type ownInput struct {
	line string // for a transcript; SELF stands for the router's address
	do   func(*explorer, time.Time) ([]vrrp.Action, error)
}

// text is the line for one router.
func (o ownInput) text(s *seat) string { return strings.ReplaceAll(o.line, "SELF", s.src.String()) }

// operator is what a person or a tracker asks of a router, and a runtime that
// says it slept when it didn't.
func operator(version vrrp.Version) []ownInput {
	list := []ownInput{
		{"resign", func(e *explorer, now time.Time) ([]vrrp.Action, error) { return e.m.Resign(now, 0), nil }},
		{"resign 10s", func(e *explorer, now time.Time) ([]vrrp.Action, error) {
			return e.m.Resign(now, 10*time.Second), nil
		}},
		{"force", func(e *explorer, now time.Time) ([]vrrp.Action, error) { return e.m.Force(now, 0), nil }},
		{"force 2s", func(e *explorer, now time.Time) ([]vrrp.Action, error) {
			return e.m.Force(now, 2*time.Second), nil
		}},
		{"priority to=50", setPriority(lowestPriority)},
		{"priority to=250", setPriority(250)},
		{"reconfigure nopreempt", reconfigure(noPreempt)},
		{"reconfigure preempt prio=150", reconfigure(func(c *vrrp.Config) { c.NoPreempt, c.Priority = false, 150 })},
		{"slept", func(e *explorer, now time.Time) ([]vrrp.Action, error) { return e.m.Slept(now), nil }},
	}
	if version != vrrp.V2 { // whose routers reject each other if their intervals differ
		list = append(list, ownInput{"reconfigure interval=500ms", reconfigure(func(c *vrrp.Config) { c.Interval = 500 * time.Millisecond })})
	}
	return list
}

// lowestPriority is what some operators set.
const lowestPriority = 50

func setPriority(p uint8) func(*explorer, time.Time) ([]vrrp.Action, error) {
	return func(e *explorer, now time.Time) ([]vrrp.Action, error) { return e.m.SetPriority(now, p) }
}

func reconfigure(change func(*vrrp.Config)) func(*explorer, time.Time) ([]vrrp.Action, error) {
	return func(e *explorer, now time.Time) ([]vrrp.Action, error) {
		c := e.m.Config()
		change(&c)
		return e.m.Reconfigure(now, c)
	}
}

// strangeInterval is that of another cluster.
const strangeInterval = 2 * time.Second

// strangers are packets from nobody in the group: the router's own, those of
// another version, of another cluster with the same identifier, and goodbyes.
func strangers() []ownInput {
	stranger := netip.MustParseAddr("192.0.2.9")
	hear := func(src netip.Addr, change func(*vrrp.Advertisement)) func(*explorer, time.Time) ([]vrrp.Action, error) {
		return func(e *explorer, now time.Time) ([]vrrp.Action, error) {
			c := e.m.Config()
			a := &vrrp.Advertisement{Version: c.Version, VRID: c.VRID, Priority: 150, Interval: c.Interval, Addresses: []netip.Addr{serviceAddress}}
			change(a)
			from := src
			if !from.IsValid() {
				from = e.src
			}
			return e.receive(now, from, a)
		}
	}
	return []ownInput{
		{"receive src=SELF prio=255", hear(netip.Addr{}, func(a *vrrp.Advertisement) { a.Priority = 255 })},
		{"receive src=192.0.2.9 prio=255 version=1", hear(stranger, func(a *vrrp.Advertisement) { a.Priority, a.Version = 255, 1 })},
		{"receive src=192.0.2.9 prio=150 addresses=198.51.100.1/24", hear(stranger, func(a *vrrp.Advertisement) { a.Addresses = addrs("198.51.100.1") })},
		{"receive src=192.0.2.9 prio=255 addresses=198.51.100.1/24", hear(stranger, func(a *vrrp.Advertisement) { a.Priority, a.Addresses = 255, addrs("198.51.100.1") })},
		{"receive src=192.0.2.9 prio=150 interval=2s", hear(stranger, func(a *vrrp.Advertisement) { a.Interval = strangeInterval })},
		{"receive src=192.0.2.9 prio=0", hear(stranger, func(a *vrrp.Advertisement) { a.Priority = 0 })},
	}
}
